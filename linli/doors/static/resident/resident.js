// Small comforts: how much is written, a printed slip. Everything works without them.

for (const line of document.querySelectorAll("[data-count-for]")) {
  const area = document.getElementById(line.dataset.countFor);
  if (!area) continue;
  const most = Number(area.dataset.most);
  const show = () => {
    const n = [...area.value.trim()].length;
    line.textContent = line.dataset.words.replace("%n", n.toLocaleString("en")).replace("%m", most.toLocaleString("en"));
    line.classList.toggle("near", n > most * 0.9);
    line.classList.toggle("over", n > most);
    if (n > most) line.textContent = line.dataset.over.replace("%n", n.toLocaleString("en")).replace("%x", (n - most).toLocaleString("en"));
    line.hidden = n < most * 0.8;
  };
  area.addEventListener("input", show);
  // A draft comes back after this module has run.
  requestAnimationFrame(show);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
