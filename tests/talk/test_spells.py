"""A source is deaf, unusually quiet or well in spells: who is told, and that nothing flaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from siach.org.models import Notice
from siach.talk import connections
from siach.talk.actions import listening, sources, spells, tallying
from siach.talk.connections import NetworkError, Page
from siach.talk.models import Source, SourceHour, SourceRhythm
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

GONE = NetworkError("The server cannot be reached.", "retry_at")
VOID = NetworkError("The sign-in to Bluesky no longer holds. Sign in again.", "renew")
MINUTE = timedelta(minutes=1)


class Network:
    """What the network answers at a time that the test sets."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.at, self.count = world, NOW, 0
        monkeypatch.setattr(timezone, "now", lambda: self.at)
        monkeypatch.setattr(connections, "fetch", self.fetch)
        self.answer: Page | NetworkError = Page((), {}, more=False)

    def fetch(self, source: Source) -> Page:
        if isinstance(self.answer, NetworkError):
            raise self.answer
        return self.answer

    def ask(self, at: datetime, answer: NetworkError | None = None, *, brings: bool = False) -> Source:
        self.at, self.count = at, self.count + 1
        posts = (said(f"p{self.count}", "לומיקה", at=at),) if brings else ()
        self.answer = answer or Page(posts, {}, more=False)
        source = self.world.source
        Source.objects.filter(pk=source.pk).update(due_at=at)
        listening.listen(source_id=source.pk, at=at)
        source.refresh_from_db()
        return source


@pytest.fixture
def network(world: World, monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(world, monkeypatch)


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("user__name", flat=True))


def still_asks(kind: str) -> bool:
    return Notice.objects.filter(kind=kind, over_at=None).exists()


# --- deaf -----------------------------------------------------------------------------------------------------


def test_calls_that_fail_make_a_source_deaf_since_it_was_last_answered(network: Network) -> None:
    network.ask(NOW)
    for step in range(1, 4):
        source = network.ask(NOW + step * MINUTE, GONE)
        assert (source.deaf_since is not None) == (step >= 3) == bool(told("source.deaf"))
    assert source.deaf_since == NOW
    assert told("source.deaf") == ["Noam", "Yael"]
    network.ask(NOW + timedelta(hours=3), GONE)
    assert Notice.objects.filter(kind="source.deaf", level=2).count() == 2, "one spell is told once"


def test_a_hiccup_of_seconds_is_no_deafness(network: Network) -> None:
    network.ask(NOW)
    for second in (5, 20, 60):
        source = network.ask(NOW + timedelta(seconds=second), GONE)
    assert source.failures == 3 and source.deaf_since is None and not told("source.deaf")


def test_a_void_sign_in_is_deaf_at_once_and_interrupts(network: Network) -> None:
    network.ask(NOW)
    assert network.ask(NOW + MINUTE, VOID).deaf_since == NOW
    assert set(Notice.objects.filter(kind="source.deaf").values_list("level", flat=True)) == {3}


def test_a_network_that_comes_and_goes_is_told_of_once(network: Network) -> None:
    network.ask(NOW)
    for step in range(1, 40):  # two hours of it
        network.ask(NOW + 3 * step * MINUTE, GONE if step % 4 else None)
        spells.judge(at=network.at)
    assert network.world.source.deaf_since == NOW
    assert len(told("source.deaf")) == 2 and not told("source.heard_again") and still_asks("source.deaf")


def test_ten_good_minutes_end_a_spell(network: Network) -> None:
    network.ask(NOW)
    for step in range(1, 5):
        network.ask(NOW + step * MINUTE, GONE)
    well = NOW + timedelta(minutes=20)
    assert network.ask(well).well_since == well
    spells.judge(at=well + timedelta(minutes=9))
    assert still_asks("source.deaf")
    spells.judge(at=well + timedelta(minutes=10))
    network.world.source.refresh_from_db()
    assert network.world.source.deaf_since is None and network.world.source.listens_since == well
    assert not still_asks("source.deaf")
    assert told("source.heard_again") == ["Noam", "Yael"]
    assert set(Notice.objects.filter(kind="source.heard_again").values_list("level", flat=True)) == {1}


def test_a_person_who_sees_to_it_ends_the_spell_at_once(network: Network) -> None:
    for step in range(4):
        network.ask(NOW + step * MINUTE, GONE)
    sources.pause(source=network.world.source, by=network.world.yael, at=network.at)
    network.world.source.refresh_from_db()
    assert network.world.source.deaf_since is None and network.world.source.paused_at == network.at
    assert not still_asks("source.deaf") and not told("source.heard_again")


def test_a_pause_while_the_network_is_asked_stands(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(source: Source) -> Page:
        sources.pause(source=source, by=network.world.yael, at=NOW)
        return Page((said("a", "לומיקה"),), {"at": 1}, more=False)

    Source.objects.update(due_at=NOW)
    monkeypatch.setattr(connections, "fetch", slow)
    assert listening.listen(source_id=network.world.source.pk, at=NOW) == 1
    network.world.source.refresh_from_db()
    assert (network.world.source.state, network.world.source.cursor) == (Source.State.PAUSED, {"at": 1})


def test_a_source_removed_while_the_network_is_asked_stays_away(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(source: Source) -> Page:
        sources.remove(source=source, by=network.world.yael, at=NOW)
        return Page((said("a", "לומיקה"),), {"at": 1}, more=False)

    Source.objects.update(due_at=NOW)
    monkeypatch.setattr(connections, "fetch", slow)
    assert listening.listen(source_id=network.world.source.pk, at=NOW) == 0
    assert not Source.objects.exists()


# --- unusually quiet ------------------------------------------------------------------------------------------


def spoke(source: Source, *, weeks: int = 8, hours: range = range(6, 20)) -> None:
    """Two posts in each of these hours (UTC) of each day of the last weeks."""
    start = NOW.replace(hour=0, minute=0)
    SourceHour.objects.bulk_create(
        SourceHour(source=source, hour=start - timedelta(days=day, hours=-hour), n=2)
        for day in range(1, 7 * weeks + 1)
        for hour in hours
    )
    Source.objects.filter(pk=source.pk).update(connected_at=NOW - timedelta(weeks=weeks))
    source.refresh_from_db()
    tallying.learn(source, at=NOW)


def test_silence_beyond_the_rhythm_is_a_calm_notice_once(network: Network) -> None:
    source = network.world.source
    spoke(source)
    network.ask(NOW, brings=True)
    spells.judge(at=NOW)
    source.refresh_from_db()
    until = source.quiet_at
    assert until is not None and NOW + timedelta(hours=1) < until < NOW + timedelta(days=1)
    network.ask(until - MINUTE)
    spells.judge(at=until - MINUTE)
    assert not told("source.quiet")
    for minute in (1, 2, 3):
        network.ask(until + minute * MINUTE)
        spells.judge(at=until + minute * MINUTE)
    source.refresh_from_db()
    assert source.quiet_since == NOW
    assert told("source.quiet") == ["Noam", "Yael"]
    assert set(Notice.objects.filter(kind="source.quiet").values_list("level", flat=True)) == {1}
    assert not told("source.deaf")


def test_a_post_ends_the_quiet_and_the_same_day_tells_of_none_again(network: Network) -> None:
    source = network.world.source
    spoke(source)
    for hour in (0, 9):
        network.ask(NOW + timedelta(hours=hour), brings=True)
        source.refresh_from_db()
        assert source.quiet_since is None and not still_asks("source.quiet")
        later = NOW + timedelta(hours=hour + 9)
        network.ask(later)
        spells.judge(at=later)
        source.refresh_from_db()
    assert Notice.objects.filter(kind="source.quiet").count() == 2


def test_a_source_that_speaks_is_judged_only_when_its_patience_would_end(network: Network) -> None:
    source = network.world.source
    spoke(source)
    network.ask(NOW, brings=True)
    spells.judge(at=NOW)
    source.refresh_from_db()
    until = source.quiet_at
    assert until is not None
    network.ask(NOW + 5 * MINUTE, brings=True)
    with CaptureQueriesContext(connection) as queries:
        spells.judge(at=NOW + 5 * MINUTE)
    assert len(queries) == 2, "nothing is due"
    network.ask(until)
    spells.judge(at=until)
    source.refresh_from_db()
    assert source.quiet_since is None and source.quiet_at is not None and source.quiet_at > until


def test_night_is_quiet_as_usual(network: Network) -> None:
    source = network.world.source
    spoke(source)
    evening, morning = NOW.replace(hour=19, minute=50), NOW.replace(hour=5, minute=50) + timedelta(days=1)
    network.ask(evening, brings=True)
    network.ask(morning)
    spells.judge(at=morning)
    source.refresh_from_db()
    assert source.quiet_since is None and source.quiet_at is not None and source.quiet_at > morning


def test_only_the_networks_own_answer_makes_a_silence(network: Network) -> None:
    """A worker that stood still for a day knows of no silence."""
    spoke(network.world.source)
    network.ask(NOW, brings=True)
    spells.judge(at=NOW + timedelta(days=1))
    network.world.source.refresh_from_db()
    assert network.world.source.quiet_since is None


def test_what_was_paused_or_deaf_is_no_silence(network: Network) -> None:
    source = network.world.source
    spoke(source)
    network.ask(NOW - timedelta(days=3), brings=True)
    sources.pause(source=source, by=network.world.yael, at=NOW - timedelta(days=3))
    sources.resume(source=source, by=network.world.yael, at=NOW)
    network.ask(NOW + MINUTE)
    spells.judge(at=NOW + MINUTE)
    source.refresh_from_db()
    assert source.quiet_since is None and source.quiet_at > NOW


# --- the tally and what is learnt of it -----------------------------------------------------------------------


def test_posts_are_counted_under_the_hour_they_were_said_in(world: World) -> None:
    old = NOW - timedelta(weeks=9)
    page = [said("a", "x"), said("b", "x", at=NOW - timedelta(hours=3)), said("c", "x"), said("d", "x", at=old)]
    world.hear(*page)
    world.hear(*page)
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert set(SourceHour.objects.values_list("hour", "n")) == {(nine, 2), (nine - timedelta(hours=3), 1)}


def test_what_people_bring_has_no_rhythm(world: World) -> None:
    Source.objects.filter(pk=world.source.pk).update(kind=Source.Kind.CAPTURE, state=Source.State.OPEN)
    world.source.refresh_from_db()
    world.hear(said("a", "x"))
    assert not SourceHour.objects.exists() and tallying.learn_due(at=NOW) == 0


def test_rhythms_are_learnt_when_they_are_old(world: World) -> None:
    assert tallying.learn_due(at=NOW) == 1
    assert tallying.learn_due(at=NOW + timedelta(hours=5)) == 0
    assert tallying.learn_due(at=NOW + timedelta(hours=7)) == 1
    rhythm = SourceRhythm.objects.get()
    assert len(rhythm.rates) == 168 and rhythm.patience > 0, "connected a month ago, and nothing was ever said"
    Source.objects.update(connected_at=NOW - timedelta(days=10))
    assert tallying.learn_due(at=NOW + timedelta(hours=14)) == 1
    rhythm.refresh_from_db()
    assert (rhythm.rates, rhythm.patience) == ([], 0)


def test_old_hours_are_forgotten(world: World) -> None:
    world.hear(said("a", "x"))
    tallying.drop_hours(at=NOW + timedelta(weeks=7))
    assert SourceHour.objects.exists()
    tallying.drop_hours(at=NOW + timedelta(weeks=9))
    assert not SourceHour.objects.exists()
