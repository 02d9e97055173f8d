// Small manners of every page: the error summary takes focus, words are read aloud, htmx carries the token.

// The error summary takes the focus, so that a screen reader begins there.
document.querySelector("[data-focus]")?.focus();

// On a phone the navigation of desk and gazette is a strip: where one is stays in sight.
const here = document.querySelector(":is(.rail nav, .mast-nav) [aria-current]");
const strip = here?.closest("nav");
if (strip && strip.scrollWidth > strip.clientWidth) {
  strip.scrollLeft += here.getBoundingClientRect().left - strip.getBoundingClientRect().left - strip.clientWidth / 3;
}

// What folds on a phone stands open on a desk, in browsers too that cannot be told so by the style sheet.
const wide = matchMedia("(min-width: 821px)");
const unfold = () => { if (wide.matches) document.querySelectorAll("[data-fold]").forEach((one) => { one.open = true; }); };
wide.addEventListener("change", unfold);
unfold();

// Back from a page that says what went wrong, to the form as it was left; a link alone would open it anew.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-back]");
  if (!link || history.length < 2 || document.referrer !== link.href) return;
  event.preventDefault();
  history.back();
});

const voice = window.speechSynthesis;
if (voice) {
  document.querySelectorAll("[data-say]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-say]");
    if (!button) return;
    voice.cancel();
    const words = new SpeechSynthesisUtterance(button.dataset.say);
    words.lang = document.documentElement.lang === "en" ? "en" : "zh-CN";
    words.rate = 0.85;
    voice.speak(words);
  });
}

// htmx sends the token that the page's own forms carry.
document.addEventListener("htmx:configRequest", (event) => {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  const near = event.target.closest?.("form")?.querySelector('[name="csrfmiddlewaretoken"]');
  const token = near ? near.value : cookie ? decodeURIComponent(cookie[1]) : "";
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

// What was ticked while a search was on its way stays ticked when its answer comes, though it be no hit.
document.addEventListener("htmx:beforeSwap", (event) => {
  const box = event.detail.target;
  if (!box.matches?.(".finder .choices")) return;
  const rows = [...box.querySelectorAll("input:checked")].map((one) => one.closest("label").parentElement);
  box.addEventListener("htmx:afterSwap", () => rows.forEach((row) => {
    const ticked = row.querySelector("input");
    const same = [...box.querySelectorAll("input")].find((one) => one.value === ticked.value);
    if (same) { same.checked = true; return; }
    ticked.removeAttribute("id");
    row.querySelector("label").removeAttribute("for");
    box.firstElementChild?.prepend(row);
  }), { once: true });
});

// Signing out: pages kept for reading without a network are nobody's to read any more. What was not sent yet stays.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/logout/" || !("caches" in window)) return;
  caches.delete("linli-kept-pages");
});

// A receipt that is held in the hand is copied with one tap.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.querySelector("span").textContent = button.dataset.done;
    });
  }
}

const offline = document.querySelector("[data-offline]");
if (offline) {
  const look = () => { offline.hidden = navigator.onLine; };
  addEventListener("online", look);
  addEventListener("offline", look);
  look();
}
