// <form data-draft="name"> keeps what is typed on this machine until it is sent. Passwords, hidden fields and files are
// never kept, nor is anything under [data-no-draft] (a name, a phone number). A draft older than a week is dropped.
const WEEK = 7 * 24 * 3600 * 1000;
const keyOf = (form) => `linli.draft.${form.dataset.draft}`;

const fields = (form) => [...form.elements].filter((el) =>
  el.name && !["hidden", "password", "file", "submit", "button"].includes(el.type) && !el.closest("[data-no-draft]"));

function keep(form) {
  const values = fields(form)
    .filter((el) => !["checkbox", "radio"].includes(el.type) || el.checked)
    .map((el) => [el.name, el.value]);
  try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values })); } catch { /* no room: typing goes on */ }
}

function bring(form) {
  let draft;
  try { draft = JSON.parse(localStorage.getItem(keyOf(form)) || "null"); } catch { draft = null; }
  if (!draft || Date.now() - draft.at > WEEK) return forget(keyOf(form));
  for (const el of fields(form)) {
    const mine = draft.values.filter(([name]) => name === el.name).map(([, value]) => value);
    if (!mine.length) continue;
    if (["checkbox", "radio"].includes(el.type)) el.checked = mine.includes(el.value);
    else if (!el.value) el.value = mine[0];
  }
}

// With the draft goes what other modules keep beside it, under its name and a dot: photos sent, the place.
function forget(key) {
  try {
    for (const name of Object.keys(localStorage)) if (name === key || name.startsWith(`${key}.`)) localStorage.removeItem(name);
  } catch { /* storage is closed: nothing was kept */ }
}

function mind(form) {
  if (form.dataset.minded) return;
  form.dataset.minded = "1";
  if (!form.querySelector(".bad")) bring(form);
  let timer = 0;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400, form); });
  form.addEventListener("submit", () => keep(form));
}

document.querySelectorAll("form[data-draft]").forEach(mind);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("form[data-draft]").forEach(mind));
// The page that follows a successful send says which draft is done with.
document.querySelectorAll("[data-draft-sent]").forEach((el) => forget(`linli.draft.${el.dataset.draftSent}`));
