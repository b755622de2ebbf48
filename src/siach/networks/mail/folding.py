"""What a mail says by itself: without the history that it carries along, and without a signature."""

from __future__ import annotations

import re

FORWARD = re.compile(r"\A\s*(fwd?|forwarded|העברה|הועבר|fs|wg|tr)\s*:", re.IGNORECASE)
ANSWER = re.compile(r"\A\s*(re|aw|sv|תגובה|תשובה|השב)(\s*\[\d+\])?\s*:\s*", re.IGNORECASE)
_MARKS = "\u200b-\u200f\u202a-\u202e\u2066-\u2069"
_STRAY = re.compile(f"[{_MARKS}]")
#: The line that mail programs write above what they quote.
_ATTRIBUTION = re.compile(
    r"(on\b.{4,300}\bwrote|בתאריך\b.{4,300}(מאת|כתב)\b.*|ב[-־]?\s?\d.{4,300}\bכתב(/ה|ה|/ו|ו|\(ה\))?|.{4,200}<[^<>\s]+@[^<>\s]+>\s*(wrote|כתב(/ה|ה)?))\s*:?$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"\A(?:[-_\s]*(original message|הודעה מקורית|ההודעה המקורית)[-_\s]*|_{10,})$", re.IGNORECASE)
_HEAD = re.compile(r"\*?(from|sent|date|to|cc|subject|מאת|נשלח|תאריך|אל|עותק|נושא)\*?\s*:\*?\s", re.IGNORECASE)
_SIGNATURE = re.compile(r"--\s?$")
_PHONE = re.compile(
    r"(sent from my |sent from (outlook|yahoo|mail|gmail)|get outlook for |נשלח מ)[^\n]{0,80}$", re.IGNORECASE
)


def folded(text: str) -> str:
    """The words of this mail alone. Where nothing would be left, all of it."""
    lines = [_STRAY.sub("", line.rstrip()) for line in text.split("\n")]
    end = next((at for at, _line in enumerate(lines) if _begins_history(lines, at)), len(lines))
    own = [line for line in lines[:end] if not _quoted(line)]
    own = _unsigned(own)
    return "\n".join(own).strip() or text.strip()


def _begins_history(lines: list[str], at: int) -> bool:
    """Whether from this line on everything is what others said before."""
    line = lines[at].strip()
    if _DIVIDER.match(line):
        return True
    if _HEAD.match(line) and sum(bool(_HEAD.match(one.strip())) for one in lines[at : at + 6]) > 2:
        return True
    broken = f"{line} {lines[at + 1].strip()}" if at + 1 < len(lines) else line
    if not (_ATTRIBUTION.match(line) or _ATTRIBUTION.match(broken)):
        return False
    rest = [one for one in lines[at + 1 :] if one.strip() and not one.strip().endswith(":")]
    # Whoever answers sentence by sentence writes below what is quoted: then the quoted lines go one by one.
    return not (rest and _quoted(rest[0]) and not all(map(_quoted, rest)))


def _quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _unsigned(lines: list[str]) -> list[str]:
    cut = next((at for at, line in enumerate(lines) if _SIGNATURE.match(line)), len(lines))
    lines = lines[:cut]
    while lines and (not lines[-1].strip() or _PHONE.match(lines[-1].strip())):
        lines = lines[:-1]
    return lines
