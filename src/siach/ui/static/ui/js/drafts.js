// What is typed survives a closed tab: textarea[data-draft="key"] is kept in this browser until its form is sent.
import { each, stored } from "./dom.js";

const DAYS = 7;
const name = area => `siach-draft:${area.dataset.draft}`;

each("textarea[data-draft]", area => {
  const kept = JSON.parse(stored.get(name(area)) || "null");
  if (kept && Date.now() - kept.at < DAYS * 864e5) {
    if (!area.value) { area.value = kept.text; area.dispatchEvent(new Event("input", { bubbles: true })); }
  } else stored.set(name(area), null);
  let timer;
  const keep = () => stored.set(name(area), area.value.trim() ? JSON.stringify({ text: area.value, at: Date.now() }) : null);
  if (area.value) keep();  // the server handed it back: a reply taken back, a form refused
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });
  const forget = () => { clearTimeout(timer); stored.set(name(area), null); };
  area.form?.addEventListener("submit", event => { if (!event.defaultPrevented && !area.form.matches("[hx-post]")) forget(); });
  area.form?.addEventListener("htmx:after:request", event => { if (event.detail?.ctx?.response?.status < 400) forget(); });
});
