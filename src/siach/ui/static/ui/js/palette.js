// Ctrl K: what can be done on the row at hand and on this page, where one can go, and search.
import { $, $$, make } from "./dom.js";
import { actions, label, run } from "./keys.js";

const dialog = $("#palette");
const input = dialog && $(".palette-input", dialog), list = dialog && $(".palette-list", dialog);
let shown = [], at = 0;

const keysOf = element => element.dataset.place ? ["G", element.dataset.place.slice(3)]
  : element.dataset.key ? [element.dataset.key.replace(/^(Key|Digit)/, "")] : [];

function entries() {
  const can = actions().map(element => ({ text: label(element), element, keys: keysOf(element),
    title: element.closest("[data-item]") ? dialog.dataset.item : dialog.dataset.here, go: () => run(element) }));
  const places = $$(".side .side-link").map(a => ({ text: a.title, element: a, keys: keysOf(a), title: dialog.dataset.go, go: () => location.assign(a.href) }));
  return [...can.sort((a, b) => (b.title === dialog.dataset.item) - (a.title === dialog.dataset.item)), ...places];
}

function search(words) {
  const url = `${dialog.dataset.searchUrl}?q=${encodeURIComponent(words)}`;
  return { text: dialog.dataset.search.replace("{words}", words), element: $(".find"), keys: [], title: "", go: () => location.assign(url) };
}

function draw() {
  const words = input.value.trim();
  shown = entries().filter(entry => entry.text.toLowerCase().includes(words.toLowerCase()));
  if (words) shown.push(search(words));
  at = Math.min(at, Math.max(0, shown.length - 1));
  list.replaceChildren();
  let title = "";
  shown.forEach((entry, index) => {
    if (entry.title && entry.title !== title) {
      const head = make("div", "palette-title", entry.title);
      head.setAttribute("role", "presentation");
      list.append(head);
    }
    title = entry.title;
    const row = make("div", "palette-item");
    row.id = `palette-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(index === at));
    const glyph = entry.element && $("svg.i", entry.element);
    if (glyph) row.append(glyph.cloneNode(true));
    row.append(make("span", "", entry.text), ...entry.keys.map(key => make("kbd", "", key)));
    row.addEventListener("click", () => choose(index));
    list.append(row);
  });
  input.setAttribute("aria-activedescendant", shown.length ? `palette-${at}` : "");
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
  input.select();
  draw();
}

if (dialog) {
  addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") { event.preventDefault(); toggle(); }
  });
  document.addEventListener("click", event => {
    if (event.target.closest("[data-palette]")) { event.preventDefault(); toggle(); }
    if (event.target === dialog) dialog.close();
  });
  input.addEventListener("input", () => { at = 0; draw(); });
  input.addEventListener("keydown", event => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (by && shown.length) { event.preventDefault(); at = (at + by + shown.length) % shown.length; draw(); }
    if (event.code === "Enter" && !event.isComposing) { event.preventDefault(); choose(at); }
  });
}
