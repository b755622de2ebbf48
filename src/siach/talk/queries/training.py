"""What people judged as data to train a reader on, where the networks' terms allow it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from siach.language.reading import INTENTS, sentiment_label
from siach.talk.connections import may_train
from siach.talk.models import Correction, Mention, Sampled
from siach.talk.queries.reach import mentions_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from siach.org.models import Brand, User

RIGHT = "brand.manage"
_CHUNK = 500


def judged(user: User, brands: Sequence[Brand]) -> QuerySet[Mention]:
    """Mentions of these brands that people judged, said in public and still there."""
    told = Correction.objects.values("mention").union(
        Sampled.objects.filter(sentiment__isnull=False).values("mention"), all=True
    )
    mine = mentions_for(user, RIGHT).filter(brand__in=brands, brand__org__is_demo=False)
    return mine.filter(pk__in=told, post__state="heard", post__is_private=False)


def counted(user: User, brands: Sequence[Brand]) -> tuple[int, dict[str, int]]:
    """How many may be exported, and of the others how many stand on which network."""
    networks = Counter(judged(user, brands).values_list("network", flat=True))
    kept = {network: n for network, n in networks.items() if not may_train(network)}
    return networks.total() - sum(kept.values()), dict(sorted(kept.items()))


def lines(user: User, brands: Sequence[Brand]) -> Iterator[dict[str, Any]]:
    """One line a post, of what may be exported: its text, network and language, the brand, and what people said of it:
    `sentiment`, `intent`, `about`, each where one was judged."""
    ids = list(judged(user, brands).order_by("pk").values_list("pk", "network"))
    allowed = [pk for pk, network in ids if may_train(network)]
    for at in range(0, len(allowed), _CHUNK):
        yield from _chunk(allowed[at : at + _CHUNK])


def _chunk(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    labels: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    for pk, sentiment in Sampled.objects.filter(mention__in=ids, sentiment__isnull=False).values_list(
        "mention", "sentiment"
    ):
        labels[pk]["sentiment"] = sentiment_label(int(sentiment or 0))
    for one in Correction.objects.filter(mention__in=ids).order_by("pk"):
        labels[one.mention_id][one.field] = _label(one.field, one.now)
    for mention in Mention.objects.filter(pk__in=ids).select_related("post", "brand").order_by("pk"):
        post = mention.post
        yield {
            "text": post.text,
            "network": mention.network,
            "language": post.language,
            "brand": mention.brand.name,
            **labels[mention.pk],
        }


def _label(field: str, code: int) -> str | bool:
    if field == "about":
        return bool(code)
    return sentiment_label(code) if field == "sentiment" else INTENTS[code]
