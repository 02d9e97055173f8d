// Acts open in one dialog: htmx puts the form into #act-body, this opens it, lets refusals in, and says when the line is
// dead. Without script the same links lead to a page with the same form.
const host = document.getElementById("act-dialog");
const body = document.getElementById("act-body");

function show() {
  if (!host.open) host.showModal();
  const first = body.querySelector("[data-focus]") || body.querySelector("input:not([type=hidden]), textarea, select, button");
  first?.focus();
}

if (host && body) {
  // A refusal (403, 404, 409, 422) is an answer worth reading, and comes as the same fragment.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== body) return;
    if ([403, 404, 409, 422].includes(event.detail.xhr.status) && event.detail.xhr.responseText.includes("act-t")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target === body) show(); });
  const lost = (event) => {
    const note = event.target.closest?.("#act-body")?.querySelector("[data-lost]");
    if (note) note.hidden = false;
  };
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  host.addEventListener("close", () => body.replaceChildren());
}
