// Small conveniences: menus that close, Ctrl Enter that sends, filters that apply themselves.
import { $, $$, each } from "./dom.js";

document.addEventListener("click", event => {
  $$("details.menu[open]").forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
  // Words are next, not keys.
  const way = event.target.closest("details.way > summary")?.parentNode;
  if (way && !way.open) setTimeout(() => $("textarea", way).focus());
  const opener = event.target.closest("[data-dialog]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); }
  if (event.target.matches("dialog.dialog")) event.target.close();
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  if (event.target.closest("[data-print]")) print();
});

addEventListener("keydown", event => {
  if (event.code === "Escape") {
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  }
  if ((event.ctrlKey || event.metaKey) && event.code === "Enter" && event.target.matches("textarea")) {
    event.preventDefault();
    event.target.form?.requestSubmit($("[data-send]", event.target.form) || undefined);
  }
});

$(".leaves [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
// What the card of a tour speaks of.
$(`[data-tour="${$("#tour")?.dataset.stop}"]`)?.scrollIntoView({ block: "center" });

// A form that asks applies itself on change (data-auto); its button is for those without scripts.
document.addEventListener("change", event => { event.target.form?.matches("[data-auto]") && event.target.form.requestSubmit(); });

// A text is copied: <button data-copy="field-id" data-copied="what is said then">; a page printed: data-print.
async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  // the clipboard is closed to pages without https
  await (navigator.clipboard?.writeText(field.value) ?? Promise.reject()).catch(() => document.execCommand("copy"));
  button.focus();
  document.dispatchEvent(new CustomEvent("siach:toast", { detail: { text: button.dataset.copied } }));
}

// A form is sent once.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach(form => delete form.dataset.sent));

// A swap that takes away what the keyboard is at leaves it at the nearest thing round that which stays.
let round = [];
document.addEventListener("htmx:before:swap", () => {
  round = [];
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) round.push(at);
});
document.addEventListener("htmx:after:swap", () => {
  const left = document.activeElement === document.body && round.find(element => element.isConnected);
  if (!left) return;
  left.tabIndex = -1;
  left.focus({ preventScroll: true });
});

each(".drop", box => {
  const input = $("input[type=file]", box), chosen = $("[data-chosen]", box), none = chosen.textContent;
  input.addEventListener("change", () => { chosen.textContent = [...input.files].map(file => `\u2068${file.name}\u2069`).join(", ") || none; });
  ["dragover", "dragleave", "drop"].forEach(kind => box.addEventListener(kind, event => {
    event.preventDefault();
    box.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change", { bubbles: true })); }
  }));
});

// The letters left for a network's limit: <span data-count="field-id" data-limit="300">.
each("[data-count]", counter => {
  const field = document.getElementById(counter.dataset.count), limit = Number(counter.dataset.limit);
  const segments = "Segmenter" in Intl ? text => [...new Intl.Segmenter().segment(text)].length : text => [...text].length;
  const show = () => { const left = limit - segments(field.value); counter.textContent = left; counter.classList.toggle("over", left < 0); };
  field?.addEventListener("input", show);
  if (field) show();
});
