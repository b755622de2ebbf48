"""Retention: what is past its time goes, what a case or a hold needs stays, and the numbers stay equal."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest
from django.db import connection

from siach.background import RETAIN
from siach.care import actions as care
from siach.care.models import Case
from siach.networks.bluesky.connector import Connector
from siach.networks.contract import Terms
from siach.org import keeping
from siach.org.keeping import RULES, CannotSet, days_of, retain, set_days
from siach.org.models import Deletion, LedgerEntry, Org
from siach.talk.actions import counting, retaining
from siach.talk.actions.evidence import keep_evidence, release_evidence
from siach.talk.actions.marking import correct, mark_part
from siach.talk.models import (
    Author,
    CountDay,
    DirtyHour,
    Evidence,
    FrozenDay,
    Import,
    Mention,
    Post,
    PostMetrics,
    RefusedRow,
    Thread,
)
from siach.talk.queries.checks import check
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

OLD = NOW - timedelta(days=731)


def raw(post: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM talk_rawpost WHERE post_id = %s", [post])
        return int(cursor.fetchone()[0])


@pytest.fixture
def aged(world: World) -> World:
    """Two posts of two years ago and one of today, counted."""
    world.hear(said("old1", "לומיקה גרוע", at=OLD), said("old2", "לומיקה מהממת", by="other", at=OLD), at=OLD)
    world.hear(said("new", "לומיקה טובה", by="third"))
    counting.fold(at=NOW)
    return world


def test_old_posts_go_with_all_that_hangs_on_them_and_their_numbers_stay(aged: World) -> None:
    before = list(CountDay.objects.order_by("pk").values_list("day", "sentiment", "n"))
    old = Post.objects.get(key="old1").pk
    retain(RETAIN, at=NOW)
    assert list(Post.objects.values_list("key", flat=True)) == ["new"]
    assert (Mention.objects.count(), Thread.objects.count(), raw(old)) == (1, 1, 0)
    assert not PostMetrics.objects.filter(post=old).exists()
    assert list(CountDay.objects.order_by("pk").values_list("day", "sentiment", "n")) == before
    assert Deletion.objects.get(kind="posts").n == 2
    found = check(at=NOW)
    assert found.holds and found.days_frozen == 1


def test_a_frozen_day_is_not_recounted_but_what_comes_later_still_counts(aged: World) -> None:
    retain(RETAIN, at=NOW)
    day = CountDay.objects.order_by("day").first()
    assert day is not None
    counting.recount_day(brand=aged.brand, day=day.day, at=NOW)
    assert sum(CountDay.objects.filter(day=day.day).values_list("n", flat=True)) == 2
    aged.hear(said("late", "לומיקה אז", by="fourth", at=OLD))
    counting.fold(at=NOW)
    DirtyHour.objects.create(brand=aged.brand, slot=OLD.replace(minute=0))
    counting.recount_dirty(at=NOW)
    assert sum(CountDay.objects.filter(day=day.day).values_list("n", flat=True)) == 3
    assert check(at=NOW).holds


def test_only_the_network_whose_posts_went_is_frozen(aged: World) -> None:
    FrozenDay.objects.create(brand=aged.brand, network="elsewhere", day=NOW.date())
    mention = Mention.objects.get(post__key="new")
    correct(mention=mention, field="sentiment", value=-1, by=aged.dana, at=NOW)
    counting.recount_dirty(at=NOW)
    assert check(at=NOW).holds
    assert CountDay.objects.get(day=NOW.date()).sentiment == -1


def test_what_a_case_speaks_of_stays_until_the_case_is_past_its_time(world: World) -> None:
    world.hear(said("c", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", reason="mention", at=OLD), at=OLD)
    mention = Mention.objects.get()
    case = Case.objects.first() or care.open_case(mention=mention, by=world.dana, at=OLD)
    care.note(case=case, text="הובטח זיכוי", by=world.dana, at=OLD)
    care.assign(case=case, to=world.dana, by=world.dana, at=OLD)
    retain(RETAIN, at=NOW)
    assert Post.objects.get().author.name == "Fan"
    Case.objects.update(state=Case.State.RESOLVED, resolved_at=NOW - timedelta(days=729), waiting_since=None)
    retain(RETAIN, at=NOW)
    assert Case.objects.exists() and Post.objects.exists()
    retain(RETAIN, at=NOW + timedelta(days=2))
    assert not Case.objects.exists() and not Post.objects.exists()
    assert check(at=NOW).holds or check(at=NOW).days_frozen


def test_a_name_goes_a_year_after_its_last_post_and_the_post_stays(world: World) -> None:
    then = NOW - timedelta(days=366)
    world.hear(said("p", "לומיקה", at=then), at=then)
    world.hear(said("q", "לומיקה", by="lately"))
    silent, lately = Author.objects.get(name="Fan"), Author.objects.get(name="Lately")
    mark_part(author=silent, part="advocate", evidence="כתב כך", by=world.noam, at=then)
    retain(RETAIN, at=NOW)
    silent.refresh_from_db()
    assert (silent.name, silent.handle, silent.followers, silent.part, silent.part_evidence) == (
        "",
        "",
        None,
        "unknown",
        "",
    )
    assert "fan" not in silent.external_id and Post.objects.get(key="p").text == "לומיקה"
    assert Author.objects.get(pk=lately.pk).name == "Lately"
    world.hear(said("r", "לומיקה שוב"))
    assert Author.objects.filter(name="Fan").count() == 1
    assert Deletion.objects.get(kind="authors").n == 1


def test_a_networks_own_terms_are_shorter(aged: World, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = Terms(keep_days=7, refresh_days=None, on_gone="erase", may_train=False, may_link_people=False)
    monkeypatch.setattr(Connector, "TERMS", terms)
    retain(RETAIN, at=NOW + timedelta(days=8))
    assert not Post.objects.exists() and check(at=NOW).holds


def test_evidence_outlives_its_post_and_goes_a_month_after_its_release(aged: World) -> None:
    post = Post.objects.get(key="old1")
    review = (NOW + timedelta(days=60)).date()
    evidence = keep_evidence(post=post, reason="דין", owner=aged.noam, review_on=review, by=aged.noam, at=NOW)
    retain(RETAIN, at=NOW)
    evidence.refresh_from_db()
    assert evidence.post is None and evidence.copy["text"] == "לומיקה גרוע"
    release_evidence(evidence=evidence, reason="הסתיים", by=aged.noam, at=NOW)
    retain(RETAIN, at=NOW + timedelta(days=29))
    assert Evidence.objects.exists()
    retain(RETAIN, at=NOW + timedelta(days=31))
    assert not Evidence.objects.exists()


def test_payloads_and_refused_rows_by_an_organisations_own_days(aged: World) -> None:
    job = Import.objects.create(org=aged.org, network="file", name="a.csv", path="", made_at=NOW - timedelta(days=20))
    RefusedRow.objects.create(job=job, row=1, reason="text", cells=["x"])
    new = Post.objects.get(key="new").pk
    retain(RETAIN, at=NOW + timedelta(days=8))
    assert raw(new) == 1 and RefusedRow.objects.exists()
    own = days_of(aged.org) | {"raw": 7, "refused": 7}
    set_days(org=aged.org, days=own, by=aged.noam, at=NOW)
    retain(RETAIN, at=NOW + timedelta(days=8))
    assert raw(new) == 0 and not RefusedRow.objects.exists()
    assert LedgerEntry.objects.get(name="privacy.keeping_set").facts == {"raw": 7, "refused": 7}


@pytest.mark.parametrize("kind", sorted(RULES))
def test_days_stay_within_the_law(world: World, kind: str) -> None:
    rule = RULES[kind]
    assert rule.least <= rule.days <= rule.most
    for wrong in (rule.least - 1, rule.most + 1):
        with pytest.raises(CannotSet):
            set_days(org=world.org, days={kind: wrong}, by=world.noam, at=NOW)
    with pytest.raises(CannotSet):
        set_days(org=world.org, days={"authors": 800, "posts": 700}, by=world.noam, at=NOW)


def test_batch_after_batch_until_nothing_is_left(aged: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (keeping, retaining):
        monkeypatch.setattr(module, "BATCH", 1)
    retain(RETAIN, at=NOW)
    assert Post.objects.count() == 1 and Deletion.objects.get(kind="posts").n == 2


def test_one_step_that_fails_stops_no_other(aged: World) -> None:
    def broken(org: Org, **_more: object) -> int:
        raise ValueError(org)

    gone = retain([("cases", broken), *RETAIN[1:]], at=NOW)
    assert gone["posts"] == 2


def test_somebody_elses_days_and_posts_are_untouched(aged: World) -> None:
    set_days(org=aged.other_org, days={"posts": 2555, "authors": 365}, by=aged.omer, at=NOW)
    assert days_of(aged.org)["posts"] == 730
    Post.objects.filter(key="old1").update(org=aged.other_org)
    retain(RETAIN, at=NOW)
    assert set(Post.objects.values_list("key", flat=True)) == {"old1", "new"}


def test_whoever_points_at_a_post_is_known_to_retention() -> None:
    """A new foreign key to Post must say here what becomes of it: deletion names every table by hand."""
    fields = Post._meta.get_fields(include_hidden=True)
    pointing = {field.related_model._meta.db_table for field in fields if field.auto_created and field.is_relation}
    named = {table for table in pointing if any(f" {table} " in sql for sql in retaining._WITH_POSTS)}
    assert pointing - named == {"care_case"}, "care spares its posts by `spoken_for`"


def test_whoever_points_at_a_thread_or_an_author_is_known_to_retention() -> None:
    source = inspect.getsource(retaining)
    for model, spared in ((Thread, {"care_case", "talk_post"}), (Author, {"care_case", "talk_post"})):
        fields = model._meta.get_fields(include_hidden=True)
        pointing = {field.related_model._meta.db_table for field in fields if field.auto_created and field.is_relation}
        assert {table for table in pointing if f" {table} " not in source} <= spared, model
