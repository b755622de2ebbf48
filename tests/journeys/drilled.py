"""A demo that says it is loaded and a drill on it, and a team that answers; each in a process of its own.

python -m tests.journeys.drilled begin KIND SEED SPEED     prints the keys of all posts that the drill will show
python -m tests.journeys.drilled answer SECONDS            answers whoever can be answered, until then
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import time
from datetime import UTC, datetime

from siach.commands import django_setup

WORDS = tuple("abcdefghijklmnopqrstuvwxyz")


def begin(kind: str, seed: int, speed: int) -> None:
    from siach.demo.actions import drilling, founding
    from siach.org.demos import note_loaded
    from siach.world.making import FEWEST
    from siach.world.storm import Shape, storm

    at, shape = datetime.now(UTC), Shape(hours=2, posts=90, second_wave=1.2)
    org = founding.found(end=at, posts=FEWEST, at=at)
    note_loaded(org=org, posts=0, at=at)
    drill = drilling.begin(org=org, kind=kind, seed=seed, speed=speed, shape=shape, has_trouble=True, by=None, at=at)
    said = storm(kind, seed, begin=at, shape=shape).said
    print(json.dumps({"drill": drill.pk, "keys": [f"drill-{drill.pk}-{one.key}" for one in said]}))


def answer(seconds: float) -> None:
    """What goes wrong because something was just killed is tried again, as a person would."""
    from django.db import Error, close_old_connections

    rng, end = random.Random(7), time.monotonic() + seconds
    while time.monotonic() < end:
        close_old_connections()
        with contextlib.suppress(Error):
            _answer_one(rng)
        time.sleep(0.3)


def _answer_one(rng: random.Random) -> None:
    """Grant what waits for it, as the owner may, and answer whoever waits longest."""
    from siach.care.actions.answering import answer
    from siach.care.actions.moving import CannotAnswer, NeedsConfirming
    from siach.care.models import Case
    from siach.demo.queries import demo_org, owner_of
    from siach.org.models import Approval
    from siach.talk.actions.approving import decide
    from siach.talk.models import Account, Outgoing, Post

    org = demo_org()
    for asked in Approval.objects.filter(org=org, state=Approval.State.ASKED):
        decide(approval=asked, place=asked.place, grant=True, by=owner_of(asked.org), at=datetime.now(UTC))
    spoken = Account.objects.filter(org=org).values("network")
    waiting = Case.objects.filter(org=org, answered_at=None, thread__network__in=spoken)
    told = Outgoing.objects.filter(org=org).values("subject_id")
    case = waiting.exclude(pk__in=told).order_by("due_at").first()
    if case is None or org is None:
        return
    try:
        words = " ".join("".join(rng.sample(WORDS, 6)) for _ in range(9))
        answer(
            case=case, post=Post.objects.get(pk=case.last_post_id), body=words, by=owner_of(org), at=datetime.now(UTC)
        )
    except (CannotAnswer, NeedsConfirming) as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    django_setup()
    if sys.argv[1] == "begin":
        begin(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        answer(float(sys.argv[2]))
