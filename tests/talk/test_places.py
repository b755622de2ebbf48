"""What nobody hears: the check-list of places, what people decided on it, and what Today says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from siach.org.models import Brand, LedgerEntry
from siach.talk import connections
from siach.talk.actions.waiving import CannotWaive, waive, want
from siach.talk.models import Account, PlaceWaiver, Source
from siach.talk.places import BY_KEY, PLACES
from siach.talk.queries.blind import Blind, PlaceRow, blind_spots, check_list
from tests.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def row(world: World, key: str) -> PlaceRow:
    return next(row for row in check_list(world.brand, at=NOW).rows if row.place.key == key)


def hears(world: World, network: str, **more: object) -> Source:
    facts = {"kind": "webhook", "query": "Monitor", "connected_at": NOW - timedelta(days=9), "asked_at": NOW} | more
    return Source.objects.create(org=world.org, brand=world.brand, network=network, **facts)


def captured(world: World, days: int) -> Source:
    last = NOW - timedelta(days=days)
    return hears(world, "facebook_group", kind="capture", state="open", heard_at=last)


def blind(world: World) -> Blind:
    return blind_spots([world.brand], at=NOW)


def text(world: World, who: str, address: str, language: str = "en") -> str:
    person = getattr(world, who)
    person.language = language
    person.save()
    answer = world.client(person, language).get(address)
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.content.decode()).split())


def test_every_place_is_named_once_and_short_enough_to_store() -> None:
    assert len(BY_KEY) == len(PLACES) and all(len(key) <= 40 for key in BY_KEY)
    stored = [name for place in PLACES for name in (place.key, *place.networks)]
    assert len(stored) == len(set(stored)), "a source would be heard at two places"
    assert all(place.limit and place.name for place in PLACES)


# --- who hears a place ----------------------------------------------------------------------------------------


def test_a_network_that_is_listened_to_is_heard_by_its_sources(world: World) -> None:
    Source.objects.update(asked_at=NOW, heard_at=NOW)
    found = row(world, "bluesky")
    assert (found.state, found.connector) == ("heard", "bluesky")
    assert [ear.source for ear in found.ears] == [world.source]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"state": "broken", "deaf_since": NOW}, "deaf"),
        ({"asked_at": NOW, "failures": 9, "deaf_since": NOW}, "deaf"),
        ({"state": "paused"}, "unheard"),
        ({"asked_at": NOW, "heard_at": NOW - timedelta(days=2), "quiet_since": NOW - timedelta(days=2)}, "heard"),
        ({"connected_at": NOW}, "heard"),
    ],
)
def test_a_source_that_hears_nothing_hears_no_place(world: World, change: dict[str, object], state: str) -> None:
    Source.objects.update(**change)
    assert row(world, "bluesky").state == state


def test_what_people_bring_counts_for_thirty_days(world: World) -> None:
    assert row(world, "facebook_group").state == "unheard"
    source = captured(world, days=29)
    assert row(world, "facebook_group").state == "heard"
    Source.objects.filter(pk=source.pk).update(heard_at=NOW - timedelta(days=31))
    assert row(world, "facebook_group").state == "stale"


def test_another_system_hears_the_place_it_posts_from(world: World) -> None:
    hears(world, "talkbacks", heard_at=NOW)
    assert row(world, "talkbacks").state == "heard"
    assert "Monitor" in text(world, "yael", reverse("places"))


def test_a_file_of_the_past_hears_nothing(world: World) -> None:
    hears(world, "tiktok", kind="import")
    assert row(world, "tiktok").state == "unheard"


def test_a_connector_is_offered_once_it_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert row(world, "youtube").connector == ""
    shown = text(world, "yael", reverse("places"))
    assert shown.count("Not supported yet") > 1 and shown.count("Siach cannot listen by itself") == 1
    monkeypatch.setattr(connections, "names", lambda: ("bluesky", "mastodon", "youtube"))
    assert row(world, "youtube").connector == "youtube"
    assert reverse("connect_network", args=["youtube"]) in world.client(world.yael).get(reverse("places")).text


def test_an_account_of_another_brand_hears_nothing_for_this_one(world: World) -> None:
    other = Brand.objects.create(org=world.org, name="לומיקה פרו", zone="Asia/Jerusalem")
    shown = check_list(other, at=NOW)
    assert shown.heard == 0 and shown.missing == len(PLACES)
    said_first = f"0 of {len(PLACES)} kinds of places are monitored."
    assert said_first in text(world, "yael", f"{reverse('places')}?brand={other.pk}")
    assert text(world, "yael", f"{reverse('places')}?brand={other.pk}")


# --- not relevant for us --------------------------------------------------------------------------------------


def test_not_relevant_is_kept_with_who_said_so_and_taken_back(world: World) -> None:
    yael = world.client(world.yael)
    mark = reverse("place_mark", args=[world.brand.pk, "reddit", "waive"])
    assert yael.post(mark).status_code == 302
    waiver = PlaceWaiver.objects.get()
    assert (waiver.place, waiver.by, waiver.at) == ("reddit", world.yael, NOW)
    shown = text(world, "yael", reverse("places"))
    assert "Not relevant for us Yael, 24.11.2026" in shown and "Relevant after all" in shown
    yael.post(reverse("place_mark", args=[world.brand.pk, "reddit", "want"]))
    assert not PlaceWaiver.objects.exists()
    told = LedgerEntry.objects.filter(name__startswith="place.").order_by("pk")
    assert [(entry.name, entry.facts) for entry in told] == [
        ("place.waived", {"place": "reddit"}),
        ("place.wanted", {"place": "reddit"}),
    ]
    assert "marked a place as not relevant for לומיקה: Reddit" in text(world, "yael", reverse("activity"))


def test_said_twice_is_said_once(world: World) -> None:
    waive(brand=world.brand, place="x", by=world.yael, at=NOW)
    with pytest.raises(CannotWaive):
        waive(brand=world.brand, place="x", by=world.noam, at=NOW)
    want(brand=world.brand, place="x", by=world.noam, at=NOW)
    with pytest.raises(CannotWaive):
        want(brand=world.brand, place="x", by=world.noam, at=NOW)
    with pytest.raises(CannotWaive):
        waive(brand=world.brand, place="nowhere", by=world.noam, at=NOW)


def test_who_may_not_manage_reads_and_marks_nothing(world: World) -> None:
    dana, omer = world.client(world.dana), world.client(world.omer)
    mark = reverse("place_mark", args=[world.brand.pk, "reddit", "waive"])
    assert "Not relevant for us" not in text(world, "dana", reverse("places"))
    assert dana.post(mark).status_code == 404 and omer.post(mark).status_code == 404
    assert omer.get(f"{reverse('places')}?brand={world.brand.pk}").status_code == 404
    assert "לומיקה" not in omer.get(reverse("places")).text
    yael = world.client(world.yael)
    for place, deed in (("nowhere", "waive"), ("reddit", "burn")):
        assert yael.post(reverse("place_mark", args=[world.brand.pk, place, deed])).status_code == 404
    assert not PlaceWaiver.objects.exists()


# --- Today ----------------------------------------------------------------------------------------------------


def test_deaf_first_and_the_longest_before_others_then_quiet_then_places(world: World) -> None:
    Source.objects.update(deaf_since=NOW - timedelta(hours=1), failures=9, asked_at=NOW)
    longer = hears(world, "forum", state="broken", deaf_since=NOW - timedelta(days=1))
    quiet = hears(world, "x", quiet_since=NOW - timedelta(hours=5), heard_at=NOW - timedelta(hours=5))
    seen = blind(world)
    assert [ear.source for ear in seen.deaf] == [longer, world.source]
    assert [ear.source for ear in seen.quiet] == [quiet]
    keys = {place.key for place in seen.places}
    assert {"facebook_group", "instagram", "talkbacks"} <= keys and not {"x", "bluesky", "reddit"} & keys
    shown = text(world, "yael", "/")
    assert "Not hearing since 23.11.2026 11:41:" in shown
    assert shown.index("Not hearing since 23.11.2026") < shown.index("Not hearing since 10:41")
    assert shown.index("Unusually quiet since 06:41") < shown.index("Not monitored: Facebook groups")


def test_nothing_is_said_when_all_is_well(world: World) -> None:
    Source.objects.update(asked_at=NOW, heard_at=NOW)
    for place in PLACES:
        if place.is_main:
            waive(brand=world.brand, place=place.key, by=world.yael, at=NOW)
    assert not blind(world).is_any
    shown = text(world, "yael", "/")
    assert "Not monitored" not in shown and "Not hearing" not in shown and "Last heard: now." in shown


def test_today_asks_the_same_for_one_source_and_for_many(world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            blind(world)
        assert not any("talk_post" in one["sql"] for one in queries.captured_queries)
        return len(queries)

    few = count()
    for n in range(20):
        hears(world, f"net{n}", state="broken", deaf_since=NOW)
    assert count() == few == 2


# --- rights and keeping, on Sources ---------------------------------------------------------------------------


def test_rights_and_keeping_are_said_with_the_next_step(world: World) -> None:
    shown = text(world, "yael", reverse("sources"))
    assert "hear mentions and replies, search for words" in shown
    assert "What is removed there is erased here too." in shown and "something is missing" not in shown
    hears(world, "bluesky", kind="search", account=world.account, state="broken", deaf_since=NOW)
    shown = text(world, "yael", reverse("sources"))
    assert "search for words. The network refuses this although the sign-in is valid." in shown
    Account.objects.update(state="broken")
    shown = text(world, "yael", reverse("sources"))
    assert "something is missing" in shown and "Next: sign in again." in shown
