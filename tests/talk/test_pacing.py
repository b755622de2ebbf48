"""How often sources are asked, what they cost, and the cap that slows them and lets them rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from siach.org.models import LedgerEntry, Notice
from siach.talk import connections
from siach.talk.actions import listening, pacing
from siach.talk.connections import Page, Price, Rate
from siach.talk.models import Source, SourceHour, SourceRhythm
from siach.talk.queries.hearing import health_of
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

UNITS = Price("units", "month", scale=10)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def rhythm(source: Source, hourly: float) -> None:
    SourceRhythm.objects.create(source=source, rates=[hourly] * 168, patience=9.0, learnt_at=NOW)


def heard(source: Source, n: int) -> None:
    SourceHour.objects.create(source=source, hour=NOW.replace(minute=0), n=n)


def paces() -> list[tuple[float, str]]:
    pacing.set_paces(at=NOW)
    return list(Source.objects.order_by("pk").values_list("pace", "heat"))


def search(world: World, **more: object) -> Source:
    facts = {"network": "bluesky", "kind": "search", "query": "x", "connected_at": world.source.connected_at} | more
    return Source.objects.create(org=world.org, brand=world.brand, account=world.account, **facts)


def ask(source: Source, monkeypatch: pytest.MonkeyPatch, *, at: datetime = NOW, cost: int = 0, new: int = 0) -> Source:
    posts = tuple(said(f"{at.timestamp()}-{n}", "x", at=at) for n in range(new))
    monkeypatch.setattr(timezone, "now", lambda: at)
    monkeypatch.setattr(connections, "fetch", lambda source: Page(posts, {}, more=False, cost=cost))
    Source.objects.filter(pk=source.pk).update(due_at=at)
    listening.listen(source_id=source.pk, at=at)
    return Source.objects.get(pk=source.pk)


def page(world: World) -> str:
    world.yael.language = "en"
    world.yael.save()
    return " ".join(strip_tags(world.client(world.yael).get(reverse("sources")).content.decode()).split())


# --- cadence --------------------------------------------------------------------------------------------------


def test_a_source_without_a_rhythm_keeps_the_usual_beat(world: World) -> None:
    assert paces() == [(3.0, "usual")]


def test_what_comes_faster_than_its_rhythm_is_asked_every_two_seconds(world: World) -> None:
    rhythm(world.source, 1.0)
    assert paces() == [(4.0, "quiet")]
    heard(world.source, 12)
    assert paces() == [(2.0, "hot")]


def test_a_hot_source_wakes_the_others_of_its_brand(world: World) -> None:
    other = search(world)
    rhythm(world.source, 1.0)
    rhythm(other, 0.1)
    heard(world.source, 12)
    assert paces() == [(2.0, "hot"), (3.0, "hot")]
    Source.objects.filter(pk=other.pk).update(brand=world.rival)
    assert paces() == [(2.0, "hot"), (4.0, "quiet")]


def test_half_of_a_limit_is_left_to_people(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        search(world, query=f"x{n}")
    monkeypatch.setattr(connections, "rate", lambda network: Rate(300, 300, "account"))
    assert set(paces()) == {(12.0, "usual")}
    found = ask(world.source, monkeypatch, new=1)
    assert found.due_at == NOW + timedelta(seconds=12), "not even when it is warm"


def test_the_beat_follows_the_pace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rhythm(world.source, 1.0)
    paces()
    assert ask(world.source, monkeypatch).due_at == NOW + timedelta(seconds=4) - listening.HALF_A_TICK
    assert "checked every 4 sec (quiet hours)" in page(world)
    Source.objects.update(heat="hot", pace=2)
    ask(world.source, monkeypatch)
    assert "checked every 2 sec busy" in page(world)


def test_nobody_to_ask_is_no_trouble(world: World) -> None:
    Source.objects.update(state="paused")
    assert pacing.set_paces(at=NOW) == 0


# --- what it costs --------------------------------------------------------------------------------------------


def test_calls_are_counted_by_day_and_month(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in (NOW, NOW, NOW + timedelta(days=1)):
        found = ask(world.source, monkeypatch, at=at, cost=3)
    assert (found.calls_day, found.cost_day, found.calls_month, found.cost_month, found.cost) == (1, 3, 3, 9, 9)
    found = ask(world.source, monkeypatch, at=DECEMBER, cost=3)
    assert (found.calls_day, found.cost_day, found.calls_month, found.cost_month, found.cost) == (1, 3, 1, 3, 12)


def test_a_free_network_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(world.source, monkeypatch)
    shown = page(world)
    assert (
        "Nothing is charged. Checked once today. The network allows 3,000 requests per 5 minutes from one address"
        in shown
    )
    assert "a month at most" not in shown
    world.client(world.yael).post(reverse("source_cap", args=[world.source.pk]), {"cap": "5"})
    assert Source.objects.get(pk=world.source.pk).cap is None


def test_a_cap_slows_then_lets_rest_and_says_both(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "price", lambda network: UNITS)
    Source.objects.filter(pk=world.source.pk).update(cap=100)
    for _call in range(7):
        found = ask(world.source, monkeypatch, cost=10)
    assert found.due_at == NOW + timedelta(seconds=4) - listening.HALF_A_TICK and not Notice.objects.exists()
    found = ask(world.source, monkeypatch, cost=10)
    assert found.due_at - NOW == (DECEMBER - NOW) / 2, "two calls are left for the rest of the month"
    assert set(Notice.objects.values_list("kind", "level")) == {("source.slowed", 1)}
    ask(world.source, monkeypatch, cost=10)
    found = ask(world.source, monkeypatch, cost=10)
    assert found.due_at == found.rests_until == DECEMBER
    assert health_of(found, at=NOW).code == "resting"
    assert set(Notice.objects.filter(over_at=None).values_list("kind", "level")) == {("source.rests", 2)}
    shown = page(world)
    assert "Resting until 01.12.2026 02:00" in shown and "10 of 10 units this month" in shown
    assert ask(world.source, monkeypatch, at=DECEMBER, cost=10).rests_until is None


def test_a_raised_cap_wakes_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "price", lambda network: UNITS)
    Source.objects.filter(pk=world.source.pk).update(cap=10)
    assert ask(world.source, monkeypatch, cost=10).rests_until == DECEMBER
    yael, cap = world.client(world.yael), reverse("source_cap", args=[world.source.pk])
    for nonsense in ("-1", "0", "x", "nan", "inf", "1e30"):
        yael.post(cap, {"cap": nonsense})
        assert Source.objects.get(pk=world.source.pk).cap == 10
    yael.post(cap, {"cap": "2.5"})
    found = Source.objects.get(pk=world.source.pk)
    assert (found.cap, found.rests_until, found.due_at) == (25, None, NOW)
    assert not Notice.objects.filter(kind="source.rests", over_at=None).exists()
    yael.post(cap, {"cap": ""})
    assert Source.objects.get(pk=world.source.pk).cap is None
    assert LedgerEntry.objects.filter(name="source.cap_set").count() == 2
    assert world.client(world.dana).post(cap, {"cap": "1"}).status_code == 404
    assert world.client(world.omer).post(cap, {"cap": "1"}).status_code == 404


def test_a_networks_own_daily_budget_holds_without_any_cap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = Price("units", "day", most=20, zone="America/Los_Angeles")
    monkeypatch.setattr(connections, "price", lambda network: daily)
    found = ask(world.source, monkeypatch, cost=20)
    assert found.rests_until == datetime(2026, 11, 25, 8, tzinfo=UTC)
    Source.objects.filter(pk=world.source.pk).update(cap=1000)
    assert ask(world.source, monkeypatch, cost=0).rests_until is not None, (
        "a cap above the network's own changes nothing"
    )


def test_where_the_month_leads_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "price", lambda network: UNITS)
    Source.objects.filter(pk=world.source.pk).update(cap=10_000, connected_at=NOW - timedelta(days=90))
    ask(world.source, monkeypatch, cost=4_680)
    assert "468 of 1,000 units this month; about 600 by the month's end" in page(world)
