// The notebook on the phone: keeps pages for when there is no network, sends acts at once or later, and says which.
import { all, drop, get, keep, kept, newKey, put } from "./store.js";
import { flush, words } from "./sending.js";
import { say } from "../linli/toast.js";

const me = document.querySelector("[data-notebook]");
const who = me?.dataset.who ?? "";
const PAGES = "linli-kept-pages";

// Somebody else at this phone must not read what the last one had open.
async function own() {
  const before = await kept("who");
  if (!who || before === who) return;
  if (before && "caches" in window) await caches.delete(PAGES);
  await keep("who", who);
}

// A script that a weak signal cut short is asked for again, each time after a longer rest; the next page asks anyway.
function enrol(tries, rest = 2000) {
  navigator.serviceWorker.register(me.dataset.worker, { scope: "/field/" })
    .catch(() => { if (tries) setTimeout(() => enrol(tries - 1, rest * 2), rest); });
}

function worker() {
  if (!("serviceWorker" in navigator) || !who) return;
  enrol(5);
  if (!navigator.onLine || navigator.connection?.saveData) return;
  if (location.pathname !== "/field/") return hold();
  const last = Number(sessionStorage.getItem("linli.kept") ?? 0);
  if (Date.now() - last < 5 * 60000) return;
  sessionStorage.setItem("linli.kept", String(Date.now()));
  const near = [...document.querySelectorAll("[data-card] h3 a")].slice(0, 8).map((link) => link.pathname);
  const doors = [...document.querySelectorAll("[data-keep] a")].slice(0, 20).map((link) => link.pathname);
  keepPages([...near, ...doors]);
}

// Whoever came straight to another page has the list kept too, asked for until it is there.
async function hold() {
  if ("caches" in window && !await (await caches.open(PAGES)).match("/field/", { ignoreVary: true })) keepPages([]);
}

function keepPages(more) {
  navigator.serviceWorker.ready.then((made) => {
    made.active?.postMessage({ keep: ["/field/", "/field/rounds/", "/field/waiting/", ...more] });
  });
}

// What the server has is not kept here for longer than a day; a sitting stays while something of it waits.
async function tidy() {
  const items = await all();
  const needed = new Set([await kept("round"), ...items.filter((one) => one.state !== "sent").map((one) => one.round)]);
  for (const one of items) {
    const old = one.state === "sent" && Date.now() - (one.sent ?? one.at) > 24 * 3600 * 1000;
    if (old && !needed.has(one.key) && !needed.has(one.round)) await drop(one.key);
  }
}

// ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────────
let serial = 0;

async function act(name, number, version, text, shots = []) {
  const body = { ...(version ? { version: Number(version) } : {}), ...(text ? { text } : {}) };
  const before = (await all()).some((one) => one.number === number && one.state === "waiting");
  if (before) delete body.version; // on top of one's own, which gets its version when that one is through
  const item = { key: newKey(), who, kind: "act", act: name, number, url: `/api/v1/matters/${number}/${name}`, body, text: text ?? "", shots, ids: [], at: Date.now(), serial: serial++, state: "waiting" };
  await put(item);
  await flush();
  const now = await get(item.key);
  if (now.state === "sent") {
    sessionStorage.setItem("linli.said", `${number}　${words[`done${name[0].toUpperCase()}${name.slice(1)}`]}`);
    await drop(item.key);
    return location.reload();
  }
  if (now.state === "waiting") say(`${number}　${words.kept}`);
  return show();
}

const quick = document.getElementById("quick");
let asked = null;
let shot = null;

function ask(link) {
  asked = link.dataset;
  shot = null;
  const head = quick.querySelector("h2");
  head.textContent = head.dataset[asked.quick];
  for (const one of quick.querySelectorAll("[data-phrases]")) one.hidden = one.dataset.phrases !== asked.quick;
  quick.querySelector("[data-quick-photo]").hidden = asked.quick !== "progress";
  quick.querySelector("[data-quick-shot]").textContent = "";
  quick.showModal();
}

if (quick) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-quick]");
    if (link) { event.preventDefault(); ask(link); }
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) done(phrase.textContent);
  });
  const form = quick.querySelector("[data-quick-form]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.elements.text.value.trim();
    if (text) done(text); else form.elements.text.focus();
  });
  quick.querySelector("#quick-shot").addEventListener("change", (event) => {
    shot = event.target.files[0] ?? null;
    quick.querySelector("[data-quick-shot]").textContent = shot ? words.photo : "";
    event.target.value = "";
  });
}

function done(text) {
  quick.close();
  quick.querySelector("form").reset();
  act(asked.quick, asked.number, asked.version, text, shot ? [shot] : []);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-queue]");
  if (!form) return;
  event.preventDefault();
  act(form.dataset.queue, form.dataset.number, form.elements.version.value, "");
});

// ── what has not been sent ──────────────────────────────────────────────────────────────────────────────────────
const element = (tag, text, cls = "") => Object.assign(document.createElement(tag), { textContent: text, className: cls });

function button(text, run) {
  const made = element("button", text, "btn sm");
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

const named = (item) => (item.kind === "act" ? `${item.number}　${words[`act${item.act[0].toUpperCase()}${item.act.slice(1)}`]}` : item.kind === "said" ? words.said : item.kind === "end" ? words.end : item.kind === "opinion" ? words.opinion : words.round);

/** One item with its words, its state and what can be done about it. */
function row(item) {
  const made = element("li", "", "fd-unsent");
  const top = element("div", "", "between");
  top.append(element("b", named(item)), element("span", words[item.state], `chip ${item.state === "refused" ? "t-over" : "t-soon"}`));
  made.append(top);
  if (item.text) made.append(element("p", item.text, "quoted"));
  if (item.error) made.append(element("p", item.error, item.state === "refused" ? "t-over" : "cap"));
  const btns = element("div", "", "btns");
  if (item.state === "refused") btns.append(button(words.again, () => again(item)));
  btns.append(button(item.state === "refused" ? words.drop : words.back, () => drop(item.key)));
  if (item.kind === "act") {
    const see = element("a", words.see, "btn sm");
    see.href = `/field/m/${item.number}/`;
    btns.append(see);
  }
  made.append(btns);
  return made;
}

// Sent anew it is a new act under a new key, judged against the matter as it is now: the version is left out.
async function again(item) {
  const body = { ...item.body };
  delete body.version;
  await drop(item.key);
  await put({ ...item, key: newKey(), body, state: "waiting", error: "", looked: true });
  flush();
}

async function show() {
  const open = (await all()).filter((item) => item.who === who && item.state !== "sent");
  const badge = document.querySelector("a[data-waiting]");
  if (badge) {
    badge.hidden = !open.length;
    badge.querySelector("[data-waiting-count]").textContent = words.count.replace("%d", open.length);
  }
  for (const card of document.querySelectorAll("[data-card]")) mark(card, open.filter((item) => item.number === card.dataset.card));
  const here = document.querySelector("[data-unsent-of]");
  if (here) list(here, open.filter((item) => item.number === here.dataset.unsentOf));
  const out = document.querySelector("[data-out]");
  if (out) {
    out.replaceChildren(...open.map(row));
    document.querySelector("[data-out-none]").hidden = open.length > 0;
  }
}

function list(box, items) {
  box.hidden = !items.length;
  const made = element("ol", "", "fd-out");
  made.append(...items.map(row));
  box.replaceChildren(made);
}

function mark(card, items) {
  card.querySelector(".fd-mark")?.remove();
  if (!items.length) return;
  const bad = items.find((item) => item.state === "refused");
  card.querySelector("h3").after(element("p", bad ? `${words.refused}　${bad.error}` : words.waiting, `fd-mark ${bad ? "t-over" : "t-soon"}`));
}

document.querySelector("[data-out-send]")?.addEventListener("click", () => flush());
addEventListener("linli:outbox", show);
addEventListener("online", () => flush());
document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
setInterval(async () => { if ((await all()).some((item) => item.state === "waiting")) flush(); }, 60000);
const said = sessionStorage.getItem("linli.said");
if (said) { sessionStorage.removeItem("linli.said"); say(said); }
own().then(() => { worker(); show(); flush(); tidy(); });
