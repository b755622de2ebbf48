"""What one reader has muted, as the Stream asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from siach.org.rights import brands_for
from siach.talk.models import Mute
from siach.talk.queries import search
from siach.talk.queries.reach import authors_for

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import User


@dataclass(frozen=True, slots=True)
class Muted:
    """Authors and topics by id, and the words as the text of a tsquery."""

    authors: tuple[int, ...] = ()
    words: str = ""
    topics: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.authors or self.words or self.topics)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "muted_authors": list(self.authors),
            "muted_words": self.words,
            "muted_topics": list(self.topics),
        }


NOTHING = Muted()

# Needs the rows of the post and the mention. What must not be missed is shown whoever said it.
_IS_MUTED = (
    "(p.author_id = ANY(%(muted_authors)s) OR p.words @@ %(muted_words)s::tsquery"
    " OR coalesce(m.topics && %(muted_topics)s::bigint[], false))"
)
_MUST_SHOW = (
    "(m.is_safety OR EXISTS (SELECT FROM talk_threadmark t WHERE t.thread_id = p.thread_id AND t.kind = 'case'))"
)
SHOWN = f"(NOT {_IS_MUTED} OR {_MUST_SHOW})"
HIDDEN = f"({_IS_MUTED} AND NOT {_MUST_SHOW})"


def mutes_of(user: User, *, at: datetime) -> QuerySet[Mute]:
    """The mutes that hold now; of authors and topics, those that this person may still read."""
    lasting = Q(until=None) | Q(until__gt=at)
    readable = Q(author=None) | Q(author__in=authors_for(user, "stream.read"))
    readable &= Q(topic=None) | Q(topic__brand__in=brands_for(user, "stream.read"))
    mutes = Mute.objects.filter(lasting, readable, user=user)
    return mutes.select_related("author", "topic__brand").order_by("-made_at", "-pk")


def muted_by(user: User, *, at: datetime) -> Muted:
    rows = list(Mute.objects.filter(Q(until=None) | Q(until__gt=at), user=user).values_list("author", "topic", "word"))
    words = [search.tsquery(search.asked(word)) for _author, _topic, word in rows if word]
    return Muted(
        authors=tuple(author for author, _topic, _word in rows if author),
        words=" | ".join(f"({word})" for word in words if word),
        topics=tuple(topic for _author, topic, _word in rows if topic),
    )
