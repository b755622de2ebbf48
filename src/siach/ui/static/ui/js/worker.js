// The service worker: shows what is pushed and leads to it. It keeps no page and no words; what it is told names
// a kind and a link, and the page behind the link is fetched with its reader's own rights.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

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
