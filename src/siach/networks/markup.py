"""HTML of a feed or a mail as plain text: no markup, no code, line breaks where a reader would see them."""

from __future__ import annotations

import html
import re
from collections import Counter

import nh3

#: What a browser shows on lines of its own.
_BLOCKS = frozenset(("p", "div", "li", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "hr"))
_PARAGRAPHS = frozenset(("p", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "hr"))
_CODE = {"script", "style", "template", "title", "svg", "math", "noscript", "iframe", "object", "select", "textarea"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_SPACE = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_GAP = re.compile(r"\n{3,}")
_ANY_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)([^<>]*)>")
#: Tags that hold nothing, and those that end by themselves where the next begins.
_EMPTY = "br img hr input meta link source wbr col area base embed param track"
_FLAT = frozenset(f"{_EMPTY} p li dt dd tr td th option thead tbody tfoot".split())
#: The cleaner's time grows with the square of the depth; no page that people read is so deep.
DEEPEST = 200
MOST_MARKUP = 300_000
#: Marks that turn the direction of all that follows; the two that are letters' neighbours (LRM, RLM) may stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufff9-\ufffb]")


def plain(content: str, *, without: frozenset[str] = frozenset()) -> str:
    """The words of HTML; of these tags nothing, not their words either. Of markup that only keeps a reader busy just
    the tags are taken away."""
    text = content[:MOST_MARKUP]
    if not is_too_deep(text):
        tags = (_BLOCKS | {"br"}) - without
        text = nh3.clean(text, tags=tags, clean_content_tags=_CODE | without, attributes={})
    text = _TAG.sub(_broken, re.sub(r"\s+", " ", text))
    return tidy(html.unescape(text))


def is_too_deep(text: str) -> bool:
    """Whether tags stand within tags beyond all sense, as far as can be seen without building the tree."""
    still: Counter[str] = Counter()
    depth = 0
    for closing, tag, more in _ANY_TAG.findall(text):
        name = tag.lower()
        if name in _FLAT or more.endswith("/"):
            continue
        if not closing:
            still[name] += 1
            depth += 1
            if depth > DEEPEST:
                return True
        elif still[name]:
            still[name] -= 1
            depth -= 1
    return False


def _broken(found: re.Match[str]) -> str:
    tag = found.group(2).lower()
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _BLOCKS or tag == "br" else ""


def tidy(text: str) -> str:
    """A text from outside as lines: no controls, nothing that turns the direction of what stands behind it."""
    text = _CONTROL.sub("", _TURNING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _GAP.sub("\n\n", _AROUND_BREAK.sub("\n", _SPACE.sub(" ", text))).strip()


def line(text: str) -> str:
    """The same in one line: a title, a name."""
    return " ".join(tidy(text).split())
