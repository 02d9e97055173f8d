// "Count it again here": fetches what is published, counts in this browser, says whether the result is the same.
import { recount, rollHash } from "./recounting.mjs";

for (const box of document.querySelectorAll("[data-recount]")) {
  const button = box.querySelector("button"), out = box.querySelector("[role=status]");
  const texts = JSON.parse(box.dataset.texts), labels = JSON.parse(box.dataset.labels);
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    out.replaceChildren();
    try {
      const answer = await fetch(box.dataset.recount);
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
    } catch {
      say(texts.broken);
    }
    button.disabled = false;
  });

  async function show(data) {
    const found = recount(data), hash = await rollHash(data);
    const same = found.outcome === data.result.outcome;
    say((same ? texts.same : texts.other).replace("%s", texts[found.outcome]), "b");
    say(texts.counted.replace("%(n)s", found.ballots).replace("%(m)s", found.lines));
    const list = document.createElement("ul");
    found.conditions.forEach((c, n) => {
      const item = document.createElement("li");
      item.textContent = `${labels[n]}：${number(c.have, c.of)} / ${number(c.whole, c.of)}　${c.met ? texts.met : texts.unmet}`;
      list.append(item);
    });
    out.append(list);
    say(hash === null ? texts.unhashed : hash === data.roll.hash ? texts.roll : texts.rolled);
  }

  function number(value, of) {
    if (of === "heads") return value.toLocaleString();
    const part = String(value % 100n).padStart(2, "0");
    return `${(value / 100n).toLocaleString()}${part === "00" ? "" : `.${part}`} m²`;
  }

  function say(words, kind = "span") {
    const line = document.createElement("p"), inner = document.createElement(kind);
    inner.textContent = words;
    line.append(inner);
    out.append(line);
  }
}
