"""How a person writes: what stands between sentences, emoji, slips of the pen, quotation marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from siach.world.words import slips

_EMOJI = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
_ENDED = re.compile(rf"(?:אבל|,|،)$|[.?!,:…\n\-]$|{_EMOJI}$")
_MARK = re.compile(_EMOJI)
_WORD = re.compile(r"[א-ת]{5,}")
_HOUSES = re.compile("אלומה|דגנורה|תנורלה")
#: What keeps its large letter in the middle of a sentence.
_NAMES = {"Shabbat", "Шабат", "Aluma", "Алума", "Degnora", "Tanurla", "Friday", "Hebrew", "I'm", "I'd", "I've", "I'll"}
_FINAL = "ךםןףץ"


@dataclass(frozen=True, slots=True)
class Style:
    """`joint` stands between sentences, `end` behind the last. `emoji` and `slip` are rates; `talk` is how much more or
    less than others. `is_plain`: the quotation marks of the keyboard."""

    joint: str
    end: str
    emoji: float
    slip: float
    talk: float
    is_plain: bool


STYLES: tuple[Style, ...] = (
    Style(". ", "", 0.1, 0.02, 0.9, True),
    Style(". ", ".", 0.04, 0.0, 1.2, False),
    Style("\n", "", 0.25, 0.04, 1.1, True),
    Style(", ", "", 0.2, 0.12, 0.8, True),
    Style(".. ", "..", 0.3, 0.2, 0.9, True),
    Style("! ", "!!", 0.45, 0.12, 0.8, True),
    Style(". ", "", 0.55, 0.05, 0.6, True),
    Style("... ", "...", 0.12, 0.15, 1.2, True),
    Style(". ", "!", 0.2, 0.03, 1.0, True),
    Style(" - ", "", 0.08, 0.05, 1.0, True),
)
HOUSE = Style(". ", "", 0.0, 0.0, 0.6, False)


def join(parts: list[str], style: Style) -> str:
    """Sentences as this person strings them."""
    text = parts[0]
    for part in parts[1:]:
        runs_on = _MARK.match(part) or (_ENDED.search(text) and not (style.joint == "\n" and text[-1] in ".?!"))
        joint = " " if runs_on else style.joint
        text += joint + (_lowered(part) if text[-1] in ",،" or joint == ", " else part)
    return text


def _lowered(part: str) -> str:
    """The first letter small, where it is only large because a sentence began with it."""
    first = part.split(maxsplit=1)[0]
    is_word = len(first) > 1 and first[1:].rstrip(",.!?").islower() and first.rstrip(",.!?") not in _NAMES
    return part[0].lower() + part[1:] if is_word else part


def ended(text: str, style: Style, *, is_question: bool) -> str:
    """With what this person puts behind the last word."""
    if _ENDED.search(text) or (is_question and style.end not in ("", "..")):
        return text
    return text + style.end


def plain(text: str) -> str:
    """The marks that a keyboard has."""
    return text.replace("׳", "'").replace("״", '"')


def slip(text: str, rng: Random) -> str:
    """The text with one slip of the kinds that people make, or as it was where none fits."""
    known = [(right, wrong) for right, wrong in slips() if re.search(rf"(?<![א-ת]){right}(?![א-ת])", text)]
    if known and rng.random() < 0.7:
        right, wrong = rng.choice(known)
        return re.sub(rf"(?<![א-ת]){right}(?![א-ת])", wrong, text, count=1)
    if rng.random() < 0.82:
        return text
    words = [
        found for found in _WORD.finditer(text) if found.group()[-1] not in _FINAL and not _HOUSES.search(found.group())
    ]
    if not words:
        return text
    found = rng.choice(words)
    word, at = found.group(), rng.randrange(1, len(found.group()) - 2)
    wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return text[: found.start()] + wrong + text[found.end() :]
