// Sending what is kept, in its order, one at a time. Nothing leaves the phone's store before the server has answered.
import { all, get, put, kept } from "./store.js";

const SIX_DAYS = 6 * 24 * 3600 * 1000; // the server remembers keys for seven
const PATIENCE = 15000;
export const words = document.getElementById("fd-words")?.dataset ?? {};
let busy = false;

function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? decodeURIComponent(cookie[1]) : document.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? "";
}

async function ask(url, options) {
  const headers = { "X-CSRFToken": token(), ...options.headers };
  return fetch(url, { credentials: "same-origin", ...options, headers, signal: AbortSignal.timeout(PATIENCE) });
}

/** Send all that waits. Two windows of one phone take turns. */
export async function flush() {
  if (navigator.locks) return navigator.locks.request("linli-field-send", () => run());
  if (busy) return undefined;
  busy = true;
  try { return await run(); } finally { busy = false; }
}

async function run() {
  const who = await kept("who");
  for (const { key } of await all()) {
    const item = await get(key);
    if (!item || item.state !== "waiting" || item.who !== who) continue;
    if (!(await send(item))) return;
  }
}

// True: go on with the next one. False: no network, or the server wants to be asked later.
async function send(item) {
  if (Date.now() - item.at > SIX_DAYS && !item.looked) {
    await put({ ...item, state: "refused", error: words.old });
    return true;
  }
  const url = await address(item);
  if (!url) return true;
  if (!(await pictures(item))) return false;
  const body = item.ids?.length ? { ...item.body, attachments: item.ids } : item.body;
  let answer;
  try {
    answer = await ask(url, {
      method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "Idempotency-Key": item.key },
    });
  } catch { return false; }
  if (answer.ok) return received(item, await answer.json());
  if (answer.status === 429 || answer.status >= 500) return false;
  const told = (await answer.json().catch(() => null))?.error ?? {};
  if (answer.status === 401 || told.code === "csrf") {
    await put({ ...item, error: words.login });
    return false;
  }
  await put({ ...item, state: "refused", error: await because(item, answer.status, told) });
  return true;
}

async function address(item) {
  if (!item.round) return item.url;
  const round = await get(item.round);
  if (round?.id) return item.url.replace("{round}", round.id);
  if (round?.state === "refused") await put({ ...item, state: "refused", error: words.lost });
  return "";
}

// Photos go first and their ids are kept, so that the words are sent with the same ids however often they are sent.
async function pictures(item) {
  while (item.shots?.length) {
    const form = new FormData();
    form.append("file", item.shots[0], "photo.jpg");
    let answer;
    try { answer = await ask("/api/v1/attachments", { method: "POST", body: form }); } catch { return false; }
    if (answer.status === 429 || answer.status >= 500 || answer.status === 401 || answer.status === 403) return false;
    if (answer.ok) item.ids = [...(item.ids ?? []), (await answer.json()).id];
    item.shots = item.shots.slice(1);
    await put(item);
  }
  return true;
}

async function received(item, told) {
  const done = { ...item, state: "sent", error: "", shots: [], sent: Date.now(), number: told.number ?? item.number };
  if (item.kind === "round") done.id = told.id;
  if (told.receipt) done.receipt = told.receipt;
  if (item.kind === "act") { done.body = {}; await follow(item, told.version); }
  if (item.kind === "said") done.body = {}; // names and numbers stay no longer than they are needed
  await put(done);
  return true;
}

// One's own next acts on the same matter were written on top of this one.
async function follow(item, version) {
  for (const other of await all()) {
    const next = other.kind === "act" && other.number === item.number && other.state === "waiting";
    if (next && other.key !== item.key && version) await put({ ...other, body: { ...other.body, version } });
  }
}

async function because(item, status, told) {
  if (item.kind === "act" && (status === 409 || status === 403)) {
    try {
      const now = await (await ask(`/api/v1/matters/${item.number}`, { method: "GET" })).json();
      if (now.state_name) return words.changed.replace("%s", now.state_name);
    } catch { /* the plain reason then */ }
  }
  return [told.message, ...Object.values(told.fields ?? {})].filter(Boolean).slice(0, 2).join(" ");
}
