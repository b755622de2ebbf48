"""Two people at once, on a real PostgreSQL, each on a connection of their own: nothing leaves that was stopped, and
a question is decided once.

SIACH_ROUNDS says how many rounds (default 30); round N is made by seed N.
"""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from siach.org import approval_links
from siach.org.approval_links import LinkIsOver
from siach.org.approval_rules import Draft, Step, set_rule
from siach.org.approvals import CannotDecide
from siach.org.models import Approval, ApprovalRule, LedgerEntry
from siach.talk import connections
from siach.talk.actions import approving, sending
from siach.talk.actions.holding import hold_brand, release_brand
from siach.talk.actions.sending import Illegal, Subject
from siach.talk.connections import Sent
from siach.talk.models import Outgoing
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "30"))
pytestmark = pytest.mark.django_db(transaction=True)
State = Outgoing.State
LATER = NOW + timedelta(minutes=1)
REVIEW = NOW + timedelta(days=1)


class Network:
    """Takes everything and keeps the keys."""

    CAPABILITIES = frozenset({"send"})

    def __init__(self) -> None:
        self.keys: list[str] = []

    def check_text(self, text: str, target: object) -> None:
        pass

    def send(self, text: str, target: object, key: str) -> Sent:
        self.keys.append(key)
        return Sent(f"id-{key}", f"https://social.example/{key}")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    taken = Network()

    @contextmanager
    def connected(account: object) -> Iterator[Network]:
        yield taken

    monkeypatch.setattr(connections, "connected", connected)
    monkeypatch.setattr(connections, "connector", lambda name: lambda grant: taken)
    return taken


def speak(world: World, body: str = "כבר בודקים") -> Outgoing:
    return sending.speak(
        brand=world.brand,
        account=world.account,
        subject=Subject("care.case", 1),
        target=None,
        body=body,
        by=world.dana,
        at=NOW,
        undo=timedelta(0),
    )


def at_once(chance: random.Random, *deeds: Callable[[], object]) -> list[object]:
    """Run these together, each a moment later than all began; what each gave or raised."""
    gate = threading.Barrier(len(deeds))
    out: list[object] = [None] * len(deeds)
    pauses = [chance.random() * 0.004 for _ in deeds]

    def run(place: int) -> None:
        try:
            connection.ensure_connection()
            gate.wait(20)
            time.sleep(pauses[place])
            out[place] = deeds[place]()
        except Exception as error:
            out[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "two wait for each other"
    return out


def begun() -> set[int]:
    return set(Outgoing.objects.filter(state__in=(State.SENDING, State.SENT)).values_list("pk", flat=True))


def test_no_words_begin_to_leave_once_a_hold_is_committed(world: World, network: Network) -> None:
    for seed in range(1, ROUNDS + 1):
        chance = random.Random(seed)
        words = [speak(world) for _ in range(4)]
        chance.shuffle(words)

        def hold() -> tuple[int, set[int]]:
            count = hold_brand(brand=world.brand, reason="מירוץ", review_at=REVIEW, by=world.noam, at=LATER)
            return count, begun()

        def send(some: list[Outgoing] = words) -> None:
            for one in some:
                sending.send(outgoing_id=one.pk, at=LATER)

        halves = (lambda: send(words[:2]), lambda: send(words[2:]))  # noqa: B023
        held, said, *sent = at_once(chance, hold, lambda: speak(world), *halves)
        assert sent == [None, None] and isinstance(held, tuple) and isinstance(said, Outgoing), (seed, held, said, sent)
        send([*words, said])
        count, under_way = held
        states = dict(Outgoing.objects.values_list("pk", "state"))
        left = {pk for pk, state in states.items() if state == State.SENT}
        assert left == under_way, (seed, "some began to leave after the hold", states)
        assert {state for pk, state in states.items() if pk not in left} <= {State.HELD}, (seed, states)
        assert count + len(left) in (4, 5), (seed, "what was written meanwhile was queued before or held at once")
        assert len(network.keys) == len(set(network.keys)) == len(left), seed
        release_brand(brand=world.brand, by=world.noam, at=LATER)
        Outgoing.objects.all().delete()
        network.keys.clear()


class Question:
    """Words that wait, and everybody who may do something about them at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = speak(world)
        self.approval = Approval.objects.get(subject_id=self.words.pk)
        self.token = approval_links.make_link(
            approval=self.approval, name="רינה", life=timedelta(hours=24), by=world.noam, at=NOW
        )

    def decides(self, who: str, *, grant: bool) -> Callable[[], object]:
        by = getattr(self.world, who)
        asked = {"approval": self.approval, "place": 1, "grant": grant, "reason": "לא כך", "by": by, "at": LATER}
        return lambda: approving.decide(**asked)

    def outside(self) -> object:
        return approving.decide_outside(token=self.token, grant=True, name="רינה", at=LATER)

    def edit(self) -> object:
        return sending.resend(outgoing=self.words, body="נוסח אחר", by=self.world.dana, at=LATER)

    def hold(self) -> object:
        return hold_brand(brand=self.world.brand, reason="מירוץ", review_at=REVIEW, by=self.world.noam, at=LATER)

    def lapse(self) -> object:
        return approving.lapse_due(at=NOW + timedelta(hours=2))

    def fate(self) -> tuple[str, str, int]:
        self.words.refresh_from_db()
        self.approval.refresh_from_db()
        return self.words.state, self.approval.state, self.words.version

    def decisions(self) -> int:
        names = ["approval.granted", "approval.refused", "approval.granted_outside"]
        return LedgerEntry.objects.filter(name__in=names, subject_id=self.approval.pk).count()


GRANTED, REFUSED, VOIDED = ("queued", "granted", 1), ("draft", "refused", 1), ("waiting", "void", 2)
HELD = ("held", "granted", 1)
#: Who meets whom, and every outcome that is right.
MEETINGS: dict[str, set[tuple[str, str, int]]] = {
    "both grant": {GRANTED},
    "one refuses": {GRANTED, REFUSED},
    "one outside": {GRANTED},
    "an edit": {GRANTED, VOIDED},
    "a hold": {HELD},
    "the clock": {GRANTED},
}


def met(question: Question, meeting: str) -> tuple[Callable[[], object], Callable[[], object]]:
    other: dict[str, Callable[[], object]] = {
        "both grant": question.decides("noam", grant=True),
        "one refuses": question.decides("noam", grant=False),
        "one outside": question.outside,
        "an edit": question.edit,
        "a hold": question.hold,
        "the clock": question.lapse,
    }
    return question.decides("yael", grant=True), other[meeting]


def test_two_at_once_decide_once_and_both_see_the_outcome(world: World, network: Network) -> None:
    draft = Draft("הכול", steps=[Step(roles=["owner", "manager"], minutes=60)])
    set_rule(brand=world.brand, draft=draft, by=world.noam, at=NOW)
    for seed in range(1, ROUNDS + 1):
        chance = random.Random(seed)
        meeting = sorted(MEETINGS)[seed % len(MEETINGS)]
        question = Question(world)
        ends = at_once(chance, *met(question, meeting))
        told = [end for end in ends if isinstance(end, Exception)]
        assert all(isinstance(end, CannotDecide | LinkIsOver | Illegal) for end in told), (seed, meeting, told)
        assert question.fate() in MEETINGS[meeting], (seed, meeting, question.fate())
        assert question.decisions() == (0 if question.fate() == VOIDED else 1), (seed, meeting)
        assert len(told) == (0 if meeting in ("a hold", "the clock") else 1), (seed, meeting, told)
        assert network.keys == [], "nothing leaves before its time"
        if meeting == "a hold":
            release_brand(brand=world.brand, by=world.noam, at=LATER)
        Outgoing.objects.all().delete()
        Approval.objects.all().delete()
    assert ApprovalRule.objects.count() == 1
