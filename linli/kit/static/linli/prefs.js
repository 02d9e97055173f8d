// Type size and theme change at once; the form's own address keeps the choice. Without script the form is simply sent.
const root = document.documentElement;

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-prefs]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  const what = form.dataset.prefs;
  const on = button.getAttribute("aria-pressed") !== "true";
  const value = on ? button.dataset.on : button.dataset.off;
  root.dataset[what] = value;
  for (const twin of document.querySelectorAll(`form[data-prefs="${what}"] button`)) {
    twin.setAttribute("aria-pressed", String(on));
    twin.value = on ? twin.dataset.off : twin.dataset.on;
  }
  const body = new URLSearchParams({ [what]: value });
  fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => form.submit());
});
