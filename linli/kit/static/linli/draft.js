// <form data-draft="name"> keeps what is typed on this machine until it is sent. Passwords, hidden fields and files are
// never kept, nor is anything under [data-no-draft] (a name, a phone number). A draft older than a week is dropped.
//
// A form whose rows the server draws (data-draft-post="again") cannot be filled in here: its hidden fields are kept too,
// a draft is offered in [data-draft-offer], and taking it up posts all of it with that op, which saves nothing. So is a
// draft offered, where there is such a box, that says something else than what stands in the form already.
const WEEK = 7 * 24 * 3600 * 1000;
const LAST = "linli.draft-sent"; // of this tab alone: which form it sent last
const keyOf = (form) => `linli.draft.${form.dataset.draft}`;

const posts = (form) => "draftPost" in form.dataset;
const left = (form) => ["password", "file", "submit", "button", ...(posts(form) ? [] : ["hidden"])];

const fields = (form) => [...form.elements].filter((el) =>
  el.name && el.name !== "csrfmiddlewaretoken" && !left(form).includes(el.type) && !el.closest("[data-no-draft]"));

const valuesOf = (form) => fields(form)
  .filter((el) => !ticks(el) || el.checked)
  .map((el) => [el.name, el.value]);

function keep(form) {
  const values = valuesOf(form);
  try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values })); } catch { /* no room: typing goes on */ }
}

function bring(form) {
  let draft;
  try { draft = JSON.parse(localStorage.getItem(keyOf(form)) || "null"); } catch { draft = null; }
  if (!draft || Date.now() - draft.at > WEEK) return forget(keyOf(form));
  const box = form.querySelector("[data-draft-offer]");
  if (posts(form) || (box && fields(form).some((el) => differs(el, draft.values)))) return offer(form, box, draft.values);
  fill(form, draft.values, (el) => !el.value);
}

const ticks = (el) => ["checkbox", "radio"].includes(el.type);
const mineOf = (el, values) => values.filter(([name]) => name === el.name).map(([, value]) => value);

// Over words that the server wrote nothing is put unasked: where a draft says other words, it is offered.
function differs(el, values) {
  const mine = mineOf(el, values);
  return !ticks(el) && mine.length > 0 && Boolean(el.value) && mine[0] !== el.value;
}

function fill(form, values, wanted) {
  for (const el of fields(form)) {
    const mine = mineOf(el, values);
    if (!mine.length) continue;
    if (ticks(el)) el.checked = mine.includes(el.value);
    else if (wanted(el)) el.value = mine[0];
  }
}

// Nothing is offered where it is what stands there already: a key that the server draws anew is no difference.
function offer(form, box, values) {
  const plain = (rows) => JSON.stringify(rows.filter(([name]) => name !== "retry"));
  if (!box || plain(values) === plain(valuesOf(form))) return;
  box.hidden = false;
  box.querySelector("[data-draft-take]").addEventListener("click", () => take(form, box, values));
  box.querySelector("[data-draft-drop]").addEventListener("click", () => { forget(keyOf(form)); box.hidden = true; });
}

function take(form, box, values) {
  if (posts(form)) return again(form, values);
  fill(form, values, () => true);
  box.hidden = true;
}

function again(form, values) {
  const made = document.createElement("form");
  const token = form.querySelector("[name=csrfmiddlewaretoken]");
  made.method = "post";
  for (const [name, value] of [...values, ["op", form.dataset.draftPost], ["csrfmiddlewaretoken", token?.value ?? ""]]) {
    const el = document.createElement("input");
    Object.assign(el, { type: "hidden", name, value });
    made.append(el);
  }
  document.body.append(made);
  made.submit();
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
  form.addEventListener("submit", () => {
    keep(form);
    try { sessionStorage.setItem(LAST, form.dataset.draft); } catch { /* then the page's own word counts */ }
  });
}

// The page that follows a successful send says which draft is done with; one that follows several forms
// (data-draft-last) means the one that was sent, or words to somebody else would go with it.
function sent(el) {
  let last = "";
  if ("draftLast" in el.dataset) try { last = sessionStorage.getItem(LAST) ?? ""; } catch { /* nothing was kept */ }
  return last || el.dataset.draftSent;
}
document.querySelectorAll("[data-draft-sent]").forEach((el) => forget(`linli.draft.${sent(el)}`));

document.querySelectorAll("form[data-draft]").forEach(mind);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("form[data-draft]").forEach(mind));
