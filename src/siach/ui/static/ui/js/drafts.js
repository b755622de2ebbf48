// What is typed survives a closed tab: textarea[data-draft="key"] is kept until its form is sent. With
// data-draft-url it is kept by Siach at every pause, so that it is there in another browser too (data-draft-at:
// when, in seconds); this browser keeps it only while Siach cannot be reached. Without, this browser keeps it.
import { $, each, stored } from "./dom.js";

const DAYS = 7, PAUSE = 1200;
const name = area => `siach-draft:${area.dataset.draft}`;

function restore(area) {
  const kept = JSON.parse(stored.get(name(area)) || "null");
  if (!kept || Date.now() - kept.at > DAYS * 864e5) return stored.set(name(area), null);
  const newer = area.dataset.draftAt && kept.at / 1000 > Number(area.dataset.draftAt) + 1;
  if (area.value && !newer) return undefined;
  area.value = kept.text;
  return area.dispatchEvent(new Event("input", { bubbles: true }));
}

// Hands the words to Siach; whether it has them.
async function hand(area, stop) {
  const body = new FormData();
  body.set("text", area.value);
  body.set("csrfmiddlewaretoken", area.form.elements.csrfmiddlewaretoken?.value || "");
  const answer = await fetch(area.dataset.draftUrl, { method: "POST", body, keepalive: area.value.length < 20000, signal: stop.signal }).catch(() => null);
  const said = $(`[data-draft-said="${CSS.escape(area.dataset.draft)}"]`);
  if (said && answer && !answer.redirected && (answer.ok || answer.status === 422)) said.textContent = await answer.text();
  return Boolean(answer?.ok && !answer.redirected);
}

each("textarea[data-draft]", area => {
  let timer, stop = new AbortController(), waiting = false;
  const here = () => stored.set(name(area), area.value.trim() ? JSON.stringify({ text: area.value, at: Date.now() }) : null);
  const there = async () => {
    waiting = false;
    if (await hand(area, stop) && !waiting) stored.set(name(area), null);
  };
  const keep = () => {
    clearTimeout(timer);
    waiting = true;
    timer = setTimeout(() => { here(); if (area.dataset.draftUrl) timer = setTimeout(there, PAUSE - 400); }, 400);
  };
  area.addEventListener("input", keep);
  restore(area);
  if (area.value && !area.dataset.draftAt) keep();  // the server handed it back: a reply taken back, a form refused
  addEventListener("pagehide", () => { if (waiting && area.dataset.draftUrl) { clearTimeout(timer); there(); } });
  const forget = () => { clearTimeout(timer); waiting = false; stop.abort(); stop = new AbortController(); stored.set(name(area), null); };
  area.form?.addEventListener("submit", event => { if (!event.defaultPrevented && !area.form.matches("[hx-post]")) forget(); });
  area.form?.addEventListener("htmx:after:request", event => { if (event.detail?.ctx?.response?.status < 400) forget(); });
});
