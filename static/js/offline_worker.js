// The service worker. It keeps VERSION of a short list of FILES and PAGES that hold nobody's words, and nothing else,
// ever: no page that was visited, and no answer. With network it changes nothing.
const KEPT = `shell-${VERSION}`;

async function keep(cache, address, options) {
  const answer = await fetch(address, options);
  const isNobodys = !/no-store|private/.test(answer.headers.get("Cache-Control") || "");
  if (!answer.ok || !isNobodys) throw new Error(`${address} is not to be kept`);
  await cache.put(address, answer);
}

// The pages as somebody gets them who is not signed in.
const AS_NOBODY = { credentials: "omit", cache: "reload", headers: { "Accept-Language": LANGUAGE } };

async function install() {
  const cache = await caches.open(KEPT);
  await Promise.all([...FILES.map((file) => keep(cache, file)), ...PAGES.map((page) => keep(cache, page, AS_NOBODY))]);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.clients.claim();
}

const kept = async (address) => (await caches.match(address, { ignoreVary: true })) || Response.error();

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const isFile = FILES.includes(pathname);
  if (!isFile && event.request.mode !== "navigate") return;
  const instead = isFile ? pathname : pathname.startsWith("/skriv/") ? WRITE : OFFLINE;
  event.respondWith(fetch(event.request).catch(() => kept(instead)));
});
self.addEventListener("sync", (event) => event.tag === "texts" && event.waitUntil(sendWhatWaits()));

// Rejects while something waits for network, so that the browser rings again.
async function sendWhatWaits() {
  const outcomes = await keptTexts.sendAll();
  if (outcomes.some(([, answer]) => answer.became === "later")) throw new Error("There is no network");
}
