// Ctrl K: what can be done on the row at hand or the open item, then on this page, where one can go, what one
// was on, and search. Typed words find entries by their letters, also on the wrong keyboard layout.
import { $, $$, make } from "./dom.js";
import { score, swapped } from "./fuzzy.js";
import { actions, keysOf, label, rowAtHand, run } from "./keys.js";
import { recent } from "./recent.js";

const dialog = $("#palette");
const input = dialog && $(".palette-input", dialog), list = dialog && $(".palette-list", dialog), said = dialog && $(".palette-said", dialog);
let shown = [], at = 0;

const isItem = element => Boolean(element.closest("[data-item], [data-open-item]"));

function entries() {
  const words = dialog.dataset, row = rowAtHand();
  const can = actions().map(element => ({ text: label(element), element, keys: keysOf(element), title: isItem(element) ? words.item : words.here, go: () => run(element) }));
  const opener = row?.matches("a") ? row : row && $("[data-open]", row);
  if (opener && new URL(opener.href).pathname !== location.pathname) can.push({ text: words.open, element: null, keys: ["Enter"], title: words.item, go: () => opener.click() });
  const places = $$(".side .side-link").map(a => ({ text: a.title, element: a, keys: keysOf(a), title: words.go, go: () => location.assign(a.href) }));
  const lately = recent().filter(one => one.path !== location.pathname)
    .map(one => ({ text: one.text, element: null, keys: [], title: words.recent, go: () => location.assign(one.path) }));
  return [...can.filter(one => one.title === words.item), ...can.filter(one => one.title === words.here), ...places, ...lately];
}

function search(words) {
  const url = `${dialog.dataset.searchUrl}?q=${encodeURIComponent(words)}`;
  return { text: dialog.dataset.search.replace("{words}", words), element: $(".find"), keys: [], title: "", go: () => location.assign(url) };
}

// Latin letters on a Hebrew page that name nothing may be Hebrew words on the wrong layout.
const isOther = words => document.documentElement.lang === "he" && /^[a-z;,.'/ ]+$/i.test(words);

// The groups keep their order, the best of a group comes first; search stands last.
function found(words) {
  if (!words) return entries();
  const fits = entries().map(entry => ({ ...entry, fit: score(words, entry.text) })).filter(entry => entry.fit > 0);
  const titles = [...new Set(fits.map(entry => entry.title))];
  const ordered = titles.flatMap(title => fits.filter(entry => entry.title === title).sort((a, b) => b.fit - a.fit));
  return [...ordered, search(words), ...(!ordered.length && isOther(words) ? [search(swapped(words))] : [])];
}

function row(entry, index) {
  const element = make("div", "palette-item");
  element.id = `palette-${index}`;
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", String(index === at));
  const glyph = entry.element && $("svg.i", entry.element);
  if (glyph) element.append(glyph.cloneNode(true));
  element.append(make("bdi", "palette-words", entry.text), ...entry.keys.map(key => make("kbd", "", key)));
  element.addEventListener("click", () => choose(index));
  return element;
}

function draw() {
  shown = found(input.value.trim());
  at = Math.min(at, Math.max(0, shown.length - 1));
  list.replaceChildren();
  let group = list, title = null;
  shown.forEach((entry, index) => {
    if (entry.title !== title) {
      group = make("div", "palette-group");
      if (entry.title) {
        const head = make("div", "palette-title", entry.title);
        head.id = `palette-title-${index}`;
        head.setAttribute("role", "presentation");
        group.setAttribute("role", "group");
        group.setAttribute("aria-labelledby", head.id);
        group.append(head);
      } else group.setAttribute("role", "presentation");
      list.append(group);
      title = entry.title;
    }
    group.append(row(entry, index));
  });
  said.textContent = shown.length ? "" : dialog.dataset.none;
  if (shown.length) input.setAttribute("aria-activedescendant", `palette-${at}`);
  else input.removeAttribute("aria-activedescendant");
  $('[aria-selected="true"]', list)?.scrollIntoView({ block: "nearest" });
}

function choose(index) {
  const entry = shown[index];
  dialog.close();
  entry?.go();
}

function toggle() {
  if (dialog.open) return dialog.close();
  input.value = $(".find-input")?.value ?? "";
  at = 0;
  dialog.showModal();
  input.setAttribute("aria-expanded", "true");
  input.select();
  draw();
}

// Where a key leads: a step, the first, the last.
const MOVES = { ArrowDown: now => now + 1, ArrowUp: now => now - 1, PageDown: now => Math.min(now + 8, shown.length - 1), PageUp: now => Math.max(now - 8, 0) };

if (dialog) {
  dialog.addEventListener("close", () => input.setAttribute("aria-expanded", "false"));
  addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") { event.preventDefault(); toggle(); }
  });
  document.addEventListener("click", event => {
    if (event.target.closest("[data-palette]")) { event.preventDefault(); toggle(); }
    if (event.target === dialog) dialog.close();
  });
  input.addEventListener("input", () => { at = 0; draw(); });
  input.addEventListener("keydown", event => {
    const move = MOVES[event.code];
    if (move && shown.length) { event.preventDefault(); at = (move(at) + shown.length) % shown.length; draw(); }
    if (event.code === "Enter" && !event.isComposing) { event.preventDefault(); choose(at); }
  });
}
