// What was just done, with its undo and the seconds left. The server's banner (data-toast) becomes a toast;
// an answer may also send the event `siach:toast` with {text, undo: {url, fields, word}, seconds} (HX-Trigger).
import { $, each, make } from "./dom.js";
import { keyOf, letter } from "./keys.js";

const area = $("#toast");

function count(toast, seconds) {
  const left = $(".toast-left", toast);
  let rest = seconds;
  const timer = setInterval(() => {
    rest -= 1;
    if (left) left.textContent = rest;
    if (rest <= 0 || !toast.isConnected) { clearInterval(timer); toast.remove(); }
  }, 1000);
  toast.addEventListener("submit", () => clearInterval(timer));
}

function show(parts, seconds, hasUndo) {
  const toast = make("div", "toast");
  toast.append(...parts);
  if (hasUndo) {
    const left = make("span", "toast-left", String(seconds));
    left.setAttribute("aria-hidden", "true");
    toast.append(left);
  }
  area.replaceChildren(toast);
  count(toast, seconds);
}

// The button with the key that presses it.
function named(button) {
  const key = letter(keyOf("KeyZ"));
  button.setAttribute("aria-keyshortcuts", key);
  button.append(" ", make("kbd", "", key));
}

function formOf({ url, fields, word }) {
  const form = make("form"), button = make("button", "toast-act", word);
  form.method = "post";
  form.action = url;
  const token = JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}")["X-CSRFToken"] || "";
  Object.entries({ ...fields, csrfmiddlewaretoken: token }).forEach(([name, value]) => {
    const input = make("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  });
  named(button);
  form.append(button);
  return form;
}

if (area) {
  each("[data-toast]", banner => {
    const form = $("form", banner);
    if (form) { form.className = ""; named($(".toast-act", form)); }
    const seconds = Number(banner.dataset.seconds || (form ? 10 : 5));
    const text = $("span", banner);
    banner.remove();
    show(form ? [text, form] : [text], seconds, Boolean(form));
  });
  document.addEventListener("siach:toast", event => {
    const { text, undo, seconds = undo ? 20 : 5 } = event.detail, form = undo && formOf(undo);
    show(form ? [make("span", "", text), form] : [make("span", "", text)], seconds, Boolean(form));
  });
}
