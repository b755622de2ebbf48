// The pages of things that this tab was on, for the palette. They go with the tab: nothing of a customer stays behind.
import { $, $$ } from "./dom.js";

const KEY = "siach-recent", MOST = 6;

export function recent() {
  try { return JSON.parse(sessionStorage.getItem(KEY)) || []; } catch { return []; }
}

const here = location.pathname;
const isPlace = $$(".side [href]").some(a => new URL(a.href).pathname === here);
if ($("#palette") && !isPlace) {
  const kept = recent().filter(one => one.path !== here);
  kept.unshift({ path: here, text: document.title.replace(/ · [^·]*$/, "") });
  try { sessionStorage.setItem(KEY, JSON.stringify(kept.slice(0, MOST))); } catch { /* storage may be closed */ }
}

document.addEventListener("submit", event => {
  if (event.target.action.endsWith("/account/logout/")) sessionStorage.removeItem(KEY);
});
