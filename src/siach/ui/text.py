"""User text on a page: its direction, its safe and isolated HTML, and the marking of deciding words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

# Bidi controls can reorder the page around a post; NUL and other controls have no meaning on it.
_NEUTRAL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_URL = r"https?://[^\s<>\"]+|www\.[^\s<>\"]+"
_EMAIL = r"(?<![\w.+\-])[A-Za-z0-9._+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
_HANDLE = r"(?<![\w@])@[\w.\-]*\w(?:@[\w.\-]*\w)?"
_TAG = r"(?<![\w#&])#\w+"
_PHONE = (
    r"(?<![\w+])(?:\+\d{1,3}[ \-]?\(?\d{1,3}\)?(?:[ \-]\d{3,7}){1,2}|0\d{1,2}[ \-]\d{3}[ \-]?\d{4}"
    r"|1-?[78]00(?:-\d{2,3}){1,3}|\*\d{3,5})(?!\w)"
)
_ORDER = r"(?<!\w)(?:[A-Z]{1,6}-\d[A-Za-z0-9\-]*|[A-Z]{2,6}\d{3,}|\d{6,})(?!\w)"
_AMOUNT = r"(?<![\w.,])(?:[+\-\u2212]?\d[\d.,]*%|[+\-\u2212]\d[\d.,]*\d)"

_TOKEN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "url": _URL,
            "email": _EMAIL,
            "handle": _HANDLE,
            "tag": _TAG,
            "phone": _PHONE,
            "order": _ORDER,
            "amount": _AMOUNT,
        }.items()
    )
)
# Whatever is isolated has one of these: most texts have none, and need no closer look.
_SIGN = re.compile(r"[@#/\d]|www")
_LETTERS = re.compile(r"[^\W\d_]+")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+")
_BARE = re.compile(f"{_URL}|{_EMAIL}|{_HANDLE}|{_TAG}|{_ORDER}")
_RETWEET = re.compile(r"^\s*(?:RT|MT|QT|via)\b:?\s*(?=@|\S)")

_QUOTES = {"rtl": ("\u05f4", "\u05f4"), "ltr": ("\u201c", "\u201d")}

# A full stop that ends the sentence is not a part of the link before it.
_URL_TAIL = ".,;:!?)]}\u05f3\u05f4\u2026"


@dataclass(frozen=True)
class Span:
    """A piece of text by character offsets (end excluded) and why it is marked (a CSS-safe kind)."""

    start: int
    end: int
    kind: str = "word"


def clean(text: str) -> str:
    """The text without bidi controls, NUL and other controls; tabs and line breaks stay."""
    return _NEUTRAL.sub("", text)


def text_dir(text: str) -> str:
    """Direction of a post by the majority of its letters: "rtl" or "ltr".

    Links, handles, hashtags, order numbers and a leading RT say nothing about the language of the
    writer, so they are dropped first. A text without letters follows its hashtags and handles, and with
    none of them the page's own reading side is Hebrew's.
    """
    bare = _RETWEET.sub("", clean(text))
    bare = _BARE.sub(" ", bare) if _SIGN.search(bare) else bare
    rtl, ltr = _letters(bare)
    if rtl == ltr == 0:
        rtl, ltr = _letters(re.sub(_URL, " ", text))
    return "rtl" if rtl >= ltr else "ltr"


def rich_text(text: str) -> SafeString:
    """The text as safe HTML: escaped, controls neutralised, line breaks kept, and every handle, hashtag,
    link, order number, phone and amount isolated so that it never reorders the words around it.

    Only http and https become links."""
    return marked_text(text, ())


def brief_text(text: str, letters: int) -> SafeString:
    """The beginning of a text in one line, isolated like `rich_text` but without links, so that it may stand in one.

    Cut before the word that goes beyond `letters` characters, with an ellipsis."""
    line = " ".join(clean(text).split())
    if len(line) > letters:
        kept = line[:letters]
        kept = kept.rpartition(" ")[0] or kept
        line = kept.rstrip(" .,;:!?\u2026\u2013-") + "\u2026"
    return marked_text(line, (), linked=False)


def quoted_text(text: str, letters: int) -> SafeString:
    """`brief_text` in the quotation marks of its own direction; the closing one comes after the ellipsis."""
    opens, closes = _QUOTES[text_dir(text)]
    return mark_safe(f"{opens}{brief_text(text, letters)}{closes}")


def marked_text(
    text: str, spans: Iterable[Span | tuple[int, int] | tuple[int, int, str]], *, linked: bool = True
) -> SafeString:
    """`rich_text` with `<mark>` round the spans. Offsets count characters of `text` as it was given.

    Spans that lie outside the text are cut, those that overlap are joined; a span across a token marks
    inside the token, so the HTML stays well-formed."""
    marks = _ordered(spans, len(text))
    out: list[str] = []
    at = 0
    for match in _TOKEN.finditer(text) if _SIGN.search(text) else ():
        start, end = match.start(), match.end()
        if match.lastgroup == "url":
            end = start + len(match.group().rstrip(_URL_TAIL))
        if end <= start:
            continue
        out.append(_plain(text, at, start, marks))
        out.append(_token(str(match.lastgroup), text[start:end], _plain(text, start, end, marks), linked))
        at = end
    out.append(_plain(text, at, len(text), marks))
    return mark_safe("".join(out))


def _letters(text: str) -> tuple[int, int]:
    """Letters of right-to-left scripts, letters of all others."""
    rtl = _count(_RTL.findall(text))
    return rtl, _count(_LETTERS.findall(text)) - rtl


def _count(pieces: list[str]) -> int:
    """The letters of these: as a rule there is nothing else in them."""
    joined = "".join(pieces)
    return len(joined) if joined.isalpha() else sum(map(str.isalpha, joined))


def _ordered(spans: Iterable[Span | tuple[int, int] | tuple[int, int, str]], length: int) -> list[Span]:
    wanted = sorted((s if isinstance(s, Span) else Span(*s) for s in spans), key=lambda s: (s.start, -s.end))
    joined: list[Span] = []
    for span in wanted:
        start, end = max(0, span.start), min(length, span.end)
        if joined and start < joined[-1].end:
            start = joined[-1].end
        if start < end:
            joined.append(Span(start, end, span.kind))
    return joined


def _plain(text: str, start: int, end: int, marks: list[Span]) -> str:
    """Escaped text of [start, end) with the marks that fall into it."""
    out: list[str] = []
    at = start
    for span in marks:
        low, high = max(span.start, start), min(span.end, end)
        if low < high:
            kind = escape(span.kind)
            out += [_safe(text[at:low]), f'<mark class="mark-{kind}">', _safe(text[low:high]), "</mark>"]
            at = high
    out.append(_safe(text[at:end]))
    return "".join(out)


def _safe(text: str) -> str:
    lines = escape(clean(text)).replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\n", "<br>")


def _token(kind: str, raw: str, inner: str, linked: bool) -> str:
    """The HTML of one isolated token; `inner` is its escaped and marked text."""
    if kind == "url":
        if not linked or not raw.startswith(("http://", "https://")):
            return f'<bdi dir="ltr" class="t-url">{inner}</bdi>'
        href = escape(clean(raw))
        return (
            f'<bdi dir="ltr" class="t-url"><a href="{href}" target="_blank" rel="noopener nofollow ugc">'
            f"{inner}</a></bdi>"
        )
    side = "rtl" if _letters(raw)[0] else "ltr"
    return f'<bdi dir="{side}" class="t-{kind}">{inner}</bdi>'
