"""The context guard: whether a name that is also a common word is the name here, by what stands around it.

A logistic regression on hashed features of the neighbours, the prefix and the frequency of the word. Its weights,
`names/guard.bin`, are made by `guard_training.train`: one line of JSON (data, licences, date, scores, scale), then
65,536 weights of eight bits, deflated. On top stands what the training texts, news and parliament, do not know:
words of custom, such as an order, a branch or a price, speak for a name of a firm.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from siach.language.clean import HEBREW_LETTERS, key
from siach.language.frequency import FOLDER, Frequencies, frequencies

BITS = 16
_MASK = (1 << BITS) - 1
REACH = 90  # characters looked at on each side of a name
NEAR = 6  # words on each side that are looked at without regard to their order
THRESHOLD = 0.6
CUSTOM_WEIGHT, CUSTOM_MOST = 0.8, 3  # what each word of custom adds to the logit, and how many are counted
MARKED_SPREAD = 2.0  # standard deviation, before any mark, of what a name's own bias may be

WORD = re.compile(rf"[{HEBREW_LETTERS}a-z0-9]+(?:['\"][{HEBREW_LETTERS}a-z0-9]+)*|[.,!?:;\"()'-]")
_STEM = frozenset("הובלמשכ")
_POSITIONS = {
    "l1": 0,
    "l1s": 0,
    "l1s3": 0,
    "l1t": 0,
    "l2": 1,
    "r1": 2,
    "r1s": 2,
    "r1p": 2,
    "r1p2": 2,
    "r1t": 2,
    "r2": 3,
}

_CUSTOM = """
הזמנה הזמנות הזמנתי הזמנו הזמין להזמין משלוח משלוחים שליח שליחים סניף סניפים חנות חנויות רשת קניתי קנינו קנה לקנות קונים
קנייה קניות מוכר מוכרת מוכרים מוכרות מכרו מחיר מחירים מבצע מבצעים הנחה הנחות קופון קופונים יקר יקרים זול עלה שילמתי
שילמנו לשלם תשלום חשבונית קבלה החזר זיכוי לקוח לקוחה לקוחות שירות נציג נציגה נציגים מוקד מנהל מנהלת עובדים עובדת מוצר
מוצרים אפליקציה אתר באתר מנוי מועדון חבילה קופה קופאית מלצר מלצרית מבקר ביקורת ממליץ ממליצה מומלץ חברת חברה מסעדת
מסעדה מאפיית מאפייה בנק ביטוח מותג מפעל קולקציה אחריות תקלה טכנאי החזירו החליפו פתחו סגרו איחרו סירבו פרסומת קמפיין
דגם יצרן יבואן מלאי קטלוג מידה שובר תלונה
"""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around one hit, all as keys: words and signs before it, the nearest last, and behind it; the
    letters of the name as written, its prefix, whether a quotation mark stands before it."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    written: str
    prefix: str
    quoted: bool
    name: str


def around(folded: str, begin: int, start: int, end: int, prefix: str, name: str) -> Around:
    """`begin` is where the prefix begins, `start` to `end` the name within the key of a text; `name` is its key."""
    left = WORD.findall(folded[max(0, begin - REACH) : begin])
    right = WORD.findall(folded[end : end + REACH])
    if begin > REACH:
        left = left[1:]  # perhaps the rest of a word
    if end + REACH < len(folded):
        right = right[:-1]
    quoted = start > 0 and folded[start - 1] in "\"'"
    return Around(tuple(left), tuple(right), folded[start:end], prefix, quoted, name)


def placed(folded: str, begin: int, end: int, word: str) -> tuple[int, int]:
    """Where a word around a hit, or one of which it is the stem, stands nearest to it, in the key of the text.
    ValueError for a word that is not around."""
    near = (*WORD.finditer(folded, max(0, begin - REACH), begin), *WORD.finditer(folded, end, end + REACH))
    spans = [one.span() for one in near if word in (one.group(), _stem(one.group()))]
    return min(spans, key=lambda span: max(begin - span[1], span[0] - end))


def features(here: Around, known: Frequencies) -> list[str]:
    """The features of one hit, by name; each counts once."""
    left, right, prefix, name = ("^", "^", *here.left), (*here.right, "$", "$"), here.prefix, here.name
    (l2, l1), (r1, r2) = left[-2:], right[:2]
    level, word = known.level, here.written
    bag = {*here.left[-NEAR:], *here.right[:NEAR]}
    bag |= {_stem(one) for one in bag}
    return [
        f"l1={l1}", f"l2={l2}", f"r1={r1}", f"r2={r2}", f"l12={l2}|{l1}", f"r12={r1}|{r2}", f"l1r1={l1}|{r1}",
        f"p={prefix}", f"pa={prefix[-1:]}|{word[:1] == 'ה'}", f"pl={prefix}|{l1}", f"pr={prefix}|{r1}",
        f"l1s={l1[-2:]}", f"l1s3={l1[-3:]}", f"r1s={r1[-2:]}", f"r1p={r1[:1]}", f"r1p2={r1[:2]}",
        f"l1t={_stem(l1)}", f"r1t={_stem(r1)}",
        f"n={name}", f"np={name}|{prefix}", f"nl={name}|{l1}", f"nr={name}|{r1}",
        f"q={here.quoted:d}", f"multi={' ' in word:d}",
        *(f"fn>{step}" for step in range(level(word))),
        *(f"fp>{step}" for step in range(level(prefix + word))),
        *(f"fh>{step}" for step in range(level("ה" + word))),
        *(f"b={one}" for one in sorted(bag)),
    ]  # fmt: skip


def _stem(word: str) -> str:
    return word[1:] if len(word) > 3 and word[0] in _STEM else word


def column(feature: str) -> int:
    """The weight that a feature shares with others of its hash."""
    return zlib.crc32(feature.encode()) & _MASK


class Guard:
    """Weights, and what they say of a hit. `head` is the first line of their file."""

    def __init__(self, weights: Sequence[float], scale: float, bias: float, head: Mapping[str, Any]) -> None:
        self._weights, self._scale, self._bias = weights, scale, bias
        self.head = head

    def logit(self, here: Around, known: Frequencies) -> float:
        """The log-odds that this is the name."""
        weights = self._weights
        columns = {zlib.crc32(one.encode()) & _MASK for one in features(here, known)}
        custom = min(CUSTOM_MOST, sum([_is_custom(word) for word in {*here.left, *here.right}]))
        return self._bias + self._scale * sum([weights[one] for one in columns]) + CUSTOM_WEIGHT * custom

    def deciding(self, here: Around, known: Frequencies, *, for_it: bool, most: int = 2) -> tuple[str, ...]:
        """Words around the hit, or their stems, as keys, that speak most for the name, or against it, the strongest
        first."""
        left, right = ("^", "^", *here.left), (*here.right, "$", "$")
        places = (left[-1], left[-2], right[0], right[1])
        said: dict[str, float] = {}
        for feature in features(here, known):
            kind, _, value = feature.partition("=")
            if kind in _POSITIONS:
                value = places[_POSITIONS[kind]]
            elif kind != "b":
                continue
            said[value] = said.get(value, 0.0) + self._scale * self._weights[column(feature)]
        for word in {*here.left, *here.right}:
            if _is_custom(word):
                said[word] = said.get(word, 0.0) + CUSTOM_WEIGHT
        sign = 1 if for_it else -1
        words = [word for word in said if len(word) > 1 and sign * said[word] > 0.1]
        return tuple(sorted(words, key=lambda word: (-sign * said[word], word))[:most])


@lru_cache(maxsize=65_536)
def _is_custom(word: str) -> bool:
    words = _custom()
    return word in words or _stem(word) in words


@lru_cache(maxsize=1)
def _custom() -> frozenset[str]:
    return frozenset(key(word) for word in _CUSTOM.split())


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def log_odds(p: float) -> float:
    p = min(1 - 1e-9, max(1e-9, p))
    return math.log(p / (1 - p))


def bias_of_marks(marks: Iterable[tuple[float, float]]) -> float:
    """What to add to the log-odds of one name's hits, learnt from hits that were marked by hand.

    Each mark is (the guard's probability of the hit, 1 if it was the brand and 0 if not; the same probability again for
    a hit that somebody passed over, which holds the name where it is). The likeliest shift under a normal prior around
    0 with deviation MARKED_SPREAD, by Newton's steps; 0.0 without a mark."""
    logits = [(log_odds(p), float(right)) for p, right in marks]
    shift = 0.0
    for _ in range(50 if logits else 0):
        shares = [(probability(one + shift), right) for one, right in logits]
        slope = sum(right - p for p, right in shares) - shift / MARKED_SPREAD**2
        bend = sum(p * (1 - p) for p, _right in shares) + 1 / MARKED_SPREAD**2
        step = max(-1.0, min(1.0, slope / bend))
        shift += step
        if abs(step) < 1e-9:
            break
    return shift


def packed(weights: Sequence[float], head: Mapping[str, Any]) -> bytes:
    """The file of weights; the last of them is the bias, all others are kept in 255 steps."""
    *columns, bias = weights
    scale = max(max(map(abs, columns)) / 127, 1e-9)
    steps = array("b", (round(one / scale) for one in columns))
    line = json.dumps({**head, "scale": round(scale, 9), "bias": round(bias, 6)}, ensure_ascii=False, sort_keys=True)
    return line.encode() + b"\n" + zlib.compress(steps.tobytes(), 9)


def unpacked(content: bytes) -> Guard:
    line, _, body = content.partition(b"\n")
    head = json.loads(line)
    return Guard(array("b", zlib.decompress(body)), head["scale"], head["bias"], head)


@lru_cache(maxsize=1)
def shipped() -> tuple[Guard, Frequencies]:
    """The weights and the frequencies that are shipped, read when first asked."""
    return unpacked((FOLDER / "guard.bin").read_bytes()), frequencies()
