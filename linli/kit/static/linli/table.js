// Keyboard first: j and k move, x selects, b goes to what is done with all that is selected, Enter opens, Escape lets
// go, / goes to the search. The bulk bar shows with the count. Rows are <tr data-row>; the bar is [data-bulk] with a
// [data-count]; boxes are input[name=pick].
const typing = (el) => el.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open], .maplibregl-map");
const rows = () => [...document.querySelectorAll(".table tr[data-row]")];
let at = -1;

function move(step) {
  const all = rows();
  if (!all.length) return;
  if (at < 0) at = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  at = Math.min(all.length - 1, Math.max(0, at + step));
  all.forEach((row, n) => row.toggleAttribute("data-at", n === at));
  const link = all[at].querySelector("td a");
  link?.focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

function tally() {
  const boxes = [...document.querySelectorAll('input[name="pick"]')];
  const count = boxes.filter((box) => box.checked).length;
  const bar = document.querySelector("[data-bulk]");
  if (bar) {
    bar.hidden = !count;
    bar.querySelector("[data-count]").textContent = bar.dataset.words.replace("%d", count);
  }
  const all = document.querySelector("[data-pick-all]");
  if (all) {
    all.checked = boxes.length > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) {
    document.querySelectorAll('input[name="pick"]').forEach((box) => { box.checked = event.target.checked; });
  }
  if (event.target.matches('[data-pick-all], input[name="pick"]')) tally();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pick-none]")) return;
  document.querySelectorAll('input[name="pick"]').forEach((box) => { box.checked = false; });
  tally();
});

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => rows()[at]?.querySelector('input[name="pick"]')?.click(),
  b: () => document.querySelector("[data-bulk]:not([hidden]) button")?.focus(),
  "/": () => document.querySelector('input[type="search"]')?.focus(),
  "?": () => document.querySelector("dialog#keys:not([open])")?.showModal(),
  Escape: () => document.querySelector("#side [data-close-side]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "Enter" && at >= 0 && event.target === document.body) {
    rows()[at]?.querySelector("td a")?.click();
    return;
  }
  // A key printed on a button of the open matter (<button data-key="a">), beside the list or on a page of its own,
  // presses it; the list's own keys come first.
  const act = KEYS[event.key] || (() => document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click());
  if (KEYS[event.key] && event.key !== "Escape") event.preventDefault();
  act();
});

document.addEventListener("htmx:afterSettle", tally);
tally();
