// Links to a <dialog> open it as a modal; menus close on Escape and on a click elsewhere.
// Without script the same links work through :target.
const byHash = (link) => {
  const id = link.hash.slice(1);
  const found = id && document.getElementById(id);
  return found instanceof HTMLDialogElement ? found : null;
};

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hasAttribute("data-close")) {
    event.preventDefault();
    link.closest("dialog")?.close();
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    return;
  }
  const dialog = link && byHash(link);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.target instanceof HTMLDialogElement && outside(event.target, event)) event.target.close();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// The backdrop belongs to the dialog element, so a click on it must be told from one on the dialog by its place.
function outside(dialog, event) {
  if (event.detail === 0) return false;
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A page opened at #dialog shows it as a modal straight away.
const first = location.hash && document.getElementById(location.hash.slice(1));
if (first instanceof HTMLDialogElement) first.showModal();
