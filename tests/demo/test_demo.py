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
from siach.care.models import TO_ANSWER, Case, Reply
from siach.demo import queries
from siach.demo.actions import hearing, playing
from siach.demo.actions.founding import found
from siach.demo.actions.loading import load
from siach.demo.actions.removing import ask, remove
from siach.demo.tour import STOPS
from siach.org.actions import Refused, sign_in_link
from siach.org.demos import note_loaded
from siach.org.models import Approval, Brand, LedgerEntry, Mandate, Membership, Notice, Org, Removal, User
from siach.org.on_call.turns import calendar, on_now
from siach.org.removing import CannotRemove, ask_removal_at_once
from siach.org.rights import brands_for
from siach.talk.actions.counting import fold
from siach.talk.models import Account, Author, Batch, CountDelta, Mention, Outgoing, Post, Sampled, Source
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


#: In this one some words were sent back before they were granted, in so few posts.
SEED = 5


def founded(language: str = "en") -> Org:
    return found(seed=SEED, end=NOW, posts=FEWEST, language=language, at=NOW)


def signed_in(org: Org, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(queries.owner_of(org), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_owner_is_on_call_and_every_hour_of_two_weeks_has_somebody() -> None:
    org = founded()
    brand = org.brands.get(kind=Brand.Kind.OWN)
    assert on_now(brand, at=NOW) == [queries.owner_of(org)]
    days, gaps = calendar(brand, at=NOW, days=14)
    assert gaps == []
    assert {turn.shift.user.email for day in days for turn in day.turns} == {
        "noa@aluma.example",
        "merav@aluma.example",
        "yael@aluma.example",
    }


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
    _killed_in_between(org, monkeypatch)
    told: list[tuple[int, int]] = []
    assert load(org_id=org.pk, steps=PIPELINE, at=NOW, tell=lambda *far: told.append(far))
    assert told[-1] == (FEWEST, FEWEST) and told == sorted(told)
    _is_heard_with_its_own_time(org)
    _is_counted_and_known(org)
    _team_was_at_work(org)
    _desk_is_that_of_a_good_team(org)
    _weeks_were_checked(org)
    _again_changes_nothing(org)
    page = signed_in(org).get("/").text
    assert "is a demo" in page and "/demo/remove/" in page and 'data-key="KeyH"' in page
    assert "service@<wbr>aluma<wbr>.example" in signed_in(org).get("/sources/").text
    assert signed_in(org).get("/account/confirm/").headers["Location"] == "/account/sign-in/", "nothing can be asked"
    assert "Not monitored" in signed_in(org).get("/sources/places/").text
    assert walked(signed_in(org)) == [stop.name for stop in STOPS]
    assert ask(by=None, at=NOW) == 2 and remove(steps=REMOVE, at=NOW)
    assert kept() == before


class Killed(Exception):
    pass


def _killed_in_between(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice: behind the first chunk of what was done before anybody listened, and amid what was heard live."""
    monkeypatch.setattr(playing, "CHUNK", 5)
    play, turns = playing.Player.play_before, iter([True, False])

    def once(self: playing.Player, *given: object) -> None:
        if not next(turns):
            raise Killed
        play(self, *given)  # type: ignore[arg-type]

    def halfway(done: int, total: int) -> None:
        if Case.objects.filter(org=org, post__is_live=True).exists() and done > total * 0.95:
            raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(playing.Player, "play_before", once)
        load(org_id=org.pk, steps=PIPELINE, at=NOW)
    with pytest.raises(Killed):
        load(org_id=org.pk, steps=PIPELINE, at=NOW, tell=halfway)


def _is_heard_with_its_own_time(org: Org) -> None:
    posts = Post.objects.filter(org=org)
    assert posts.count() == FEWEST and not Batch.objects.filter(done_at=None).exists()
    assert posts.filter(is_live=True).exists() and not posts.filter(is_live=True, said_at__lt=NOW - LIVE).exists()
    assert not posts.filter(is_live=False, said_at__gte=NOW - LIVE).exists()
    late = ExpressionWrapper(F("heard_at") - F("said_at"), output_field=DurationField())
    slow = posts.filter(is_live=True).annotate(late=late).filter(late__gt=timedelta(minutes=5))
    assert not slow.exists() and not posts.filter(Q(heard_at__gt=NOW) | Q(is_late=True)).exists()
    by_rule = Case.objects.filter(org=org, opened_by=Case.OpenedBy.RULE, post__is_live=True)
    assert by_rule.exists() and not by_rule.exclude(opened_at=F("post__heard_at")).exists()


def _is_counted_and_known(org: Org) -> None:
    assert Mention.objects.filter(org=org).count() > FEWEST // 3
    assert not CountDelta.objects.filter(brand__org=org).exists() and check(at=NOW).holds
    closed = Author.objects.filter(org=org, is_closed=True)
    assert closed.exists() and not closed.exclude(external_id__startswith="alias:").exists()
    assert not Mention.objects.filter(org=org, post__author__is_ours=True).exists()
    assert Post.objects.filter(org=org, parent__isnull=False).exists()
    assert not Source.objects.filter(org=org).exclude(account=None).exists()
    accounts = set(Account.objects.filter(org=org).values_list("network", flat=True))
    assert {"facebook", "instagram", "messenger", "google_reviews"} <= accounts
    assert not accounts & {"mail", "feed", "facebook_group", "whatsapp_group"}
    assert queries.progress(org).state == "loaded"


def _team_was_at_work(org: Org) -> None:
    """Each deed once, with its own time; each answer is the brand's own post, said to who had asked."""
    answers = Reply.objects.filter(case__org=org, outgoing__state=Outgoing.State.SENT)
    assert answers.filter(case__post__is_live=False).exists() and answers.filter(case__post__is_live=True).exists()
    for reply in answers.select_related("outgoing__target", "case"):
        words = reply.outgoing
        post = Post.objects.get(org=org, key=words.external_id, author__is_ours=True)
        assert (post.text, post.url, post.said_at) == (words.body, words.url, words.sent_at)
        assert post.parent_id == words.target_id and reply.case.author_id == words.target.author_id
        assert reply.case.opened_at <= reply.case.answered_at <= words.sent_at
    assert answers.values("outgoing__external_id").distinct().count() == answers.count()
    lines = LedgerEntry.objects.filter(org=org).values_list("name", "subject_id", "at", "by", "facts__note")
    assert len(set(lines)) == len(lines) and not LedgerEntry.objects.filter(org=org, at__gt=NOW).exists()
    done = {name.partition(".")[2] for name, *_ in lines if name.startswith("case.")}
    assert done >= {"opened", "assigned", "noted", "answered", "resolved", "set_aside"}
    workers = {name for (name,) in Case.objects.filter(org=org).values_list("assignee__name").distinct()}
    assert {"Noa", "Ido"} <= workers
    chain = Approval.objects.filter(org=org).exclude(state=Approval.State.ASKED)
    assert set(chain.values_list("state", flat=True)) == {Approval.State.GRANTED, Approval.State.REFUSED}
    assert set(chain.values_list("steps__asked__user__name", flat=True)) == {"Gal"}
    assert not Notice.objects.filter(org=org, at__lt=NOW - LIVE).exists()


def _weeks_were_checked(org: Org) -> None:
    """Fifteen weeks by the demo's people, as each post truly is; the last one waits for whoever looks around."""
    drawn = Sampled.objects.filter(brand__org=org).order_by("week")
    weeks = sorted(set(drawn.values_list("week", flat=True)))
    waiting = drawn.filter(sentiment=None, is_passed=False)
    assert len(weeks) == 16 and set(waiting.values_list("week", flat=True)) == {weeks[-1]}
    checked = drawn.exclude(sentiment=None)
    assert 150 < checked.count() <= 300 and 0.5 < checked.filter(sentiment=F("read")).count() / checked.count() < 1
    assert set(checked.values_list("by__name", flat=True)) == {"Yael", "Merav"}
    assert not checked.filter(at__gt=NOW).exists()


def _desk_is_that_of_a_good_team(org: Org) -> None:
    waiting = Case.objects.filter(org=org, state__in=TO_ANSWER)
    assert 2 <= waiting.count() <= 12 and 1 <= waiting.filter(due_at__lte=NOW).count() <= 3
    gravest = waiting.filter(priority=1).order_by("due_at").select_related("post")[0]
    assert "rugelach" in gravest.post.text and NOW - gravest.post.said_at == timedelta(minutes=52)
    asked = Approval.objects.get(org=org, state=Approval.State.ASKED)
    assert Outgoing.objects.get(pk=asked.subject_id).state == Outgoing.State.WAITING
    open_ones = Notice.objects.filter(org=org, over_at=None).values_list("kind", "user__name")
    assert ("approval.asked", "Gal") in open_ones and len(open_ones) <= 12
    gal = Client(headers={"accept-language": "en"})
    gal.force_login(queries.team()["gal"], backend="django.contrib.auth.backends.ModelBackend")
    gal.get("/")
    assert f"/approvals/{asked.pk}/" in gal.get("/").text


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
        "Noa",
        "Yael",
        "Merav",
        "Gal",
    }
    ido = User.objects.get(memberships__team__org=agency)
    assert [brand.name for brand in brands_for(ido, "case.answer")] == ["Aluma"]
    assert Mandate.objects.in_force().get().team.org == agency  # type: ignore[union-attr]
    assert ">None yet.<" in signed_in(agency).get("/settings/").text, "it has no brand of its own, and says so"
    assert not any(user.has_usable_password() or not user.email.endswith(".example") for user in User.objects.all())
    assert ProcrastinateJob.objects.filter(task_name="demo_load", args__org=org.pk).count() == 1


@pytest.mark.parametrize(
    ("language", "team", "own", "topic"),
    [("he", "נועה יעל מירב גל עידו", "אלומה", "אלרגנים"), ("en", "Noa Yael Merav Gal Ido", "Aluma", "Allergens")],
)
def test_it_is_named_in_the_language_of_who_looks_and_found_by_every_name(
    language: str, team: str, own: str, topic: str
) -> None:
    org = founded(language)
    people = Membership.objects.filter(team__org__is_demo=True).values_list("user__name", flat=True)
    assert set(people) == set(team.split())
    brand = Brand.objects.get(org=org, kind=Brand.Kind.OWN)
    assert org.name == brand.name == own and {"אלומה", "Aluma", "Алума"} <= set(brand.names)
    assert topic in signed_in(org).get(f"/settings/brands/{brand.pk}/topics/").text


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
    assert "Other organisations in this Siach are not affected." in client.get("/demo/remove/").text
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


def test_its_accessibility_statement_names_a_coordinator() -> None:
    founded()
    page = Client().get("/accessibility/").text
    assert "Merav" in page and "access@aluma.example" in page


def test_a_loaded_demo_leads_in_and_one_that_no_worker_loads_says_so() -> None:
    org = founded()
    client = signed_in(org)
    assert "being prepared" in client.get("/demo/").text
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'demo_load'")
    assert "could not be prepared" in client.get("/demo/").text
    note_loaded(org=org, posts=1, at=NOW)
    assert client.get("/demo/").headers["Location"] == "/"
    assert client.get("/demo/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/"
