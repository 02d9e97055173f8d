// The desk's own manners: the open row is marked, a slip can be printed, a list that is left open keeps its clocks true.
document.addEventListener("htmx:afterSwap", (event) => {
  const open = event.detail.target.id === "side" && event.detail.target.querySelector("[data-open]")?.dataset.open;
  if (!open) return;
  document.querySelectorAll("tr[data-row]").forEach((row) => {
    const here = row.dataset.number === open;
    row.classList.toggle("sel", here);
    if (here) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  });
  // On a narrow page the open matter covers the list: the keyboard goes with it.
  const side = event.detail.target;
  if (getComputedStyle(side).position === "fixed") side.querySelector("[data-close-side]")?.focus();
});

// Letting go of the open one leaves the list as it stands: what is selected stays selected, the keyboard where it was.
document.addEventListener("click", (event) => {
  const close = event.target.closest("#side [data-close-side]");
  if (!close || event.ctrlKey || event.metaKey || !document.getElementById("q")) return;
  event.preventDefault();
  document.getElementById("side").replaceChildren();
  const row = document.querySelector("tr[data-row][aria-current]");
  row?.classList.remove("sel");
  row?.removeAttribute("aria-current");
  (row || document.querySelector("tr[data-row]"))?.querySelector("td a")?.focus({ preventScroll: true });
  history.replaceState(null, "", close.href);
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// Bringing a stale page back into view loads it anew, unless somebody is in the middle of something.
const BORN = Date.now();
document.addEventListener("visibilitychange", () => {
  const busy = document.querySelector("dialog[open], input[name=pick]:checked") || document.querySelector("form[enctype]");
  if (!document.hidden && Date.now() - BORN > 10 * 60 * 1000 && !busy && document.getElementById("q")) location.reload();
});
