// Enhancement only: every page reads and works without these files.
import "./keys.js";
import "./recent.js";
import "./palette.js";
import "./live.js";
import "./toast.js";
import "./drafts.js";
import "./small.js";
