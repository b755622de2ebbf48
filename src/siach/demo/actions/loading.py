"""Loading the demo: what the world said goes the way of everything that is heard, with its own time."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import override

from siach.demo.actions.accounts import accounts_on
from siach.demo.actions.founding import SPAN
from siach.demo.actions.hearing import LAG, Beat, history, last_beat, live, live_since, sources_of
from siach.demo.actions.labelling import check_weeks
from siach.demo.actions.playing import Player
from siach.demo.queries import is_going, is_loaded, owner_of, wanted
from siach.org.demos import note_loaded
from siach.org.live import signal
from siach.org.models import Brand, Org
from siach.talk import connections
from siach.talk.actions.carrying import carry
from siach.talk.actions.counting import fold
from siach.talk.actions.taking import take_in
from siach.talk.models import Author, Post, Source
from siach.world.making import make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from siach.demo.actions.hearing import Page
    from siach.demo.actions.playing import Matters
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
    world = make(asked.seed, asked.end, asked.posts, asked.language)
    brand = Brand.objects.select_related("org").get(org=org, kind=Brand.Kind.OWN)
    with transaction.atomic(), override(asked.language):
        if _standing(org_id) is None:
            return False
        sources = sources_of(world=world, brand=brand, by=owner_of(org), at=asked.end - SPAN)
        spoken = (place.network for place in world.places if connections.speaks(place.network, demo=True))
        accounts = accounts_on(spoken, brand=brand, at=asked.end - SPAN)
    player, done = Player(world, brand, accounts), 0
    parts: Iterable[Beat | Matters] = chain(
        history(world, sources), player.before(live_since(world)), live(world, sources)
    )
    for part in parts:
        if not _lived(org_id, part, steps, player):
            return False
        if isinstance(part, Beat):
            done += part.posts
            tell(done, len(world.said))
        signal(org.pk, "sources")
    while fold(at=asked.end):
        pass
    return _finish(org, sources.values(), player, at=at)


def _standing(org_id: int) -> Org | None:
    """The demo, locked, so that of two who load it one waits for the other; None once it goes."""
    org = Org.objects.select_for_update(no_key=True).filter(pk=org_id).first()
    return None if org is None or is_going(org) else org


def _lived(org_id: int, part: Beat | Matters, steps: Sequence[tuple[str, Step]], player: Player) -> bool:
    """What was heard at once, or what was done before anybody listened. False once the demo goes."""
    return _heard(org_id, part, steps, player) if isinstance(part, Beat) else _played(org_id, part, player)


@transaction.atomic
def _played(org_id: int, matters: Matters, player: Player) -> bool:
    if _standing(org_id) is None:
        return False
    player.play_before(matters, live_since(player.world))
    return True


@transaction.atomic
def _heard(org_id: int, beat: Beat, steps: Sequence[tuple[str, Step]], player: Player) -> bool:
    """One beat from its coming in to its cases and what was done in them, in one transaction: a worker beside us finds
    nothing left to carry, so that nothing bears its clock, and a beat that is known was played too. False once the demo
    goes."""
    org = _standing(org_id)
    if org is None:
        return False
    new = sum(_taken(org, page, steps) for page in beat.pages)
    if new and not beat.is_history:
        player.between(beat.since, beat.until)
    return True


def _taken(org: Org, page: Page, steps: Sequence[tuple[str, Step]]) -> int:
    """How many posts of the page were new."""
    taken = take_in(page.posts, source=page.source, at=page.at, history=page.is_history, place=page.place, edits=False)
    if page.ours:
        Author.objects.filter(org=org, network=page.source.network, external_id__in=page.ours).update(is_ours=True)
    for batch in taken.batches:
        carry(batch, steps, at=page.at)
    return taken.new


@transaction.atomic
def _finish(org: Org, sources: Iterable[Source], player: Player, *, at: datetime) -> bool:
    """Once: the last deeds, and a desk as a good team leaves it. Each source was asked until the end, and heard
    something last when its newest post came. False once the demo goes."""
    if _standing(org.pk) is None or is_loaded(org):
        return is_loaded(org)
    end = player.world.end
    player.between(last_beat(player.world), end)
    player.clear(end)
    check_weeks(player.brand, player.world)
    for source in sources:
        newest = Post.objects.filter(source=source).order_by("-said_at").values_list("said_at", flat=True).first()
        source.asked_at, source.heard_at, source.lag_seconds = end, newest, LAG.total_seconds()
        source.save(update_fields=["asked_at", "heard_at", "lag_seconds"])
    note_loaded(org=org, posts=Post.objects.filter(org=org).count(), at=at)
    signal(org.pk, "sources")
    return True
