// What is kept on this phone: everything written down that the server has not confirmed yet, and the sitting under way.
// One database, two stores. Each item carries the key under which it is sent, so that sending it twice does it once.
const NAME = "linli-field";
let opened = null;

function database() {
  opened ||= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("outbox", { keyPath: "key" });
      asked.result.createObjectStore("kept", { keyPath: "name" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

async function ask(store, mode, what) {
  const made = (await database()).transaction(store, mode);
  const request = what(made.objectStore(store));
  return new Promise((done, fail) => {
    made.oncomplete = () => done(request.result);
    made.onerror = made.onabort = () => fail(made.error);
  });
}

const told = () => dispatchEvent(new CustomEvent("linli:outbox"));

/** Everything kept, in the order in which it was written down. */
export async function all() {
  const items = await ask("outbox", "readonly", (store) => store.getAll());
  return items.sort((a, b) => a.at - b.at || (a.serial ?? 0) - (b.serial ?? 0));
}
export const get = (key) => ask("outbox", "readonly", (store) => store.get(key));
export async function put(item) { await ask("outbox", "readwrite", (store) => store.put(item)); told(); return item; }
/** Read and written in one go, so that two who change the same item do not undo one another; nothing where it is gone. */
export async function change(key, how) {
  const made = (await database()).transaction("outbox", "readwrite");
  const store = made.objectStore("outbox");
  store.get(key).onsuccess = (event) => { if (event.target.result) store.put(how(event.target.result)); };
  await new Promise((done, fail) => { made.oncomplete = done; made.onerror = made.onabort = () => fail(made.error); });
  told();
}
export async function drop(key) { await ask("outbox", "readwrite", (store) => store.delete(key)); told(); }
export const keep = (name, value) => ask("kept", "readwrite", (store) => store.put({ name, value }));
export const kept = async (name) => (await ask("kept", "readonly", (store) => store.get(name)))?.value ?? null;

/** A key that nobody guesses: where it was used before, the answer is given again. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}
