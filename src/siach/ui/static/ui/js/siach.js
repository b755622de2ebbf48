// Enhancement only: every page reads and works without these files.
import "./keys.js";
import "./recent.js";
import "./palette.js";
import "./live.js";
import "./toast.js";
import "./drafts.js";
import "./small.js";

// Installed as an app, Siach is among those that a phone shares to: its worker takes what is shared.
if (matchMedia("(display-mode: standalone)").matches) navigator.serviceWorker?.register("/worker.js").catch(() => {});
