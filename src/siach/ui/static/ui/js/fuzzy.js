// Finding words as people type them: without marks, on the wrong keyboard layout, with letters left out.
const LATIN = "qwertyuiopasdfghjkl;'zxcvbnm,./", HEBREW = "/'קראטוןםפשדגכעיחלךף,זסבהנמצתץ.";
const FINALS = { ך: "כ", ם: "מ", ן: "נ", ף: "פ", ץ: "צ" };

const swapWith = (from, to) => words => [...words].map(letter => (from.includes(letter) ? to[from.indexOf(letter)] : letter)).join("");
const toHebrew = swapWith(LATIN, HEBREW), toLatin = swapWith(HEBREW, LATIN);

export const plain = words => words.normalize("NFKD").replace(/[\p{M}"'״׳]/gu, "").toLowerCase().replace(/[ךםןףץ]/g, letter => FINALS[letter]);

// What the same keys say on the other layout: `akuo` for שלום, `הבנםס` for inbox.
export function swapped(words) {
  const typed = words.toLowerCase();
  return /\p{Script=Hebrew}/u.test(typed) ? toLatin(typed) : toHebrew(typed);
}

// How well one typed word fits a text: 4 the text begins so, 3 a word of it does, 2 it is inside, 1 its letters
// follow each other there, 0 not at all. A few letters strewn over a long text fit nothing.
function fit(word, text) {
  if (text.startsWith(word)) return 4;
  if (text.split(/[\s-]+/).some(one => one.startsWith(word))) return 3;
  if (text.includes(word)) return 2;
  if (word.length < 2) return 0;
  let at = -1, first = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return 0;
    if (first < 0) first = at;
  }
  return at - first < word.length * 3 ? 1 : 0;
}

function fitAll(words, text) {
  let sum = 0;
  const all = plain(words).split(/\s+/).filter(Boolean);
  for (const word of all) {
    const one = fit(word, text);
    if (!one) return 0;
    sum += one;
  }
  return sum / all.length;
}

// 0 when nothing fits; as it was typed counts for more than on the other layout.
export function score(words, text) {
  const target = plain(text);
  return Math.max(fitAll(words, target), fitAll(swapped(words), target) * 0.9);
}
