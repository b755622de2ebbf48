// What was just done, with its undo and the seconds left. The server's banner (data-toast) becomes a toast;
// an answer may also send the event `siach:toast` with {text, undo, seconds} (HX-Trigger).
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

if (area) {
  each("[data-toast]", banner => {
    const form = $("form", banner);
    if (form) {
      form.className = "";
      const act = $(".toast-act", form);
      act.setAttribute("aria-keyshortcuts", letter(keyOf("KeyZ")));
      act.append(" ", make("kbd", "", letter(keyOf("KeyZ"))));
    }
    const seconds = Number(banner.dataset.seconds || (form ? 10 : 5));
    const text = $("span", banner);
    banner.remove();
    show(form ? [text, form] : [text], seconds, Boolean(form));
  });
  document.addEventListener("siach:toast", event => {
    const { text, seconds = 5 } = event.detail;
    show([make("span", "", text)], seconds, false);
  });
}
