// The service worker: shows what is pushed and leads to it, and takes what is shared to Siach. Of pages it keeps one,
// which holds no content of ours; a push names a kind and a link, and the page behind it is fetched with its reader's
// own rights. `box` stands before it in the same file.
const SHARED = "/capture/share/", FORM = "/capture/", SHELL = "/capture/outbox/", CACHE = "siach-shell";

// The page and its files, the files first: what is kept is always whole. A file's name changes with what it holds.
async function keepShell() {
  const answer = await fetch(SHELL);
  if (!answer.ok) return;
  const files = [...new Set((await answer.clone().text()).match(/\/static\/[\w./-]+\.(?:css|js|svg)/g))];
  const kept = await caches.open(CACHE);
  await Promise.all(files.map(async file => (await kept.match(file)) || kept.add(file)));
  await kept.put(SHELL, answer);
  for (const one of await kept.keys()) if (![SHELL, ...files].includes(new URL(one.url).pathname)) await kept.delete(one);
}

self.addEventListener("install", event => {
  self.skipWaiting();
  event.waitUntil(keepShell().catch(() => {}));
});
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

async function take(request) {
  const form = await request.formData(), word = name => String(form.get(name) || "").trim();
  const thing = { key: crypto.randomUUID(), at: Date.now(), text: word("text") || word("title"), url: word("url") };
  thing.pictures = form.getAll("pictures").filter(one => one.size && one.type?.startsWith("image/")).slice(0, 4);
  const full = await self.box.add(thing).then(() => "", () => "&full=1");
  return Response.redirect(`${FORM}?shared=${thing.key}${full}`, 303);
}

async function orShell(request) {
  try { return await fetch(request); } catch (gone) {
    await self.registration.sync?.register("outbox").catch(() => {});
    const shell = await caches.match(SHELL);
    if (!shell) throw gone;
    return shell;
  }
}

self.addEventListener("fetch", event => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === SHARED) event.respondWith(take(request));
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && [FORM, SHELL].includes(url.pathname)) event.respondWith(orShell(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fetch(request).catch(async gone => (await caches.match(request)) || Promise.reject(gone)));
});

self.addEventListener("sync", event => { if (event.tag === "outbox") event.waitUntil(empty()); });
self.addEventListener("message", event => { if (event.data === "shell") event.waitUntil(keepShell().catch(() => {})); });

async function empty() {
  await self.box.send();
  for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage("outbox");
}

self.addEventListener("push", event => {
  let told = {};
  try { told = event.data?.json() ?? {}; } catch { /* a push without readable words still shows that there is one */ }
  const isHebrew = told.language !== "en";
  const title = isHebrew ? "שיח" : "Siach";
  event.waitUntil(self.registration.showNotification(title, {
    body: told.words || "", tag: told.tag, lang: told.language || "he", dir: isHebrew ? "rtl" : "ltr", data: { url: told.url || "/notices/" },
  }));
});

self.addEventListener("notificationclick", event => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(([open]) => open ? open.navigate(url.href).then(page => page?.focus()) : self.clients.openWindow(url.href)));
});
