// This browser asks to be called: its address and keys go in by a plain form.
import { $ } from "./dom.js";

const box = $("#push");
const bytes = key => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0));
const say = name => { for (const line of box.querySelectorAll("[data-push]")) line.hidden = line.dataset.push !== name; };

async function subscribe(form) {
  const worker = await navigator.serviceWorker.register("/worker.js");
  await navigator.serviceWorker.ready;
  const found = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) });
  const { endpoint, keys } = found.toJSON();
  Object.assign(form.elements.endpoint, { value: endpoint });
  form.elements.p256dh.value = keys.p256dh;
  form.elements.auth.value = keys.auth;
  form.submit();
}

if (box) {
  const can = "serviceWorker" in navigator && "PushManager" in self && "Notification" in self;
  say(!can ? "cannot" : Notification.permission === "denied" ? "denied" : "ask");
  $("form", box)?.addEventListener("submit", event => {
    event.preventDefault();
    event.stopImmediatePropagation();
    subscribe(event.target).catch(() => say(Notification.permission === "denied" ? "denied" : "failed"));
  });
}
