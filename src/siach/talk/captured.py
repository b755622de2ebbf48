"""What tells one captured post from another: its link, or its words in their place. Knows no table of ours."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext_lazy

from siach.language.clean import key as folded

if TYPE_CHECKING:
    from django.utils.functional import Promise

#: What a captured post stands under for its network.
NETWORKS: dict[str, str | Promise] = {
    "facebook_group": gettext_lazy("Facebook group"),
    "whatsapp_group": gettext_lazy("WhatsApp group"),
    "telegram_group": gettext_lazy("Telegram group"),
    "closed_place": gettext_lazy("Another closed place"),
}
LONGEST_PLACE = 200
_LONGEST_KEY = 400
_TRACKING = re.compile(r"utm_|fbclid|igsh|mibextid|rdid|__cft__|__tn__|ref$|refsrc|share_url")
_LEADING_LINK = re.compile(r"\A\s*(https?://\S+)\s*")
_LEAST_ALIKE = 4  # words; of fewer, two people may well say the same
_LEAST_CUT = 8
_MORE = 3  # words at the end of a text that an app cut: "... see more"


def split_link(text: str) -> tuple[str, str]:
    """A link that opens a pasted text, and the text without it."""
    found = _LEADING_LINK.match(text)
    return (found.group(1), text[found.end() :]) if found else ("", text)


def plain_link(url: str) -> str:
    """A link as a key: without what the sharing app appended, and of the one host for phone and desk."""
    parts = urlsplit(url.strip())
    host = re.sub(r"^(?:m|mbasic|web|touch)\.(?=facebook\.com)", "www.", parts.netloc.lower())
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name)])
    return urlunsplit(("https", host, parts.path.rstrip("/"), query, ""))


def tidy_place(place: str) -> str:
    """A place as it is kept, however it was spaced."""
    return " ".join(place.replace("\0", " ").split())[:LONGEST_PLACE]


def hash_of(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:40]


def key_of(place: str, text: str, url: str) -> str:
    """The key of a post: its link, or its place and its words."""
    if url:
        link = plain_link(url)
        return link if len(link) <= _LONGEST_KEY else f"link:{hash_of(link)}"
    return f"{place}#{hash_of(folded(text))}"


def is_alike(one: str, other: str) -> bool:
    """Whether two texts look like one post that was copied twice: nearly the same words, or one of them cut off."""
    first, second = sorted((folded(one).split(), folded(other).split()), key=len)
    both, all_of_them = set(first) & set(second), set(first) | set(second)
    if len(both) >= _LEAST_ALIKE and len(both) >= 0.8 * len(all_of_them):
        return True
    beginning = len(first) - _MORE
    return beginning >= _LEAST_CUT - _MORE and first[:beginning] == second[:beginning]
