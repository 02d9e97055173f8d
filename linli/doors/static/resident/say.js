// The form where one says it: where am I, help while one types, and a signal that comes and goes.
// Everything works without: the form is a plain form.
const form = document.querySelector("form[data-say-form]");
const KEEP = "linli.draft.say";
const DAY = 24 * 3600 * 1000;

const store = {
  read(name) {
    try {
      const held = JSON.parse(localStorage.getItem(`${KEEP}.${name}`) || "null");
      return held && Date.now() - held.at < DAY ? held : null;
    } catch { return null; }
  },
  write(name, value) {
    try { localStorage.setItem(`${KEEP}.${name}`, JSON.stringify({ ...value, at: Date.now() })); } catch { /* no room */ }
  },
  drop(name) { try { localStorage.removeItem(`${KEEP}.${name}`); } catch { /* nothing was kept */ } },
};

if (form) begin();

function begin() {
  const note = form.querySelector("[data-wait]");
  const words = note.dataset;
  const button = form.querySelector(".sendbar .primary");
  let waiting = false;
  let timer = 0;
  let pending = null;

  function say(text, tone = "soon") {
    note.textContent = text;
    note.className = `note ${tone}`;
    note.hidden = !text;
  }

  // ── sending ──
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "go" || form.dataset.plain) return;
    event.preventDefault();
    send(event.submitter);
  });

  const photos = () => form.querySelector("[data-upload]")?.dataset ?? {};

  async function send(submitter) {
    clearTimeout(timer);
    pending = null;
    waiting = false;
    if (Number(photos().busy)) {
      waiting = true;
      form.addEventListener("linli:photos", function look() { // two photos tell twice
        if (waiting && Number(photos().busy)) return;
        form.removeEventListener("linli:photos", look);
        if (waiting) send(submitter);
      });
      return say(words.photos);
    }
    if (Number(photos().failed)) {
      if (!navigator.onLine && !Number(photos().refused)) return hold(submitter, words.offline);
      form.querySelector(".shot.failed:not(.note) .again")?.focus();
      return say(words.failed, "over");
    }
    store.write("sent", { key: form.elements.key.value });
    if (!navigator.onLine) return hold(submitter, words.offline);
    button.disabled = true;
    const body = new FormData(form);
    if (submitter?.name) body.append(submitter.name, submitter.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.assign(form.dataset.done);
      if (answer.status === 429 || answer.status >= 500) return hold(submitter, words.busy);
      plainly(submitter); // the form comes back with what is wrong: the browser shows it as it always would
    } catch {
      hold(submitter, words.offline);
    } finally {
      button.disabled = false;
    }
  }

  function plainly(submitter) {
    form.dataset.plain = "1";
    if (submitter?.name) {
      const again = document.createElement("input");
      again.type = "hidden";
      again.name = submitter.name;
      again.value = submitter.value;
      form.append(again);
    }
    form.submit();
  }

  /** Nothing is lost: it waits here, under the same key, and goes when the signal is back. */
  function hold(submitter, text) {
    say(text);
    pending = () => { if (!form.dataset.plain) send(submitter); };
    if (navigator.onLine) timer = setTimeout(() => pending?.(), 15_000);
  }

  // ── what the last visit left ──
  const back = form.dataset.again || form.querySelector(".bad"); // the server has just answered: nothing was left behind
  const sent = back ? null : store.read("sent");
  if (sent && form.elements.text.value.trim()) {
    form.elements.key.value = sent.key; // had it arrived after all, the same key brings the same receipt
    say(words.left);
  }
  const typed = () => Boolean(form.elements.text.value.trim());
  // A draft comes back after this module has run.
  requestAnimationFrame(() => {
    if (sent && note.hidden && typed()) { form.elements.key.value = sent.key; say(words.left); }
    const place = store.read("where");
    if (place && typed() && !("scanned" in form.dataset) && !back) ask(place.values).catch(() => {});
  });

  // ── where ──
  const values = () => [...form.querySelectorAll("#where [name]")].filter((el) => el.name !== "go").map((el) => [el.name, el.value]);

  async function ask(pairs, go = "") {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of pairs) body.append(name, value);
    body.append("go", go || (pairs.find(([name]) => name === "way") ?? ["", "steps"])[1]);
    const answer = await fetch(form.dataset.where, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    document.getElementById("where").outerHTML = await answer.text();
    window.htmx?.process(document.getElementById("where"));
    placed();
  }

  /** It says somewhere else: what neighbours said there is asked for anew. */
  let shown = document.getElementById("where");
  function placed() {
    offer();
    if (typed()) store.write("where", { values: values() });
    if (shown === document.getElementById("where")) return;
    shown = document.getElementById("where");
    look();
  }
  const look = () => { if (typed()) form.elements.text.dispatchEvent(new Event("linli:where")); };

  function offer() {
    const here = form.querySelector("[data-geo]");
    if (!here || !navigator.geolocation || !isSecureContext) return;
    here.hidden = false;
    here.onclick = () => {
      const tell = form.querySelector("[data-geo-note]");
      tell.textContent = here.dataset.looking;
      tell.hidden = false;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => ask([...values().filter(([name]) => !["lon", "lat"].includes(name)), ["lon", coords.longitude], ["lat", coords.latitude]], "here")
          .catch(() => { tell.textContent = here.dataset.offline; }),
        () => { tell.textContent = here.dataset.denied; },
        { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
      );
    };
  }
  offer();
  document.addEventListener("htmx:afterSettle", placed);
  form.addEventListener("change", () => { if (typed()) store.write("where", { values: values() }); });
  form.addEventListener("linli:picked", () => { if (typed()) store.write("where", { values: values() }); look(); });

  addEventListener("offline", () => { if (typed()) say(words.gone); });
  // After the photos, which are told of the signal as well, have set out again.
  addEventListener("online", () => setTimeout(() => { if (pending) pending(); else if (!waiting && note.textContent === words.gone) say(""); }));
}
