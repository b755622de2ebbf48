// One server-sent stream per browser: one tab leads (Web Locks), the others hear it over a BroadcastChannel.
// A signal carries a topic and a version, never content; it becomes a DOM event `siach:<topic>` on #live.
// Read with fetch, because an EventSource hears only names it was told beforehand.
import { $, $$ } from "./dom.js";

const SILENCE = 45000, LONGEST = 30000;
const dot = $("#live[data-url]");
const channel = "BroadcastChannel" in self ? new BroadcastChannel("siach-live") : null;
let last = new Date(), isOn = true;

function show(state) {
  const clock = last.toLocaleTimeString("he-IL", { hour: "2-digit", minute: "2-digit" });
  const words = state ? dot.dataset.on : dot.dataset.lost.replace("{time}", clock);
  const text = $("[data-live-text]", dot);
  dot.dataset.state = state ? "on" : "lost";
  if (text.textContent !== words) text.textContent = words;
  // what was said while nobody listened is fetched once
  if (state && !isOn) topics().forEach(topic => signal(topic, ""));
  isOn = state;
}

const topics = () => new Set($$('[hx-trigger*="siach:"]').flatMap(element => [...element.getAttribute("hx-trigger").matchAll(/siach:([\w-]+)/g)].map(m => m[1])));
const signal = (topic, version) => dot.dispatchEvent(new CustomEvent(`siach:${topic}`, { bubbles: true, detail: { version } }));

function hear({ topic, version, state }) {
  if (state !== false) last = new Date();
  if (state !== undefined) return show(state);
  signal(topic, version);
}

const tell = message => { hear(message); channel?.postMessage(message); };

function take(block) {
  const field = name => block.match(new RegExp(`^${name}: ?(.*)$`, "m"))?.[1];
  const topic = field("event");
  if (topic && topic !== "hello") tell({ topic, version: field("data") || "" });
}

async function read(stop) {
  const answer = await fetch(dot.dataset.url, { headers: { Accept: "text/event-stream" }, cache: "no-store", signal: stop.signal });
  if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/event-stream")) throw new Error("no stream");
  tell({ state: true });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "", quiet;
  for (;;) {
    clearTimeout(quiet);
    quiet = setTimeout(() => stop.abort(), SILENCE);
    const { value, done } = await reader.read();
    if (done) return clearTimeout(quiet);
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    blocks.forEach(take);
  }
}

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

// Never resolves while the page lives: the lock passes to another tab when this one goes.
async function listen() {
  let wait = 1000;
  for (;;) {
    const stop = new AbortController(), began = Date.now();
    const leave = () => stop.abort();
    addEventListener("pagehide", leave, { once: true });
    await read(stop).catch(() => {});
    removeEventListener("pagehide", leave);
    wait = Date.now() - began > 60000 ? 1000 : Math.min(LONGEST, wait * 2);
    tell({ state: false });
    await pause(wait * (0.5 + Math.random() / 2));
  }
}

if (dot) {
  if (channel) channel.onmessage = event => hear(event.data);
  if (navigator.locks) navigator.locks.request("siach-live", listen);
  else listen();
}
