// Keys by place (event.code), so they work on a Hebrew layout: J, K, Enter in lists, G and a letter for places,
// single letters for actions (data-key). They can be switched off in the list of keys (?).
import { $, $$, make, seen, stored } from "./dom.js";

const rows = () => { const list = $("[data-list]"); return list ? $$("[data-item]", list).filter(seen) : []; };
const isAt = row => row.matches('.is-at, [aria-current="true"]');
export const rowAtHand = () => rows().find(isAt) || null;

// Actions that can be done now: those of the page, and those of the row at hand.
export const actions = () => {
  const row = rowAtHand();
  return $$("[data-key], [data-command]").filter(element => {
    const own = element.closest("[data-item]");
    return !element.disabled && !element.closest("dialog, [hidden]") && (!own || own === row);
  });
};

// A link that already points to its page keeps aria-current; other rows are marked by class.
function mark(row) {
  rows().forEach(other => { other.classList.remove("is-at"); if (other !== row && other.matches("a[aria-current]")) other.removeAttribute("aria-current"); });
  if (row.matches("a")) row.setAttribute("aria-current", "true"); else row.classList.add("is-at");
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex(isAt);
  const next = all[now < 0 ? 0 : Math.min(all.length - 1, Math.max(0, now + by))];
  mark(next);
  next.scrollIntoView({ block: "nearest" });
  (next.matches("a, button") ? next : $("[data-open], a, button", next) || next).focus({ preventScroll: true });
}

const open = () => { const row = rowAtHand(); (row?.matches("a") ? row : row && $("[data-open], a", row))?.click(); };
const isOn = () => stored.get("siach-keys") !== "off";
const typing = target => target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function showKeys() {
  const dialog = $("#keys"), list = $(".keys-list", dialog);
  $$(".is-own", list).forEach(element => element.remove());
  const row = (keys, text) => {
    const term = make("dt", "is-own");
    keys.forEach(key => term.append(make("kbd", "", key)));
    list.append(term, make("dd", "is-own", text));
  };
  $$(".side [data-place]").forEach(a => row(["G", a.dataset.place.slice(3)], dialog.dataset.go.replace("{place}", a.title)));
  const told = new Set();
  $$("[data-key]").forEach(element => {
    if (told.has(element.dataset.key)) return;
    told.add(element.dataset.key);
    row([element.dataset.key.replace(/^(Key|Digit)/, "")], label(element));
  });
  $("[data-keys-on]", dialog).checked = isOn();
  dialog.showModal();
}

export const label = element => element.dataset.command || element.getAttribute("aria-label")
  || [...element.childNodes].filter(node => node.nodeName !== "KBD").map(node => node.textContent).join("").trim();

let going = 0;
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || $("dialog[open]")) return;
  if (event.key === "?") { event.preventDefault(); return showKeys(); }
  if (event.key === "/" && $(".find-input")) { event.preventDefault(); return $(".find-input").focus(); }
  if (!isOn()) return;
  const place = going && Date.now() - going < 1500 && $(`.side [data-place="${CSS.escape(event.code)}"]`);
  going = 0;
  if (place) { event.preventDefault(); return location.assign(place.href); }
  if (event.code === "KeyG") { going = Date.now(); return; }
  if (event.code === "KeyJ" || event.code === "KeyK") { event.preventDefault(); return step(event.code === "KeyJ" ? 1 : -1); }
  if (event.code === "Enter") { if (event.target === document.body) open(); return; }
  const action = actions().find(element => element.dataset.key === event.code);
  if (action) { event.preventDefault(); run(action); }
});

// A field is entered, anything else is pressed; a closed menu round the action opens first. A menu itself is
// opened and its first choice taken in hand.
export function run(action) {
  const menu = action.closest("details:not([open])");
  if (menu) menu.open = true;
  if (menu && action.matches("summary")) return $("button, a, input:not([type=hidden]), select", action.nextElementSibling)?.focus();
  if (action.matches("input:not([type=checkbox], [type=submit]), textarea, select")) action.focus(); else action.click();
}

document.addEventListener("change", event => {
  if (event.target.matches("[data-keys-on]")) stored.set("siach-keys", event.target.checked ? null : "off");
});
