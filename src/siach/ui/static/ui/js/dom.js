// Small helpers shared by the modules.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const stored = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* storage may be closed */ } },
};
export const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
export const seen = element => Boolean(element.offsetParent || element.getClientRects().length);
// Calls back for every element of the selector, now and whenever a swap brings new ones.
export const each = (selector, callback) => {
  const done = new WeakSet();
  const run = () => $$(selector).forEach(element => { if (!done.has(element)) { done.add(element); callback(element); } });
  run();
  document.addEventListener("htmx:after:swap", run);
};
