// Keys by place (event.code), so they work on a Hebrew layout: J, K, Enter in lists, G and a letter for places,
// single letters for actions (data-key), Z for the undo of a toast. #keys[data-keys] holds what a person moved.
import { $, $$, each, make, seen, stored } from "./dom.js";

const rows = () => { const list = $("[data-list]"); return list ? $$("[data-item]", list).filter(seen) : []; };
const isAt = row => row.matches('.is-at, [aria-current="true"]');
export const rowAtHand = () => rows().find(isAt) || null;

// Actions that can be done now: those of the page, and those of the row at hand.
export const actions = () => {
  const row = rowAtHand();
  return $$("[data-key], [data-command]").filter(element => {
    const own = element.closest("[data-item]");
    return !element.disabled && !element.closest("dialog, [hidden], .tour:not(:focus-within)") && (!own || own === row);
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
const chosen = JSON.parse($("#keys")?.dataset.keys || "{}"), moved = chosen.moved || {};
const isKept = Boolean($("#keys [data-keys-on]")?.hasAttribute("hx-post"));
let off = isKept ? Boolean(chosen.off) : stored.get("siach-keys") === "off";
const isOn = () => !off;
// The key that does what the page calls `code`, and what the key in hand is called by the page.
export const keyOf = code => moved[code] || code;
const meant = code => Object.keys(moved).find(own => moved[own] === code) || (moved[code] ? "" : code);
export const keysOf = element => element.dataset.place ? [letter(keyOf("KeyG")), element.dataset.place.slice(3)]
  : element.dataset.key ? [letter(keyOf(element.dataset.key))] : [];
export const letter = code => code.replace(/^(Key|Digit)/, "");

// The key that stands beside an action is the one that does it.
each("[data-key]", element => {
  const kbd = $("kbd", element) || $("summary kbd", element.closest("details") || element);
  element.setAttribute("aria-keyshortcuts", letter(keyOf(element.dataset.key)));
  if (kbd && kbd.textContent === letter(element.dataset.key)) kbd.textContent = letter(keyOf(element.dataset.key));
});
document.documentElement.classList.toggle("keys-off", off);
const typing = target => target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function showKeys() {
  const dialog = $("#keys"), list = $(".keys-list", dialog);
  $$(".is-own", list).forEach(element => element.remove());
  const row = (keys, text) => {
    const term = make("dt", "is-own");
    keys.forEach(key => term.append(make("kbd", "", key)));
    list.append(term, make("dd", "is-own", text));
  };
  $$(".side [data-place]").forEach(a => row(keysOf(a), dialog.dataset.go.replace("{place}", a.title)));
  const told = new Set();
  $$("[data-key]").filter(element => !element.closest("dialog")).forEach(element => {
    if (told.has(element.dataset.key)) return;
    told.add(element.dataset.key);
    row(keysOf(element), label(element));
  });
  $$("[data-move]", dialog).forEach(kbd => { kbd.textContent = letter(keyOf(kbd.dataset.move)); });
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
  const code = meant(event.code);
  if (place) { event.preventDefault(); return location.assign(place.href); }
  if (code === "KeyG") { going = Date.now(); return; }
  if (code === "KeyJ" || code === "KeyK") { event.preventDefault(); return step(code === "KeyJ" ? 1 : -1); }
  if (event.code === "Enter") { if (event.target === document.body) open(); return; }
  const undo = code === "KeyZ" && $("#toast .toast-act");
  const action = undo || actions().find(element => element.dataset.key === code);
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
  if (!event.target.matches("[data-keys-on]")) return;
  off = !event.target.checked;
  document.documentElement.classList.toggle("keys-off", off);
  if (!isKept) stored.set("siach-keys", off ? "off" : null);
});
