// The tour's card is taken in hand, with what it speaks of in view. Esc skips, the arrows along the line of reading move.
import { $ } from "./dom.js";

const card = () => $("#tour");
const wanted = { Escape: "[data-skip]" };
const [on, back] = document.documentElement.dir === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
wanted[on] = "[rel=next]";
wanted[back] = "[rel=prev]";

$(`[data-tour="${card().dataset.stop}"]`)?.scrollIntoView({ block: "center" });
card().focus({ preventScroll: true });

addEventListener("keydown", event => {
  const deed = card()?.contains(event.target) && !event.altKey && !event.ctrlKey && !event.metaKey && $(wanted[event.key] || "#none", card());
  if (!deed) return;
  event.preventDefault();
  deed.click();
});
