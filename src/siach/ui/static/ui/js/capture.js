// Capture: a link that opens a pasted text goes to its own field; a pasted picture joins the screenshots; a place that
// was captured in before brings its kind along.
import { $ } from "./dom.js";

const form = $("form[data-capture]"), link = /^\s*(https?:\/\/\S+)\s*/;

form?.addEventListener("paste", event => {
  const text = form.elements.text, files = [...event.clipboardData.files].filter(file => file.type.startsWith("image/"));
  if (files.length) {
    const box = form.elements.pictures, all = new DataTransfer();
    [...box.files, ...files].slice(0, 4).forEach(file => all.items.add(file));
    box.files = all.files;
    event.preventDefault();
    return;
  }
  if (event.target !== text || text.value) return;
  requestAnimationFrame(() => {
    const found = text.value.match(link);
    if (!found || form.elements.url.value) return;
    form.elements.url.value = found[1];
    text.value = text.value.slice(found[0].length);
    if (!text.value) text.focus();
  });
});

form?.elements.place?.addEventListener("change", event => {
  const known = [...form.elements.place.list.options].find(option => option.value === event.target.value);
  if (known) form.elements.network.value = known.dataset.network;
});
