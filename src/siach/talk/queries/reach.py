"""What a mandate opens of the trunk: mentions of its brand, and with them posts, authors and pictures.

A narrow mandate opens the mentions of its topics, and the conversations in which a case of its brand stood; one on
cases alone opens only those. Our own people are not asked: their brands are whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from siach.org.rights import brands_for, narrow, orgs_for, reaches
from siach.talk.models import Author, Mention, Post, ServedThread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from siach.org.models import User
    from siach.org.rights import Reach

Reaches = dict[int, "tuple[Reach, ...]"]


def mentions_for(user: User, right: str, *, limits: Reaches | None = None) -> QuerySet[Mention]:
    """The mentions on which this person holds the right. `limits`: the narrow reaches, where they are known."""
    mentions = Mention.objects.filter(brand__in=brands_for(user, right))
    limits = narrow(reaches(user, right)) if limits is None else limits
    return mentions.filter(_within(limits)) if limits else mentions


def posts_for(user: User, right: str) -> QuerySet[Post]:
    """The posts of this person's own organisations; by a mandate those that mention its brand, and those of the
    conversations that hold a case of it."""
    ours, lent = Q(org__in=orgs_for(user, right)), reaches(user, right)
    if not lent:
        return Post.objects.filter(ours)
    heard = Mention.objects.filter(_within(narrow(lent)), post=OuterRef("pk"), brand__in=lent)
    served = ServedThread.objects.filter(_served(lent), thread=OuterRef("thread"))
    return Post.objects.filter(ours | Exists(heard) | Exists(served))


def authors_for(user: User, right: str) -> QuerySet[Author]:
    """The authors heard by this person's own organisations; by a mandate those who spoke of its brand."""
    ours, lent = Q(org__in=orgs_for(user, right)), reaches(user, right)
    if not lent:
        return Author.objects.filter(ours)
    heard = Mention.objects.filter(_within(narrow(lent)), post__author=OuterRef("pk"), brand__in=lent)
    return Author.objects.filter(ours | Exists(heard))


def _served(lent: Reaches) -> Q:
    """Of ServedThread: the conversations with a case within these mandates."""
    found = Q(pk__in=[])
    for brand, parts in lent.items():
        for reach in parts:
            found |= Q(brand=brand, topics__overlap=list(reach.topics)) if reach.topics else Q(brand=brand)
    return found


def _within(limits: Reaches) -> Q:
    """Of Mention: what stands within these limits. A brand without a limit is whole."""
    found = ~Q(brand__in=list(limits))
    for brand, parts in limits.items():
        topics = [topic for reach in parts if not reach.cases_only for topic in reach.topics]
        served = ServedThread.objects.filter(_served({brand: parts}), thread=OuterRef("post__thread"))
        found |= Q(brand=brand) & (Q(topics__overlap=topics) | Q(Exists(served)))
    return found


def condition(limits: Mapping[int, tuple[Reach, ...]]) -> tuple[str, dict[str, Any]]:
    """The same limits as SQL over `m` (a mention) and `p` (its post), with its values."""
    parts, values = ["m.brand_id <> ALL(%(narrowed)s)"], dict[str, Any](narrowed=list(limits))
    for brand, reaches_of in limits.items():
        for n, reach in enumerate(reaches_of):
            key = f"{brand}_{n}"
            values |= {f"reach{key}": brand, f"topics{key}": list(reach.topics)}
            of_topics = f" AND s.topics && %(topics{key})s::bigint[]" if reach.topics else ""
            served = (
                "EXISTS (SELECT FROM talk_servedthread s"
                f" WHERE s.thread_id = p.thread_id AND s.brand_id = m.brand_id{of_topics})"
            )
            if not reach.cases_only:
                served = f"(m.topics && %(topics{key})s::bigint[] OR {served})"
            parts.append(f"(m.brand_id = %(reach{key})s AND {served})")
    return f"({' OR '.join(parts)})", values
