// 流动说事点 on the phone: sit down, write down one after another, hand each a slip, pack up. With or without a network.
import { all, change, get, keep, kept, newKey, put } from "./store.js";
import { flush, words } from "./sending.js";

const DAY = 24 * 3600 * 1000;
const pick = (name) => document.querySelector(`[data-${name}]`);
const who = pick("notebook")?.dataset.who ?? "";
const live = pick("round-live");
const startForm = pick("start-form");
const sayForm = pick("say-form");
const slip = document.getElementById("slip");
let round = null;
let shot = null;
let serial = 0;

// ── sitting down ────────────────────────────────────────────────────────────────────────────────────────────────
startForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { channel, place, spot } = startForm.elements;
  if (!place.value) { place.focus(); place.setCustomValidity(words.choose); place.reportValidity(); place.setCustomValidity(""); return; }
  const way = startForm.querySelector("[name=channel]:checked")?.closest("label")?.textContent.trim() ?? "";
  const name = spot.value.trim() || place.selectedOptions[0].textContent;
  const body = { channel: channel.value, place: place.value, spot: spot.value.trim(), started_at: new Date().toISOString() };
  const item = await put({ key: newKey(), who, kind: "round", url: "/api/v1/rounds", body, text: name, name, way, at: Date.now(), serial: serial++, state: "waiting" });
  await keep("round", item.key);
  await open(item);
  flush();
});

async function open(item) {
  round = item;
  pick("round-start").hidden = true;
  live.hidden = false;
  pick("start-button").hidden = true;
  pick("say-button").hidden = false;
  pick("live-name").textContent = item.name;
  pick("live-way").textContent = `${item.way}　${new Date(item.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" })}`;
  await list();
  sayForm.elements.text.focus();
}

// ── one who speaks ──────────────────────────────────────────────────────────────────────────────────────────────
sayForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const from = sayForm.elements;
  const wrong = pick("say-wrong");
  const text = from.text.value.trim();
  wrong.hidden = Boolean(text);
  if (!text) { wrong.textContent = words.empty; from.text.focus(); return; }
  const body = { kind: from.kind.value, text, said_at: new Date().toISOString() };
  if (from.place.value) body.place = from.place.value;
  if (from.door.value.trim()) { body.door = from.door.value.trim(); delete body.place; }
  if (from.name.value.trim() || from.phone.value.trim()) body.contact = { name: from.name.value.trim(), phone: from.phone.value.trim() };
  if (from.confidential.checked) body.confidential = true;
  const item = { key: newKey(), who, kind: "said", round: round.key, url: "/api/v1/rounds/{round}/matters", body, text, shots: shot ? [shot] : [], ids: [], at: Date.now(), serial: serial++, state: "waiting" };
  await put(item); // on the phone first: from here on nothing is lost
  sayForm.reset();
  shot = null;
  pick("say-shot").textContent = "";
  await flush();
  const now = await get(item.key);
  if (now?.receipt) await hand(now); else from.text.focus();
});

pick("say-form").querySelector("#say-shot").addEventListener("change", (event) => {
  shot = event.target.files[0] ?? null;
  pick("say-shot").textContent = shot ? words.photo : "";
  event.target.value = "";
});

// ── the slip ────────────────────────────────────────────────────────────────────────────────────────────────────
let handing = null;
const fours = (code) => code.replaceAll("-", " ");

async function drawn(item) {
  if (item.qr) return item.qr;
  const form = new FormData();
  form.append("receipt", item.receipt);
  const token = document.querySelector('[name="csrfmiddlewaretoken"]').value;
  try {
    const answer = await fetch(live.dataset.slip, { method: "POST", body: form, headers: { "X-CSRFToken": token } });
    if (!answer.ok) return "";
    // As a picture it needs its own name space; inside a page it would not.
    const qr = (await answer.text()).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
    await change(item.key, (one) => (one.receipt ? { ...one, qr } : one)); // handed over meanwhile: nothing is kept
    return qr;
  } catch { return ""; }
}

async function hand(item) {
  handing = item.key;
  const image = slip.querySelector("[data-slip-qr]");
  slip.querySelector("[data-slip-code]").textContent = fours(item.receipt);
  slip.querySelector("[data-slip-number]").textContent = item.number;
  slip.querySelector("[data-slip-title]").textContent = item.text.slice(0, 40);
  image.hidden = true;
  slip.showModal();
  const qr = await drawn(item);
  if (!qr) return;
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`;
  image.hidden = false;
}

// Handed over, the receipt leaves this phone: it belongs to who spoke.
const given = (key) => change(key, (one) => ({ ...one, receipt: "", qr: "", given: true }));
slip.querySelector("[data-slip-given]").addEventListener("click", async () => {
  slip.close();
  if (handing) await given(handing);
  sayForm.elements.text.focus();
});

// ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────
const said = async () => (await all()).filter((item) => item.kind === "said" && item.round === round?.key);
const element = (tag, text, cls = "") => Object.assign(document.createElement(tag), { textContent: text, className: cls });

async function list() {
  if (!round) return;
  const items = await said();
  pick("live-count").textContent = words.all.replace("%d", items.length);
  pick("live-none").hidden = items.length > 0;
  pick("live-list").replaceChildren(...items.toReversed().map(row));
}

function row(item) {
  const made = element("li", "");
  const top = element("div", "", "between");
  const state = item.state === "sent" ? `${words.sent}　${item.number}` : words[item.state];
  top.append(element("b", state, { sent: "t-ok", waiting: "t-soon", refused: "t-over" }[item.state]));
  if (item.receipt) {
    const show = element("button", words.slip, "btn sm");
    show.type = "button";
    show.addEventListener("click", async () => hand(await get(item.key)));
    top.append(show);
  } else if (item.given) top.append(element("span", words.given, "cap"));
  made.append(top, element("p", item.text));
  if (item.error) made.append(element("p", item.error, "t-over"));
  return made;
}

// ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────
pick("live-send").addEventListener("click", () => flush());

pick("live-print").addEventListener("click", async () => {
  const items = (await said()).filter((item) => item.number);
  const slips = await Promise.all(items.map(async (item) => {
    const box = element("div", "", "fd-slip");
    box.append(element("p", item.text));
    const qr = item.receipt ? await drawn(item) : "";
    if (qr) {
      const image = element("img", "", "qr");
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`;
      image.alt = "";
      box.append(image);
    }
    if (item.receipt) box.append(element("p", fours(item.receipt), "code"));
    box.append(element("p", item.number, "cap"));
    return box;
  }));
  pick("print-list").replaceChildren(element("h1", `${round.name}　${round.way}`), ...slips);
  await Promise.all([...pick("print-list").querySelectorAll("img")].map((image) => image.decode().catch(() => {})));
  print();
});

const share = pick("live-share");
share.hidden = !navigator.share;
share.addEventListener("click", async () => {
  const items = (await said()).filter((item) => item.number);
  // Numbers and words, never receipts: a list goes to many.
  const text = items.map((item) => `${item.number} ${item.text.slice(0, 30)}`).join("\n");
  navigator.share({ title: words.share.replace("%d", items.length), text }).catch(() => {});
});

pick("live-end").addEventListener("click", async () => {
  if (!confirm(words.endAsk)) return;
  await put({ key: newKey(), who, kind: "end", round: round.key, url: "/api/v1/rounds/{round}/end", body: { ended_at: new Date().toISOString() }, text: round.name, at: Date.now(), serial: serial++, state: "waiting" });
  await keep("round", null);
  await flush();
  const now = await get(round.key);
  location.assign(now.id && navigator.onLine ? `/field/rounds/${now.id}/` : "/field/rounds/");
});

// ── speaking instead of typing, where the browser can; the keyboard's own microphone works everywhere ─────────────
const Hearing = window.SpeechRecognition || window.webkitSpeechRecognition;
const dictate = pick("dictate");
if (Hearing && dictate.dataset.cloud !== "no") {
  const ear = new Hearing();
  const word = pick("dictate-word");
  const off = word.textContent;
  let on = false;
  ear.lang = "zh-CN";
  ear.continuous = true;
  // Only where the phone itself understands speech: nobody's words go to a service that Linli does not know.
  if ("processLocally" in ear) { ear.processLocally = true; dictate.hidden = false; }
  ear.onresult = (event) => { for (let n = event.resultIndex; n < event.results.length; n += 1) if (event.results[n].isFinal) sayForm.elements.text.value += event.results[n][0].transcript; };
  ear.onend = () => { on = false; word.textContent = off; };
  ear.onerror = ear.onend;
  dictate.addEventListener("click", () => {
    if (on) { ear.stop(); return; }
    on = true;
    word.textContent = word.dataset.on;
    try { ear.start(); } catch { ear.onend(); }
  });
}

addEventListener("linli:outbox", list);

// A reload, a dead battery, a closed browser: the sitting goes on where it was. Receipts nobody fetched leave after a day.
for (const item of await all()) {
  if (item.receipt && Date.now() - (item.sent ?? item.at) > DAY) await given(item.key);
}
const going = await kept("round");
const item = going ? await get(going) : null;
if (item && item.who === who) await open(item);
