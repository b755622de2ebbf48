"""Drills: a storm is put on the pretend network of a demo, heard and answered like a real one, and scored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.care.actions import close_played
from siach.demo.actions.accounts import accounts_on
from siach.demo.actions.staging import Staging
from siach.demo.models import Drill
from siach.demo.queries import is_going, is_loaded, wanted
from siach.demo.queries.scores import kept, running
from siach.org.actions import Refused
from siach.org.demos import note_drill
from siach.org.ledger import record
from siach.org.live import signal
from siach.org.models import Brand, Org
from siach.talk import connections
from siach.talk.actions.marking import foretell
from siach.talk.actions.sending import MOVES, withdraw
from siach.talk.actions.taking import thread_key
from siach.talk.captured import NETWORKS as CLOSED
from siach.talk.models import Batch, Outgoing, Source, Thread
from siach.world.storm import Shape, storm

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User
    from siach.world.storm import Storm

#: Of the storm's own time: how long behind its last post a drill goes on, for answers and thanks.
AFTERWARDS = timedelta(minutes=20)
#: By our clock: how long an ended drill waits for what its sources have not heard yet.
LONGEST_WAIT = timedelta(minutes=5)
#: Words that a drill takes back when it ends; of unclear ones a person says what became of them.
_UNSENT = MOVES["withdraw"]
_DESERVE_NONE = ("ring", "troll")


@transaction.atomic
def begin(
    *, org: Org, kind: str, seed: int, speed: int, shape: Shape, has_trouble: bool, by: User | None, at: datetime
) -> Drill:
    """Play the storm of this kind, seed and shape into the demo, `speed` times as fast. Refused while another is
    played, before the demo is loaded, and for what is no demo."""
    org = Org.objects.select_for_update(no_key=True).get(pk=org.pk)
    if not org.is_demo or not is_loaded(org) or is_going(org):
        raise Refused(_("A drill needs a demo that is fully loaded."))
    if running(org.pk) is not None:
        raise Refused(_("A drill is already running. End it first."))
    brand = Brand.objects.get(org=org, kind=Brand.Kind.OWN)
    made = storm(kind, seed, begin=at, shape=shape, language=wanted(org).language)
    whole = timedelta(hours=shape.hours) + AFTERWARDS
    drill = Drill.objects.create(
        org=org,
        brand=brand,
        kind=kind,
        speed=speed,
        seed=seed,
        posts=len(made.said),
        hours=shape.hours,
        has_trouble=has_trouble,
        by=by,
        begun_at=at,
        ends_at=at + whole / speed,
        patience=round(made.patience.total_seconds()),
    )
    _stage(drill, made, at=at)
    note_drill(org=org, drill=drill.pk)
    record("drill.begun", drill, by=by, at=at, org=org, brand=brand, kind=kind, speed=speed)
    for topic in ("sources", "inbox"):
        signal(org.pk, topic)
    return drill


def _stage(drill: Drill, made: Storm, *, at: datetime) -> None:
    """What the drill plays, on the pretend network; and a source for each of its places."""
    staging = Staging(made, drill)
    planned = list(staging.planned())
    spoken = (one.network for one in planned if connections.speaks(one.network, demo=True))
    accounts_on(spoken, brand=drill.brand, at=at)
    drill.asks = staging.asks
    drill.feeds = [staging.key(one.key) for one in made.truth if one.role in _DESERVE_NONE]
    drill.beats = [[beat.name, staging.at(beat.at).isoformat()] for beat in made.beats]
    drill.save(update_fields=["asks", "feeds", "beats"])
    foretell(
        Thread(
            org_id=drill.org_id,
            network=one.network,
            key=thread_key(one.post),
            place=one.place,
            is_closed=one.network in CLOSED,
            drill=drill.pk,
        )
        for one in planned
    )
    for network, place in sorted({(one.network, one.place) for one in planned}):
        Source.objects.create(
            org_id=drill.org_id,
            brand_id=drill.brand_id,
            network=network,
            kind=Source.Kind.DRILL,
            place=place,
            connected_at=at,
            due_at=at,
            cursor={"seen": at.timestamp(), "key": ""},
        )
    stage = connections.stage_of(drill.org)
    stage.clear(at=at)  # of a drill whose beginning was undone
    stage.plan(planned)
    if drill.has_trouble:
        staging.trouble(stage)


@transaction.atomic
def stop(*, drill: Drill, by: User | None, at: datetime) -> Drill:
    """End a drill before its time. Refused when it has ended."""
    drill = Drill.objects.select_for_update(of=("self",)).select_related("org", "brand").get(pk=drill.pk)
    if drill.ended_at is not None:
        raise Refused(_("This drill has ended."))
    drill.is_cut = True
    _end(drill, by=by, at=at)
    return drill


def end_due(*, at: datetime) -> int:
    """End drills whose time is over, once all of them was heard and carried; one whose demo is being removed goes with
    it. Returns how many."""
    over = Drill.objects.filter(ended_at=None, ends_at__lte=at, org__removal=None).values_list("pk", flat=True)
    return sum(_end_one(pk, at=at) for pk in over)


@transaction.atomic
def _end_one(pk: int, *, at: datetime) -> bool:
    found = Drill.objects.select_for_update(of=("self",), skip_locked=True).select_related("org", "brand")
    drill = found.filter(pk=pk, ended_at=None).first()
    if drill is None or (_is_behind(drill, at) and at < drill.ends_at + LONGEST_WAIT):
        return False
    _end(drill, by=None, at=at)
    return True


def _is_behind(drill: Drill, at: datetime) -> bool:
    """Whether something of it stands on the network by now that was not heard, a late answer of ours too, or was heard
    and is not carried yet."""
    sources = Source.objects.filter(org=drill.org_id, kind=Source.Kind.DRILL)
    if Batch.objects.filter(source__in=sources, done_at=None).exists():
        return True
    stage = connections.stage_of(drill.org)
    return any(_waits(stage, source, at) for source in sources)


def _waits(stage: connections.Stage, source: Source, at: datetime) -> bool:
    seen, key = float(str(source.cursor.get("seen", 0))), str(source.cursor.get("key", ""))
    return stage.waits(source.network, source.place, seen, key, at=at)


def _end(drill: Drill, *, by: User | None, at: datetime) -> None:
    """The network shows nothing more of it, nobody listens any more, its score is kept, and its cases are closed."""
    connections.stage_of(drill.org).clear(at=at)
    Source.objects.filter(org=drill.org_id, kind=Source.Kind.DRILL).delete()
    drill.ended_at, drill.score = at, kept(drill)
    drill.save(update_fields=["ended_at", "is_cut", "score"])
    for words in Outgoing.objects.filter(org=drill.org, target__thread__drill=drill.pk, state__in=_UNSENT):
        withdraw(outgoing=words, at=at)
    closed = close_played(org=drill.org, drill=drill.pk, at=at)
    note_drill(org=drill.org, drill=None)
    record("drill.ended", drill, by=by, at=at, org=drill.org, brand=drill.brand, cut=drill.is_cut, closed=closed)
    for topic in ("sources", "inbox"):
        signal(drill.org_id, topic)
