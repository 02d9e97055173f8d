// A toast leaves after six seconds, but never while somebody points at it or has focus in it.
const STAY = 6000;

function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "1";
  let timer = 0;
  const go = () => { timer = setTimeout(() => toast.remove(), STAY); };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
  go();
}

const box = document.getElementById("toasts");
const armAll = () => document.querySelectorAll("[data-toast]").forEach(arm);
armAll();
if (box) new MutationObserver(armAll).observe(document.body, { childList: true, subtree: true });

/** Say something that has just happened, from another module. */
export function say(text) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.toast = "";
  toast.textContent = text;
  document.getElementById("toasts")?.append(toast);
}
