"""The pretend network behaves as one: it shows what was planned in its time, takes an answer once, fails on request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siach.networks.contract import (
    FetchedAuthor,
    FetchedMetrics,
    FetchedPost,
    Finding,
    NetworkError,
    SourceSpec,
)
from siach.networks.pretend.connection import Pretend
from siach.networks.pretend.stage import Planned, Stage

BEGIN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
KEYS = [f"9f0d5c3c-5a55-4d0e-8d5c-9d2f1c5ab0a{number}" for number in range(9)]
ALL = SourceSpec("all", place="group")


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def link(tmp_path: Path, clock: Clock) -> Pretend:
    us = FetchedAuthor("aluma", "aluma_bakery", "אלומה")
    return Pretend(Stage(tmp_path / "demo" / "1.sqlite"), "x", us, clock=clock, sleep=clock.sleep)


def planned(
    key: str, minutes: float | None, *, upon: str = "", kind: str = "", after: float = 0.0, likes: int = 0
) -> Planned:
    at = BEGIN + timedelta(minutes=minutes or 0)
    post = FetchedPost(
        key,
        "",
        f"words of {key}",
        at,
        FetchedAuthor(f"by-{key}", key),
        root_external_id="root",
        metrics=FetchedMetrics(likes, likes // 10, 4, None),
        target={"id": key},
    )
    seen = None if minutes is None else at
    return Planned("x", "group", post, seen, at + timedelta(minutes=10), upon, kind, after)  # type: ignore[arg-type]


def heard(link: Pretend) -> Callable[[], list[str]]:
    cursor: dict[str, object] = {}

    def again() -> list[str]:
        nonlocal cursor
        page = link.fetch(ALL, cursor)
        cursor = dict(page.cursor)
        return [post.external_id for post in page.posts]

    return again


def test_what_was_planned_comes_into_sight_in_its_time_once(link: Pretend, clock: Clock) -> None:
    posts = [planned(f"p{number:03}", number / 10) for number in range(130)]
    link._stage.plan(posts)
    link._stage.plan(posts)
    look, seen = heard(link), []
    for _minute in range(16):
        seen.append(look())
        clock.sleep(60)
    assert [key for page in seen for key in page] == [post.post.external_id for post in posts]
    assert seen[0] == ["p000"] and len(seen[1]) == 10 and seen[-1] == []


def test_totals_grow_until_they_are_whole_and_are_shown_as_they_move(link: Pretend, clock: Clock) -> None:
    link._stage.plan([planned("p", 0, likes=100)])
    likes, shown, look = [], [], heard(link)
    for _ in range(4):
        (now,) = link.metrics({"p": {}, "unknown": {}}).values()
        assert now is not None
        likes.append(now.likes)
        shown.append(len(look()))
        clock.sleep(300)
    assert likes == [0, 50, 100, 100] and shown == [1, 2, 1, 0]
    assert link._stage.waits("x", "group", 0, "", at=clock.now)
    assert not link._stage.waits("x", "group", BEGIN.timestamp(), "p", at=clock.now)


def test_one_key_is_one_answer_and_whom_it_answers_writes_back(link: Pretend, clock: Clock) -> None:
    asked = planned("asked", 0)
    thanks, again = (
        planned("t", None, upon="asked", kind="thanks", after=30),
        planned("a", 5, upon="asked", kind="again"),
    )
    link._stage.plan([asked, thanks, again])
    look = heard(link)
    assert look() == ["asked"] and link.find(KEYS[0], "", {}).finding is Finding.ABSENT
    sent = {link.send("אנחנו בודקים", {"id": "asked"}, KEYS[0]) for _ in range(3)}
    assert len(sent) == 1 and link.find(KEYS[0], "", {}).sent in sent
    clock.sleep(20)
    assert look() == [next(iter(sent)).external_id]
    clock.sleep(600)
    assert look() == ["t"]


def test_who_is_not_answered_writes_again_and_never_thanks(link: Pretend, clock: Clock) -> None:
    thanks, again = planned("t", None, upon="asked", kind="thanks"), planned("a", 5, upon="asked", kind="again")
    link._stage.plan([planned("asked", 0), thanks, again])
    look = heard(link)
    look()
    clock.sleep(600)
    assert look() == ["a"]


@pytest.mark.parametrize(("fault", "then"), [("down", "retry_at"), ("full", "retry_at"), ("lost", "unknown")])
def test_it_fails_on_request_and_works_again(link: Pretend, clock: Clock, fault: str, then: str) -> None:
    until = BEGIN + timedelta(minutes=5)
    link._stage.plan([planned("asked", 0)])
    link._stage.trouble("x", fault, since=BEGIN, until=until)  # type: ignore[arg-type]
    with pytest.raises(NetworkError) as error:
        link.send("אנחנו בודקים", {"id": "asked"}, KEYS[0])
    assert error.value.then == then
    clock.now = until
    stands = link.find(KEYS[0], "", {}).finding is Finding.SENT
    assert stands is (fault == "lost")
    link.send("אנחנו בודקים", {"id": "asked"}, KEYS[0])
    clock.sleep(2)
    assert len(heard(link)()) == 2


def test_it_answers_late_where_it_is_slow(link: Pretend, clock: Clock) -> None:
    link._stage.trouble("x", "slow", since=BEGIN, until=BEGIN + timedelta(minutes=5))
    link.fetch(ALL, {})
    assert clock.now > BEGIN + timedelta(seconds=3)


def test_it_has_a_limit_on_calls(link: Pretend) -> None:
    for _ in range(Pretend.RATE.calls):
        link._stage.calls("x", BEGIN, Pretend.RATE.seconds)
    with pytest.raises(NetworkError, match="429"):
        link.fetch(ALL, {})


def test_texts_are_measured_by_the_network_that_it_stands_in_for(link: Pretend) -> None:
    link.check_text("א" * 280)
    with pytest.raises(NetworkError, match="281 letters; X takes 280"):
        link.check_text("א" * 281)
    with pytest.raises(NetworkError, match="no text"):
        link.check_text("  ")


def test_what_is_cleared_shows_nothing_more_and_every_network_works(link: Pretend, clock: Clock) -> None:
    link._stage.plan([planned("now", 0, likes=100), planned("later", 5), planned("t", None, upon="now", kind="thanks")])
    link._stage.trouble("x", "down", since=BEGIN, until=BEGIN + timedelta(hours=1))
    link._stage.clear(at=BEGIN + timedelta(minutes=1))
    look = heard(link)
    assert look() == ["now"]
    link.send("אנחנו בודקים", {"id": "now"}, KEYS[0])
    clock.sleep(600)
    assert len(look()) == 1  # our answer: no thanks, nothing late, no totals that move
