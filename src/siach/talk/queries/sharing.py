"""One post as a text to hand on: for a message or a mail, plain, each line in its own direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from siach.talk.connections import label
from siach.talk.models import Post
from siach.talk.queries.stream import newest_metrics
from siach.ui.text import clean, text_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.talk.models import PostMetrics
    from siach.talk.queries.stream import Card

LETTERS = 1_500
# A message takes its direction from its first letter of one; a mark before a line decides for it.
_MARKS = {"rtl": "\u200f", "ltr": "\u200e"}


def share_text(post: Post, cards: Sequence[Card]) -> str:
    """Who said it, where and when, the words, how they are read, how far they went, and where they stand.

    In the active language. A person of a closed place is not named.
    """
    said = clean(post.text).strip()
    cut = said[:LETTERS].rstrip() + " […]" if len(said) > LETTERS else said
    body = [_MARKS[text_dir(post.text)] + line if line.strip() else "" for line in cut.splitlines()]
    facts = [_own(_reading(card, len(cards) > 1)) for card in cards]
    numbers = newest_metrics([post.pk]).get(post.pk)
    if numbers and (far := _numbers(numbers)):
        facts.append(_own(far))
    if post.state == Post.State.GONE:
        facts.append(_own(_("It has since been removed from the network.")))
    if post.url:
        facts.append(post.url)
    return "\n".join([_own(_head(post)), "", *body, "", *facts]).strip()


def _own(line: str) -> str:
    """A line of ours, in the direction of the page's language."""
    return _MARKS["rtl" if get_language_bidi() else "ltr"] + line


def _head(post: Post) -> str:
    at = f"{timezone.localtime(post.said_at):%d.%m.%Y %H:%M}"
    where = clean(post.thread.place) or label(post.network)
    if post.author.is_closed:
        return _("%(where)s, %(at)s") % {"where": _isolated(where), "at": at}
    who = _isolated(clean(str(post.author)))
    return _("%(who)s, %(where)s, %(at)s") % {"who": who, "where": _isolated(where), "at": at}


def _reading(card: Card, several: bool) -> str:
    """How the words are read for one brand: tone, kind and safety."""
    mention = card.mention
    words = [str(mention.get_sentiment_display())]
    if mention.intent:
        words.append(str(mention.get_intent_display()))
    if mention.is_safety:
        words.append(_("safety"))
    read = _("Reading: %(words)s") % {"words": ", ".join(words)}
    return f"{_isolated(clean(mention.brand.name))}: {read}" if several else read


def _numbers(metrics: PostMetrics) -> str:
    told = [
        (metrics.likes, ngettext("%(n)s like", "%(n)s likes", metrics.likes)),
        (metrics.comments, ngettext("%(n)s comment", "%(n)s comments", metrics.comments)),
        (metrics.shares, ngettext("%(n)s share", "%(n)s shares", metrics.shares)),
    ]
    if metrics.views:
        told.append((metrics.views, ngettext("%(n)s view", "%(n)s views", metrics.views)))
    return " · ".join(words % {"n": f"{n:,}"} for n, words in told if n)


def _isolated(name: str) -> str:
    """A name that does not reorder the words round it."""
    return f"\u2068{name}\u2069"
