// The notebook without a network: its own files, and the pages under /field/ that were open before. Nothing is answered
// from here that is not a plain look (GET) at our own origin; whatever is written goes through the outbox in the page.
const SHELL = ["SHELL"];
const FILES = `linli-kept-files-${[...SHELL.join()].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7).toString(36)}`;
const PAGES = "linli-kept-pages";
const MOST = 60;
const PATIENCE = 8000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const files = await caches.open(FILES);
    // A file that does not come must not hold the worker up for ever: it is kept when a page first asks for it.
    await Promise.allSettled(SHELL.map((path) => files.add(new Request(path, { signal: AbortSignal.timeout(PATIENCE) }))));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("linli-kept-files-") && name !== FILES);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const at = new URL(event.request.url);
  if (event.request.method !== "GET" || at.origin !== location.origin) return;
  if (at.pathname.startsWith("/static/")) event.respondWith(file(event.request));
  else if (at.pathname.startsWith("/field/") && at.pathname !== "/field/sw.js") event.respondWith(page(event.request));
});

self.addEventListener("message", (event) => {
  const paths = Array.isArray(event.data?.keep) ? event.data.keep.filter((path) => String(path).startsWith("/field/")) : [];
  event.waitUntil((async () => {
    for (const path of paths) await network(new Request(path, { credentials: "same-origin" })).catch(() => {});
  })());
});

async function file(request) {
  const found = await caches.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(FILES)).put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    return await network(request);
  } catch {
    const pages = await caches.open(PAGES);
    const found = await pages.match(request, { ignoreVary: true }) ?? await pages.match(request, { ignoreSearch: true, ignoreVary: true });
    return found ?? (await caches.match("/field/offline/", { ignoreVary: true })) ?? Response.error();
  }
}

async function network(request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  const pages = await caches.open(PAGES);
  // Signed out: what was kept is nobody's to read any more.
  if (answer.redirected && new URL(answer.url).pathname === "/login/") await caches.delete(PAGES);
  else if (answer.ok && answer.type === "basic" && !answer.redirected) {
    await pages.put(request, answer.clone());
    const keys = await pages.keys();
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((key) => pages.delete(key)));
  }
  return answer;
}
