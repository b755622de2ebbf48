// What this browser holds of what was shared: shown, dropped, brought to the form, and handed in when it can be.
const place = document.getElementById("outbox"), form = document.querySelector("form[data-capture]");
const asked = new URLSearchParams(location.search), shared = asked.get("shared"), { box } = self;

function row(thing) {
  const line = place.querySelector("template").content.cloneNode(true), part = name => line.querySelector(`[data-part="${name}"]`);
  const words = part("words"), when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  if (thing.text || thing.url) words.textContent = (thing.text || thing.url).slice(0, 120);
  words.href = `/capture/?shared=${thing.key}`;
  part("when").textContent = when.format(thing.at);
  part("pictures").append(` ${thing.pictures.length}`);
  part("pictures").hidden = !thing.pictures.length;
  part("error").textContent = thing.error || "";
  part("drop").addEventListener("click", async () => { await box.drop(thing.key); draw(); });
  return line;
}

async function draw() {
  const things = (await box.all()).filter(thing => !form || thing.key !== shared);
  place.querySelector("ul").replaceChildren(...things.map(row));
  place.querySelector(".count").textContent = things.length;
  place.hidden = !things.length;
  document.querySelectorAll("[data-outbox-empty]").forEach(one => { one.hidden = things.length > 0; });
}

async function fill(thing) {
  const { text, url, key, pictures } = form.elements, link = thing.text.match(/https?:\/\/\S+/);
  text.value ||= thing.text;
  url.value ||= thing.url || "";
  if (!url.value && link) {
    url.value = link[0];
    text.value = text.value.replace(link[0], "").trim();
  }
  key.value = thing.key;
  const all = new DataTransfer();
  thing.pictures.forEach((one, n) => all.items.add(new File([one], one.name || `${n}.png`, { type: one.type })));
  if (all.files.length) {
    pictures.files = all.files;
    pictures.dispatchEvent(new Event("change", { bubbles: true }));
  }
  text.focus();
}

async function send() {
  const gone = place.dataset.owner ? await box.send(shared).catch(() => 0) : 0;
  await draw();
  if (gone && form && !form.elements.text.value && !form.elements.pictures.files.length) location.replace("/capture/");
}

async function begin() {
  navigator.serviceWorker?.register("/worker.js").then(worker => worker.active?.postMessage("shell"), () => {});
  navigator.serviceWorker?.addEventListener("message", event => { if (event.data === "outbox") draw(); });
  if (place.dataset.owner) await box.own(place.dataset.owner);
  if (asked.get("done")) await box.drop(asked.get("done"));
  const thing = form && shared ? await box.get(shared) : null;
  await draw();
  if (thing) await fill(thing);
  await send();
}

if (place && self.indexedDB) {
  begin();
  // The page that stands without a network gives way to the form once there is one.
  addEventListener("online", () => form ? send() : location.replace(shared ? `/capture/?shared=${encodeURIComponent(shared)}` : "/capture/"));
}
