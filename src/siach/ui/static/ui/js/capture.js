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
    box.dispatchEvent(new Event("change", { bubbles: true }));
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

// Pictures without words: what can be read in them becomes the text, for a person to check; else they are asked to type.
const say = name => { for (const line of form.querySelectorAll("[data-read-said]")) line.hidden = line.dataset.readSaid !== name; };

async function read(picture) {
  const body = new FormData();
  body.set("picture", picture);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(form.dataset.read, { method: "POST", body }).catch(() => null);
  return answer?.ok && !answer.redirected ? (await answer.json()).text : "";
}

form?.elements.pictures?.addEventListener("change", async event => {
  const { text } = form.elements, files = [...event.target.files].slice(0, 4);
  if (!files.length || text.value) return say("");
  if (!form.dataset.read) return say("nothing");
  say("reading");
  const words = [];
  for (const one of files) words.push(await read(one));
  if (text.value) return say("");
  text.value = words.filter(Boolean).join("\n");
  return say(text.value ? "done" : "nothing");
});
