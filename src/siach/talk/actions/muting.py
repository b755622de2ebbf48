"""Muting for oneself: an author, a topic or a word leaves this person's list of the Stream, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from siach.talk.models import Mute
from siach.talk.queries import search

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Topic, User
    from siach.talk.models import Author

MOST_MUTES = 50
#: For how many days a mute may last; 0 is until it is taken back.
LASTING = (1, 7, 30, 0)


class CannotMute(Exception):
    """The message says why, in the reader's language."""


def mute(
    *,
    user: User,
    author: Author | None = None,
    topic: Topic | None = None,
    word: str = "",
    days: int = 0,
    at: datetime,
) -> Mute:
    """Mute an author, a topic, or posts with a word: one of the three. A private wish, so the ledger keeps none of
    it; again it only lasts anew. Safety words and open cases are shown all the same."""
    words = "" if author or topic else word.replace("\x00", "").strip()[:60]
    if author is None and topic is None and not search.tsquery(search.asked(words)):
        raise CannotMute(_("Enter a word that a search can find."))
    if days not in LASTING:
        raise CannotMute(_("A mute lasts a day, a week, a month, or until it is removed."))
    if Mute.objects.filter(user=user).count() >= MOST_MUTES:
        raise CannotMute(_("There are already 50 mutes. Remove one first."))
    until = at + timedelta(days=days) if days else None
    kept, _made = Mute.objects.update_or_create(
        user=user, author=author, topic=topic, word=words, defaults={"until": until, "made_at": at}
    )
    return kept


def unmute(*, mute: Mute) -> None:
    mute.delete()


def drop_mutes(*, at: datetime) -> int:
    """Mutes that have ended go."""
    return Mute.objects.filter(until__lte=at).delete()[0]
