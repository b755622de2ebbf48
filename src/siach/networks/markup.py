"""HTML of a feed or a mail as plain text: no markup, no code, line breaks where a reader would see them."""

from __future__ import annotations

import html
import re

import nh3

#: What a browser shows on lines of its own.
_BLOCKS = frozenset(("p", "div", "li", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "hr"))
_PARAGRAPHS = frozenset(("p", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "hr"))
_CODE = {"script", "style", "template", "title", "svg", "math", "noscript", "iframe", "object", "select", "textarea"}
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^<>]*>")
_SPACE = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_GAP = re.compile(r"\n{3,}")
#: Marks that turn the direction of all that follows; the two that are letters' neighbours (LRM, RLM) may stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufff9-\ufffb]")


def plain(content: str, *, without: frozenset[str] = frozenset()) -> str:
    """The words of HTML; of these tags nothing, not their words either."""
    tags = (_BLOCKS | {"br"}) - without
    text = nh3.clean(content, tags=tags, clean_content_tags=_CODE | without, attributes={})
    text = _TAG.sub(_broken, re.sub(r"\s+", " ", text))
    return tidy(html.unescape(text))


def _broken(found: re.Match[str]) -> str:
    return "\n\n" if found.group(2) in _PARAGRAPHS else "\n"


def tidy(text: str) -> str:
    """A text from outside as lines: no controls, nothing that turns the direction of what stands behind it."""
    text = _CONTROL.sub("", _TURNING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _GAP.sub("\n\n", _AROUND_BREAK.sub("\n", _SPACE.sub(" ", text))).strip()


def line(text: str) -> str:
    """The same in one line: a title, a name."""
    return " ".join(tidy(text).split())
