"""What a mandate opens of the trunk: mentions of its brand, and with them posts, authors and pictures.

A narrow mandate opens the mentions of its topics, and the conversations in which a case of its brand stood; one on
cases alone opens only those. Our own people are not asked: their brands are whole.

What was said in private is for those who read the Inbox: on a brand where they hold `PRIVATE`, as far as it reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from siach.org.rights import brands_for, covers, narrow, orgs_for, reaches
from siach.talk.models import Author, Mention, Post, ServedThread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from siach.org.models import Brand, User
    from siach.org.rights import Reach

Reaches = dict[int, "tuple[Reach, ...]"]
#: The right to read what was said in private.
PRIVATE = "inbox.read"


def mentions_for(user: User, right: str, *, limits: Reaches | None = None) -> QuerySet[Mention]:
    """The mentions on which this person holds the right. `limits`: the narrow reaches, where they are known."""
    mentions = Mention.objects.filter(brand__in=brands_for(user, right))
    limits = narrow(reaches(user, right)) if limits is None else limits
    found = mentions.filter(_within(limits)) if limits else mentions
    if covers(user, PRIVATE, right):
        return found
    read = Q(brand__in=brands_for(user, PRIVATE)) & _within(narrow(reaches(user, PRIVATE)))
    return found.filter(Q(post__is_private=False) | read)


def posts_for(user: User, right: str) -> QuerySet[Post]:
    """The posts of this person's own organisations; by a mandate those that mention its brand, and those of the
    conversations that hold a case of it."""
    found = Post.objects.filter(_posts(user, right))
    return found if covers(user, PRIVATE, right) else found.filter(Q(is_private=False) | _posts(user, PRIVATE))


def _posts(user: User, right: str) -> Q:
    ours, lent = Q(org__in=orgs_for(user, right)), reaches(user, right)
    if not lent:
        return ours
    heard = Mention.objects.filter(_within(narrow(lent)), post=OuterRef("pk"), brand__in=lent)
    served = ServedThread.objects.filter(_served(lent), thread=OuterRef("thread"))
    return ours | Q(Exists(heard)) | Q(Exists(served))


def authors_for(user: User, right: str) -> QuerySet[Author]:
    """The authors heard by this person's own organisations; by a mandate those who spoke of its brand. Who spoke in
    private alone is known to those who may read it."""
    found = Author.objects.filter(_authors(user, right))
    if covers(user, PRIVATE, right):
        return found
    said = Post.objects.filter(author=OuterRef("pk"))
    in_public = Q(Exists(said.filter(is_private=False))) | ~Q(Exists(said))
    return found.filter((in_public & _authors(user, right, post__is_private=False)) | _authors(user, PRIVATE))


def _authors(user: User, right: str, **heard_as: bool) -> Q:
    ours, lent = Q(org__in=orgs_for(user, right)), reaches(user, right)
    if not lent:
        return ours
    heard = Mention.objects.filter(_within(narrow(lent)), post__author=OuterRef("pk"), brand__in=lent, **heard_as)
    return ours | Q(Exists(heard))


def shut(user: User, right: str, brands: Iterable[Brand]) -> tuple[int, ...]:
    """Of these brands, those whose private messages this person does not read on a page of `right`. Of a brand that
    the Inbox opens only in part, all of them where the page opens more."""
    if covers(user, PRIVATE, right):
        return ()
    whole = brands_for(user, PRIVATE).exclude(pk__in=narrow(reaches(user, PRIVATE)))
    read = set(whole.values_list("pk", flat=True))
    return tuple(brand.pk for brand in brands if brand.pk not in read)


#: What a brand in %(shut)s keeps from its reader, over `m` and `p` as below.
SPOKEN_OPENLY = "(NOT p.is_private OR m.brand_id <> ALL(%(shut)s))"


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
