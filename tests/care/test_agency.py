"""An agency on the queue: all its clients in one list with hard walls, within what each mandate opens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siach.care import actions
from siach.care.models import Case
from siach.care.queries import badge, cases_for, chips, queue, words_for
from siach.org.actions import add_brand
from siach.org.mandates import Terms, change
from siach.org.models import Mandate, Topic
from siach.org.rights import brands_for
from siach.talk.models import Account, Author, Post, Source
from tests.care.conftest import COMPLAINT
from tests.world import NOW, said

TAMRINA = "תמרינה, התמרים הגיעו מעוכים, שירות גרוע"


@pytest.fixture
def clients(desk):
    """Lumika and Tamrina are heard; a second brand of Lumika's house is not lent."""
    world = desk.world
    second = add_brand(org=world.org, name="ניצנית", by=world.noam, at=NOW)
    account = Account.objects.create(
        org=world.led_brand.org, brand=world.led_brand, network="bluesky", external_id="did:tamrina", connected_at=NOW
    )
    source = Source.objects.create(
        org=world.led_brand.org,
        brand=world.led_brand,
        account=account,
        network="bluesky",
        kind=Source.Kind.MENTIONS,
        connected_at=world.source.connected_at,
    )
    desk.case(by="a")
    world.hear(said("t1", TAMRINA, by="b", at=NOW), source=source, at=NOW)
    desk.hear("ניצנית, השירות גרוע ביותר", by="c")
    assert set(Case.objects.values_list("brand", flat=True)) == {world.brand.pk, world.led_brand.pk, second.pk}
    return desk


def lent(user):
    return list(brands_for(user, "inbox.read").order_by("pk"))


def listed(user, view="all", **more):
    return queue(brands=lent(user), view=view, user=user, at=NOW, **more)


def test_all_clients_stand_in_one_queue_and_nobody_elses(clients):
    world = clients.world
    page = world.client(world.ido).get(reverse("inbox")).text
    assert "לומיקה" in page and "תמרינה" in page and "ניצנית" not in page
    assert {row.case.brand for row in listed(world.ido).rows} == {world.brand, world.led_brand}
    assert {chip.view: chip.count for chip in chips(brands=lent(world.ido), user=world.ido)}["all"] == 2
    assert badge(brands=lent(world.ido), user=world.ido) == 2
    assert "תמרינה" not in world.client(world.dana).get(reverse("inbox")).text


def test_no_statement_reads_two_clients_at_once(clients):
    world = clients.world
    with CaptureQueriesContext(connection) as asked:
        listed(world.ido)
    cases = [one["sql"] for one in asked if 'FROM "care_case"' in one["sql"]]
    assert len(cases) == 2
    assert all(sql.count('"care_case"."org_id" =') == 1 for sql in cases)


def put(brand, post, *, minutes: int, state: str, priority: int) -> Case:
    """A case as the queue sorts it, without the trip of a post."""
    at = NOW + timedelta(minutes=minutes)
    ended = state == Case.State.CLOSED
    return Case.objects.create(
        org=brand.org,
        brand=brand,
        author=Author.objects.create(org=brand.org, network="x", external_id=f"{Author.objects.count()}"),
        thread=post.thread,
        post=post,
        last_post=post,
        state=state,
        priority=priority,
        opened_by="hand",
        opened_at=NOW,
        waiting_since=None if ended else NOW,
        due_at=None if ended else at,
        resolved_at=at if ended else None,
    )


def all_pages(user, view: str, limit: int) -> list[Case]:
    seen, after = [], ""
    while True:
        page = listed(user, view, after=after, limit=limit)
        seen, after = seen + [row.case for row in page.rows], page.after
        if not after:
            return seen


def _place(case: Case) -> tuple[bool, datetime | None, int]:
    """Of open cases P1 first, then the nearest clock; of ended ones when they ended."""
    return (False, case.resolved_at, case.pk) if case.resolved_at else (case.priority > 1, case.due_at, case.pk)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.sampled_from([1, 2, 4])), min_size=1, max_size=9),
    limit=st.integers(1, 4),
)
def test_pages_of_several_clients_hold_every_case_once_and_in_order(clients, told, limit):
    world = clients.world
    posts = {post.org_id: post for post in Post.objects.order_by("-pk")}
    Case.objects.all().delete()
    for view, state in (("all", Case.State.OPEN), ("ended", Case.State.CLOSED)):
        for of_lumika, minutes, priority in told:
            brand = world.brand if of_lumika else world.led_brand
            put(brand, posts[brand.org_id], minutes=minutes, state=state, priority=priority)
        seen = [_place(case) for case in all_pages(world.ido, view, limit)]
        assert len(seen) == len(told) and seen == sorted(seen, reverse=view == "ended")


def test_an_agent_of_the_agency_takes_and_answers(clients):
    world = clients.world
    case = Case.objects.get(brand=world.brand)
    client = world.client(world.ido)
    assert client.post(reverse("case_assign", args=[case.pk]), {"to": world.ido.pk}).status_code == 302
    told = {"body": "סליחה, מנורה חדשה בדרך.", "post": case.post_id}
    assert client.post(reverse("case_answer", args=[case.pk]), told).status_code == 302
    case.refresh_from_db()
    assert case.assignee == world.ido
    assert words_for(world.ido, "inbox.read").count() == 1 and words_for(world.omer, "inbox.read").count() == 0


def test_a_case_is_given_only_to_who_sees_it(clients):
    world = clients.world
    case = Case.objects.get(brand=world.brand)
    Mandate.objects.filter(pk=world.mandate.pk).update(topics=[Topic.objects.create(brand=world.brand, name="x").pk])
    with pytest.raises(actions.CannotAnswer):
        actions.assign(case=case, to=world.ido, by=world.dana, at=NOW)
    client = world.client(world.dana)
    assert "Ido" not in client.get(reverse("case", args=[case.pk])).text
    assert client.post(reverse("case_assign", args=[case.pk]), {"to": world.ido.pk}).status_code == 404


def test_a_mandate_on_topics_opens_their_cases(clients):
    world = clients.world
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    Mandate.objects.filter(pk=world.mandate.pk).update(topics=[topic.pk])
    late = clients.case("לומיקה, המשלוח מאחר ושירות גרוע", by="z")
    assert late.topics == [topic.pk]
    assert set(cases_for(world.ido, "inbox.read").filter(brand=world.brand)) == {late}
    other = Case.objects.filter(brand=world.brand).exclude(pk=late.pk).get()
    client = world.client(world.ido)
    assert client.get(reverse("case", args=[other.pk])).status_code == 404
    assert client.post(reverse("case_note", args=[other.pk]), {"text": "x"}).status_code == 404
    assert "משלוחים" in client.get(reverse("case", args=[late.pk])).text
    clients.hear("ומה עם המשלוח?", by="a", under=other.post)
    assert set(cases_for(world.ido, "inbox.read").filter(brand=world.brand)) == {late, other}


def test_a_mandate_on_cases_alone_shows_no_earlier_contacts(clients):
    world = clients.world
    first = Case.objects.get(brand=world.brand)
    actions.resolve(case=first, by=world.dana, at=NOW)
    second = clients.case(f"שוב: {COMPLAINT}", by="a")
    address = reverse("case", args=[second.pk])
    earlier = reverse("case", args=[first.pk])
    client = world.client(world.ido)
    assert earlier in client.get(address).text
    Mandate.objects.filter(pk=world.mandate.pk).update(data_scope=Mandate.Scope.CASES)
    page = client.get(address).text.partition('class="card"')[2].partition("</aside>")[0]
    assert earlier not in page and "<circle" not in page


def test_reading_alone_offers_no_deed(clients):
    world = clients.world
    Mandate.objects.filter(pk=world.mandate.pk).update(rights=["today.read", "inbox.read"])
    case = Case.objects.get(brand=world.brand)
    client = world.client(world.ido)
    page = client.get(reverse("case", args=[case.pk]))
    assert page.status_code == 200 and reverse("case_resolve", args=[case.pk]) not in page.text
    assert client.post(reverse("case_resolve", args=[case.pk])).status_code == 404


@pytest.mark.parametrize(("level", "state"), [("all", "waiting"), ("none", "queued")])
def test_the_client_approves_what_its_mandate_says(clients, level, state):
    world = clients.world
    told = {"mode": "helps", "data_scope": "brand", "topics": [], "since": NOW, "until": None, "agreement": "DPA-17"}
    terms = Terms(**told, rights=["inbox.read", "case.answer"], reply_approval=level, agreed_on=NOW.date())
    change(mandate=world.mandate, terms=terms, by=world.noam, at=NOW)
    case = Case.objects.get(brand=world.brand)
    assert clients.answer(case, by=world.ido).outgoing.state == state
    other = clients.case(by="y")
    assert clients.answer(other, "כבר בודקים, מיד נחזור.", by=world.dana).outgoing.state == "queued"
