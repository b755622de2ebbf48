"""Loading the demo: what the world said goes the way of everything that is heard, with its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from siach.demo.actions.founding import SPAN
from siach.demo.actions.hearing import LAG, pages, sources_of
from siach.demo.queries import is_going, is_loaded, owner_of, wanted
from siach.org.demos import note_loaded
from siach.org.live import signal
from siach.org.models import Brand, Org
from siach.talk.actions.carrying import carry
from siach.talk.actions.counting import fold
from siach.talk.actions.taking import take_in
from siach.talk.models import Author, Post, Source
from siach.world.making import make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from siach.demo.actions.hearing import Page
    from siach.talk.actions.carrying import Step

    Tell = Callable[[int, int], None]


def load(
    *, org_id: int, steps: Sequence[tuple[str, Step]], at: datetime, tell: Tell = lambda done, total: None
) -> bool:
    """Load the world that this demo wants. `tell` hears how many posts of how many are in.

    Killed anywhere, the next call goes on: what is known changes nothing. False when its removal was asked meanwhile.
    """
    org = Org.objects.filter(pk=org_id, is_demo=True).first()
    if org is None or is_loaded(org):
        return org is not None
    asked = wanted(org)
    world = make(asked.seed, asked.end, asked.posts)
    brand = Brand.objects.get(org=org, kind=Brand.Kind.OWN)
    with transaction.atomic():
        sources = sources_of(world=world, brand=brand, by=owner_of(org), at=asked.end - SPAN)
    done = 0
    for page in pages(world, sources):
        if not _heard(org.pk, page, steps):
            return False
        done += len(page.posts)
        signal(org.pk, "sources")
        tell(done, len(world.said))
    while fold(at=asked.end):
        pass
    _finish(org, sources.values(), end=asked.end, at=at)
    return True


@transaction.atomic
def _heard(org_id: int, page: Page, steps: Sequence[tuple[str, Step]]) -> bool:
    """One page from its coming in to its cases, in one transaction: a worker beside us finds nothing left to carry,
    so that nothing bears its clock. False once the demo goes."""
    org = Org.objects.select_for_update(no_key=True).filter(pk=org_id).first()
    if org is None or is_going(org):
        return False
    taken = take_in(page.posts, source=page.source, at=page.at, history=page.is_history, place=page.place, edits=False)
    if page.ours:
        Author.objects.filter(org=org, network=page.source.network, external_id__in=page.ours).update(is_ours=True)
    for batch in taken.batches:
        carry(batch, steps, at=page.at)
    return True


@transaction.atomic
def _finish(org: Org, sources: Iterable[Source], *, end: datetime, at: datetime) -> None:
    """Each source was asked until the end, and heard something last when its newest post came. Done once, though the
    command and a worker load the same demo."""
    if is_loaded(Org.objects.select_for_update(no_key=True).get(pk=org.pk)):
        return
    for source in sources:
        newest = Post.objects.filter(source=source).order_by("-said_at").values_list("said_at", flat=True).first()
        source.asked_at, source.heard_at, source.lag_seconds = end, newest, LAG.total_seconds()
        source.save(update_fields=["asked_at", "heard_at", "lag_seconds"])
    note_loaded(org=org, posts=Post.objects.filter(org=org).count(), at=at)
    signal(org.pk, "sources")
