// Lets the page work without a network. Files with a hash in their name never change, so they come from the cache;
// the page itself comes from the network as long as there is one, or nobody would ever see a new version.
// web/pwa/list.sh fills the two constants in after each build.
const VERSION = "@VERSION@";
const FILES = [@FILES@];
const CACHE = `primacy-${VERSION}`;

addEventListener("install", (event) => {
  const fresh = (file) => new Request(file, { cache: file === "./" ? "reload" : "default" });
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map(fresh))));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("primacy-") && name !== CACHE;
  const clean = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter(old).map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(clean());
});

// The page asks for the change of versions when the person does, so that no page loses its files while it runs.
addEventListener("message", (event) => {
  if (event.data === "go") skipWaiting();
});

const cached = async (request) => (await caches.open(CACHE)).match(request, { ignoreSearch: true });

addEventListener("fetch", (event) => {
  const { request } = event;
  const ours = request.method === "GET" && new URL(request.url).origin === location.origin;
  if (!ours) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await cached("./")) ?? Response.error()));
  } else {
    event.respondWith(cached(request).then((found) => found ?? fetch(request)));
  }
});
