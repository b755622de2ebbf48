"""The demo: heard like everything else, seen as what it is, and gone without a trace."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.background import PIPELINE, REMOVE
from siach.care.models import Case
from siach.demo import queries
from siach.demo.actions import hearing
from siach.demo.actions.founding import found
from siach.demo.actions.loading import load
from siach.demo.actions.removing import ask, remove
from siach.demo.tour import STOPS
from siach.org.actions import Refused, sign_in_link
from siach.org.demos import note_loaded
from siach.org.models import LedgerEntry, Mandate, Membership, Org, Removal, User
from siach.org.removing import CannotRemove, ask_removal_at_once
from siach.org.rights import brands_for
from siach.talk.actions.counting import fold
from siach.talk.models import Author, Batch, CountDelta, Mention, Post, Source
from siach.talk.queries.checks import check
from siach.world.making import FEWEST
from tests.org.test_leaving import tables
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

#: Of so few posts two days hold hardly any.
LIVE = timedelta(days=20)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def founded() -> Org:
    return found(end=NOW, posts=FEWEST, language="en", at=NOW)


def signed_in(org: Org, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(queries.owner_of(org), backend="django.contrib.auth.backends.ModelBackend")
    return client


def walked(client: Client) -> list[str]:
    """The stops as their own links lead from one to the next; each stands on its page, at a part that is there."""
    address, found = client.get("/demo/tour/").headers["Location"], []
    while address:
        page = client.get(address.partition("#")[0]).text
        stop = re.search(r'role="dialog"[^>]*data-stop="(\w+)"', page)
        assert stop and address.endswith("#tour"), address
        found.append(stop[1])
        assert f'data-tour="{stop[1]}"' in page and page.count('id="tour"') == 1
        further = re.search(r'rel="next"[^>]* href="([^"]+)"', page)
        address = further[1] if further else ""
    return found


def kept() -> dict[str, list[str]]:
    """Every row of every table that holds any, but the job engine's own and sessions, which strangers have too."""
    return {table: rows for table, rows in tables().items() if rows and table != "django_session"}


def test_it_is_heard_like_everything_else_and_goes_without_a_trace(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "LIVE", LIVE)
    world.hear(said("z", "לומיקה"))
    fold(at=NOW)
    assert "is a demo" not in world.client(world.noam, "en").get("/").text
    before = kept()
    org = founded()
    told: list[tuple[int, int]] = []
    assert load(org_id=org.pk, steps=PIPELINE, at=NOW, tell=lambda *far: told.append(far))
    assert told[-1] == (FEWEST, FEWEST) and told == sorted(told)
    _is_heard_with_its_own_time(org)
    _is_counted_and_known(org)
    _again_changes_nothing(org)
    page = signed_in(org).get("/").text
    assert "is a demo" in page and "/demo/remove/" in page and 'data-key="KeyH"' in page
    assert "service@<wbr>aluma<wbr>.example" in signed_in(org).get("/sources/").text
    assert walked(signed_in(org)) == [stop.name for stop in STOPS]
    assert ask(by=None, at=NOW) == 2 and remove(steps=REMOVE, at=NOW)
    assert kept() == before


def _is_heard_with_its_own_time(org: Org) -> None:
    posts = Post.objects.filter(org=org)
    assert posts.count() == FEWEST and not Batch.objects.filter(done_at=None).exists()
    assert posts.filter(is_live=True).exists() and not posts.filter(is_live=True, said_at__lt=NOW - LIVE).exists()
    assert not posts.filter(is_live=False, said_at__gte=NOW - LIVE).exists()
    late = ExpressionWrapper(F("heard_at") - F("said_at"), output_field=DurationField())
    slow = posts.filter(is_live=True).annotate(late=late).filter(late__gt=timedelta(minutes=16))
    assert not slow.exists() and not posts.filter(Q(heard_at__gt=NOW) | Q(is_late=True)).exists()
    cases = Case.objects.filter(org=org)
    assert cases.exists() and not cases.exclude(post__is_live=True, opened_at=F("post__heard_at")).exists()


def _is_counted_and_known(org: Org) -> None:
    assert Mention.objects.filter(org=org).count() > FEWEST // 3
    assert not CountDelta.objects.filter(brand__org=org).exists() and check(at=NOW).holds
    closed = Author.objects.filter(org=org, is_closed=True)
    assert closed.exists() and not closed.exclude(external_id__startswith="alias:").exists()
    assert not Mention.objects.filter(org=org, post__author__is_ours=True).exists()
    assert Post.objects.filter(org=org, parent__isnull=False).exists()
    assert not Source.objects.filter(org=org).exclude(account=None).exists()
    assert queries.progress(org).state == "loaded"


def _again_changes_nothing(org: Org) -> None:
    with pytest.raises(Refused):
        founded()
    LedgerEntry.objects.filter(name="org.demo_loaded").delete()
    cases, mentions = Case.objects.count(), Mention.objects.count()

    def beside(done: int, total: int) -> None:
        """Another worker that loaded the same is through first."""
        if done == total:
            note_loaded(org=org, posts=total, at=NOW)

    assert load(org_id=org.pk, steps=PIPELINE, at=NOW, tell=beside)
    assert LedgerEntry.objects.filter(name="org.demo_loaded").count() == 1
    assert (Post.objects.filter(org=org).count(), Case.objects.count(), Mention.objects.count()) == (
        FEWEST,
        cases,
        mentions,
    )


def test_the_team_and_its_agency_hold_what_their_roles_hold() -> None:
    org = founded()
    agency = queries.demo_orgs().get(kind=Org.Kind.AGENCY)
    assert set(Membership.objects.filter(team__org=org).values_list("user__name", flat=True)) == {
        "נועה",
        "יעל",
        "מירב",
        "גל",
    }
    ido = User.objects.get(memberships__team__org=agency)
    assert [brand.name for brand in brands_for(ido, "case.answer")] == ["אלומה"]
    assert Mandate.objects.in_force().get().team.org == agency  # type: ignore[union-attr]
    assert not any(user.has_usable_password() or not user.email.endswith(".example") for user in User.objects.all())
    assert ProcrastinateJob.objects.filter(task_name="demo_load", args__org=org.pk).count() == 1


def test_what_cannot_be_made_is_refused_and_leaves_nothing() -> None:
    for asked in ({"posts": FEWEST - 1, "end": NOW}, {"posts": FEWEST, "end": NOW + timedelta(days=1)}):
        with pytest.raises(Refused):
            found(at=NOW, **asked)  # type: ignore[arg-type]
    assert not Org.objects.exists() and not User.objects.exists()


def test_a_load_stops_once_the_demo_goes() -> None:
    org = founded()
    ask(by=None, at=NOW)
    assert not load(org_id=org.pk, steps=PIPELINE, at=NOW)
    assert not Post.objects.exists()
    assert remove(steps=REMOVE, at=NOW) and not Org.objects.exists()
    assert load(org_id=org.pk, steps=PIPELINE, at=NOW) is False


def test_nobody_elses_organisation_goes_at_once(world: World) -> None:
    with pytest.raises(CannotRemove):
        ask_removal_at_once(org=world.org, by=world.noam, at=NOW)
    assert ask(by=world.noam, at=NOW) == 0 and not Removal.objects.exists()


# --- pages ----------------------------------------------------------------------------------------------------


def come_in(client: Client) -> None:
    client.post(sign_in_link(at=NOW, address="http://testserver"))


@pytest.mark.parametrize("language", ["he", "en"])
def test_one_click_on_the_first_run_and_back(language: str) -> None:
    client = Client(headers={"accept-language": language})
    assert client.post("/demo/begin/").status_code == 404
    come_in(client)
    assert 'action="/demo/begin/"' in client.get("/start/").text
    assert client.post("/demo/begin/").headers["Location"] == "/demo/"
    org = Org.objects.get(is_demo=True, kind=Org.Kind.OWN)
    assert client.session["_auth_user_id"] == str(queries.owner_of(org).pk)
    page = client.get("/demo/").text
    assert f'lang="{language}"' in page and "<progress" in page and "40,000" in page
    assert client.get("/start/").status_code == 404 and client.post("/demo/begin/").status_code == 404
    assert client.get("/demo/remove/").status_code == 200
    assert client.post("/demo/remove/").headers["Location"] == "/demo/going/"
    assert "_auth_user_id" not in client.session and "<progress" in client.get("/demo/going/").text
    assert remove(steps=REMOVE, at=NOW)
    assert 'href="/start/"' in client.get("/demo/going/").text
    assert client.get("/start/").status_code == 200


def test_where_people_are_already_the_way_on_is_the_sign_in_page(world: World) -> None:
    client = signed_in(founded())
    assert "What others keep" in client.get("/demo/remove/").text
    client.post("/demo/remove/")
    remove(steps=REMOVE, at=NOW)
    page = client.get("/demo/going/").text
    assert 'href="/start/"' not in page and "/account/login/" in page
    assert client.get("/start/").status_code == 404


def test_whoever_is_of_no_demo_finds_none(world: World) -> None:
    founded()
    for who in (world.omer, world.yael, world.dana, world.ido):
        client = world.client(who)
        assert client.get("/demo/").status_code == client.get("/demo/own/").status_code == 404
        assert client.post("/demo/remove/").status_code == client.post("/demo/enter/").status_code == 404
        assert client.post("/demo/own/").status_code == 404
        assert client.get("/demo/going/").status_code == 404
    assert not Removal.objects.exists()


def test_a_loaded_demo_leads_in_and_one_that_no_worker_loads_says_so() -> None:
    org = founded()
    client = signed_in(org)
    assert "being prepared" in client.get("/demo/").text
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'demo_load'")
    assert "was not prepared" in client.get("/demo/").text
    note_loaded(org=org, posts=1, at=NOW)
    assert client.get("/demo/").headers["Location"] == "/"
    assert client.get("/demo/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/"
