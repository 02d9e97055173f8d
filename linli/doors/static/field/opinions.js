// 逐户征求意见 on the phone: tap a door, write what is said or press one of three, hand over the slip. With or without a
// network: what is written lies on the phone first and is sent under its own key, so that twice is once.
import { all, change, get, newKey, put } from "./store.js";
import { flush, words } from "./sending.js";
import { say } from "../linli/toast.js";

const DAY = 24 * 3600 * 1000;
const who = document.querySelector("[data-notebook]")?.dataset.who ?? "";
const named = document.getElementById("op-words").dataset;
const box = document.querySelector("[data-opinion-ask]");
const form = document.querySelector("form[data-opinion]");
const slip = document.getElementById("op-slip");
const label = document.querySelector("[data-opinion-label]");
const element = (tag, text, cls = "") => Object.assign(document.createElement(tag), { textContent: text, className: cls });
const doorOf = (id) => document.querySelector(`[data-door="${id}"]`);
let serial = 0;
let handing = "";

function choose(link) {
  document.querySelector("[data-door][aria-current]")?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  form.elements.dwelling.value = link.dataset.door;
  label.textContent = link.dataset.label;
  box.hidden = false;
  box.scrollIntoView({ block: "start" });
  form.elements.text.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-door]");
  if (link) { event.preventDefault(); choose(link); }
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const from = form.elements;
  const outcome = event.submitter?.value || "spoke";
  const text = from.text.value.trim();
  if (outcome === "spoke" && !text) { from.text.focus(); say(words.empty); return; }
  const door = from.dwelling.value;
  const body = { building: form.dataset.building, outcome, at: new Date().toISOString() };
  if (door) body.dwelling = door;
  if (outcome === "spoke") {
    Object.assign(body, { text, name: from.name.value.trim(), helper: from.helper.value.trim(), quiet: from.quiet.checked });
    const question = form.querySelector("[name=question]:checked");
    if (question) body.question = Number(question.value);
  }
  const shown = door ? label.textContent : named.one;
  const item = {
    key: newKey(), who, kind: "opinion", place: form.dataset.building, door, shown, outcome, url: form.dataset.url, body,
    text: `${shown}　${text || named[outcome]}`, shots: [], ids: [], at: Date.now(), serial: serial++, state: "waiting",
  };
  await put(item); // on the phone first: from here on nothing is lost
  form.reset();
  if (door) mark(door, outcome);
  await flush();
  const now = await get(item.key);
  if (now?.receipt) await hand(now);
  else say(now?.state === "sent" ? `${shown}　${named[outcome]}` : words[now?.state === "refused" ? "refused" : "kept"]);
});

function mark(door, outcome) {
  const link = doorOf(door);
  if (!link || link.dataset.outcome === "spoke") return;
  link.dataset.outcome = outcome;
  link.querySelector("span").textContent = named[outcome];
}

// ── the slip ────────────────────────────────────────────────────────────────────────────────────────────────────
async function hand(item) {
  handing = item.key;
  const image = slip.querySelector("[data-op-qr]");
  slip.querySelector("[data-op-code]").textContent = item.receipt.replaceAll("-", " ");
  image.hidden = true;
  slip.showModal();
  const asked = new FormData();
  asked.append("receipt", item.receipt);
  const token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
  try {
    const answer = await fetch(form.dataset.slip, { method: "POST", body: asked, headers: { "X-CSRFToken": token } });
    if (!answer.ok) return;
    const qr = (await answer.text()).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`;
    image.hidden = false;
  } catch { /* the code in letters does as well */ }
}

// Handed over, the receipt leaves this phone, and the words with it: they belong to who spoke.
const given = (key) => change(key, (one) => ({ ...one, receipt: "", given: true, text: one.shown, body: {} }));
slip.querySelector("[data-op-given]").addEventListener("click", async () => {
  slip.close();
  if (handing) await given(handing);
});

// ── what was written here ───────────────────────────────────────────────────────────────────────────────────────
async function show() {
  const mine = (await all()).filter((one) => one.kind === "opinion" && one.who === who && one.place === form.dataset.building);
  for (const one of mine) if (one.state === "waiting" && one.door) mark(one.door, one.outcome);
  const out = document.querySelector("[data-opinion-out]");
  out.hidden = !mine.length;
  document.querySelector("[data-opinion-list]").replaceChildren(...mine.toReversed().map(row));
}

function row(item) {
  const made = element("li", "", "fd-unsent");
  const top = element("div", "", "between");
  top.append(element("b", item.text), element("span", words[item.state], { sent: "t-ok", waiting: "t-soon", refused: "t-over" }[item.state]));
  made.append(top);
  if (item.receipt) {
    const see = element("button", words.slip, "btn sm");
    see.type = "button";
    see.addEventListener("click", async () => hand(await get(item.key)));
    made.append(see);
  } else if (item.given) made.append(element("span", words.given, "cap"));
  if (item.error) made.append(element("p", item.error, "t-over"));
  return made;
}

addEventListener("linli:outbox", show);
for (const item of await all()) {
  if (item.kind === "opinion" && item.receipt && Date.now() - (item.sent ?? item.at) > DAY) await given(item.key);
}
await show();
