"""On call: turns and gaps on the calendar, who is on now, the page, and what goes on when nobody takes it in hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siach.care import actions as care
from siach.care.actions.forgetting import forget_cases
from siach.care.models import Case
from siach.org.models import LedgerEntry, Membership, Notice, NoticeDelivery, Shift, Team, User
from siach.org.notices import reading, tell
from siach.org.notices.digesting import send_digests
from siach.org.notices.escalating import escalate_due
from siach.org.notices.planning import plan_new
from siach.org.notices.preferences import set_preferences
from siach.org.notices.telling import acknowledge
from siach.org.on_call.planning import NoShift, add_shift, set_minutes
from siach.org.on_call.turns import Turn, calendar, gaps, on_now, turns
from siach.talk.models import Outgoing
from tests.world import NOW, World, said

ZONE = "Asia/Jerusalem"
HERE = ZoneInfo(ZONE)
TUESDAY = date(2026, 11, 24)


def shift(world: World, user: User, *, day: date = TUESDAY, hours=(time(8), time(20)), **more) -> Shift:
    facts = {"deputy": None, "is_weekly": False, "until": None, "by": world.noam, "at": NOW} | more
    return add_shift(brand=world.brand, user=user, day=day, hours=hours, **facts)


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


# The calendar


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=12))
def test_every_hour_is_covered_or_in_a_gap_and_never_both(pieces: list[tuple[int, int]]) -> None:
    zero = here("2026-11-24 00:00")
    hour = timedelta(hours=1)
    laid = sorted((Turn(Shift(), zero + hour * a, zero + hour * (a + n)) for a, n in pieces), key=lambda t: t.starts)
    found = gaps(laid, zero, zero + hour * 240)
    for n in range(240):
        at = zero + hour * n + hour / 2
        covered = any(turn.starts <= at < turn.ends for turn in laid)
        open_ = sum(gap.starts <= at < gap.ends for gap in found)
        assert open_ == (0 if covered else 1)


def test_a_weekly_shift_over_midnight_on_a_night_of_the_clock_change() -> None:
    night = Shift(pk=1, day=date(2026, 10, 24), begins=time(22), ends=time(6), is_weekly=True, until=date(2026, 10, 31))
    first, second = turns([night], ZONE, date(2026, 10, 24), 21)
    assert (first.ends.astimezone(ZoneInfo("UTC")) - first.starts.astimezone(ZoneInfo("UTC"))) == timedelta(hours=9)
    assert second.starts == here("2026-10-31 22:00")


def test_the_gap_of_a_weekend_is_said_from_friday_afternoon(world: World) -> None:
    for day in range(22, 28):  # Sunday to Friday
        end = time(14) if day == 27 else time(0)
        shift(world, world.yael, day=date(2026, 11, day), hours=(time(0), end))
    _days, found = calendar(world.brand, at=here("2026-11-24 09:00"), days=5)
    assert [(gap.starts, gap.ends) for gap in found] == [(here("2026-11-27 14:00"), here("2026-11-29 00:00"))]


def test_days_of_rest_are_marked(world: World) -> None:
    days, found = calendar(world.brand, at=here("2026-09-20 09:00"), days=3)
    assert [day.is_eve for day in days] == [True, False, False]
    assert days[1].holiday in {"Yom Kippur", "יום כיפור"}
    assert not found, "without any shift there is nothing to miss"


def test_the_page_names_the_eve_of_shabbat_and_repeats_no_day(world: World) -> None:
    page = world.client(world.noam).get("/settings/on-call/").text
    assert "ערב שבת" in page and '<span class="tag">שבת</span>' not in page
    assert "---------" not in page and ">בחירה</option>" in page


def test_who_is_on_now_with_their_deputy(world: World) -> None:
    shift(world, world.yael, deputy=world.dana)
    assert on_now(world.brand, at=here("2026-11-24 08:00")) == [world.yael]
    assert on_now(world.brand, at=here("2026-11-24 19:59"), deputies=True) == [world.yael, world.dana]
    assert not on_now(world.brand, at=here("2026-11-24 20:00"))
    User.objects.filter(pk=world.yael.pk).update(is_active=False)
    assert not on_now(world.brand, at=here("2026-11-24 09:00"))


def test_who_left_the_organisation_is_on_call_no_more(world: World) -> None:
    shift(world, world.yael)
    Membership.objects.filter(user=world.yael).delete()
    assert not on_now(world.brand, at=here("2026-11-24 09:00"))


@pytest.mark.parametrize("wrong", ["outsider", "deputy", "days"])
def test_a_shift_that_cannot_be_is_refused(world: World, wrong: str) -> None:
    with pytest.raises(NoShift):
        if wrong == "outsider":
            shift(world, world.omer)
        elif wrong == "deputy":
            shift(world, world.dana, deputy=world.dana)
        else:
            shift(world, world.dana, is_weekly=True, until=TUESDAY - timedelta(days=1))
    assert not Shift.objects.exists()


# The page


@pytest.mark.parametrize(("language", "heading"), [("he", "כוננות"), ("en", "On call")])
def test_the_page_and_its_deeds(world: World, language: str, heading: str) -> None:
    world.noam.language = language
    world.noam.save()
    client = world.client(world.noam, language)
    asked = {"user": world.yael.pk, "deputy": "", "day": "2026-11-24", "begins": "08:00", "ends": "08:00"}
    assert client.post(f"/settings/on-call/{world.brand.pk}/add/", asked | {"is_weekly": "on"}).status_code == 302
    page = client.get("/settings/on-call/").text
    assert f"<h1>{heading}</h1>" in page
    assert "Yael" in page
    assert client.post(f"/settings/on-call/{world.brand.pk}/add/", asked | {"user": world.omer.pk}).status_code == 422
    client.post(f"/settings/on-call/shift/{Shift.objects.get().pk}/remove/")
    assert [entry.name for entry in LedgerEntry.objects.filter(name__startswith="shift.").order_by("pk")] == [
        "shift.added",
        "shift.removed",
    ]
    assert "Yael" in client.get("/activity/?kind=shift").text


def test_an_outsider_and_an_agent_change_nothing(world: World) -> None:
    made = shift(world, world.yael, is_weekly=True)
    for user in (world.omer, world.dana):
        client = world.client(user)
        assert client.post(f"/settings/on-call/shift/{made.pk}/remove/").status_code == 404
        assert client.post(f"/settings/on-call/{world.brand.pk}/add/", {}).status_code == 404
    assert "Yael" not in world.client(world.omer).get("/settings/on-call/").text
    assert "Yael" in world.client(world.dana).get("/settings/on-call/").text


# What nobody takes in hand


def urgent(world: World, *people: User, level: int = 4) -> list[Notice]:
    facts = {"org": world.org, "brand": world.brand, "subject": world.source, "url": ("sources", {})}
    told = tell("source.deaf", to=people, level=level, at=NOW, once="x", **facts)
    plan_new(at=NOW)
    return told


def test_it_goes_to_who_is_on_call_and_then_to_the_managers(world: World) -> None:
    ruth = world.join("ruth", "agent")
    shift(world, world.dana, deputy=ruth)
    urgent(world, world.dana)
    assert escalate_due(at=NOW + timedelta(minutes=9)) == 0
    assert escalate_due(at=NOW + timedelta(minutes=10)) == 1
    assert Notice.objects.get(user=ruth).step == 1
    assert escalate_due(at=NOW + timedelta(minutes=11)) == 0
    plan_new(at=NOW + timedelta(minutes=10))
    assert escalate_due(at=NOW + timedelta(minutes=20)) == 2
    assert {notice.user for notice in Notice.objects.filter(step=2)} == {world.noam, world.yael}
    plan_new(at=NOW + timedelta(minutes=20))
    assert escalate_due(at=NOW + timedelta(days=1)) == 0
    assert LedgerEntry.objects.filter(name="notice.escalated", by=None).count() == 2


def test_where_nobody_is_on_call_it_goes_straight_to_the_managers(world: World) -> None:
    urgent(world, world.dana, level=3)
    assert escalate_due(at=NOW + timedelta(minutes=29)) == 0
    assert escalate_due(at=NOW + timedelta(minutes=30)) == 2


def test_the_minutes_of_the_organisation_are_heeded(world: World) -> None:
    set_minutes(org=world.org, urgent=3, important=45, by=world.noam, at=NOW)
    urgent(world, world.dana, level=3)
    assert escalate_due(at=NOW + timedelta(minutes=44)) == 0
    assert escalate_due(at=NOW + timedelta(minutes=45)) == 2
    Notice.objects.all().delete()
    urgent(world, world.dana)
    other = {"org": world.other_org, "brand": world.other_brand, "subject": world.other_brand}
    tell("source.deaf", to=[world.omer], level=4, url=("sources", {}), at=NOW, once="theirs", **other)
    Membership.objects.create(user=world.ido, team=Team.objects.get(org=world.other_org), role="owner")
    plan_new(at=NOW)
    assert escalate_due(at=NOW + timedelta(minutes=2)) == 0
    assert escalate_due(at=NOW + timedelta(minutes=3)) == 2
    assert escalate_due(at=NOW + timedelta(minutes=9)) == 0, "theirs has its own minutes"
    assert escalate_due(at=NOW + timedelta(minutes=10)) == 1


@pytest.mark.parametrize(
    ("language", "said", "error"),
    [
        ("he", ("0", "30"), "יש לוודא שערך זה גדול"),
        ("en", ("10", "1441"), "less than or equal to 1440"),
        ("he", ("31", "30"), "מה שדחוף אינו יכול לחכות יותר ממה שחשוב"),
        ("en", ("", "30"), "This field is required"),
    ],
)
def test_minutes_beyond_the_bounds_are_refused_and_nothing_is_lost(
    world: World, language: str, said: tuple[str, str], error: str
) -> None:
    User.objects.filter(pk=world.noam.pk).update(language=language)
    sent = dict(zip(("urgent", "important"), said, strict=True))
    page = world.client(world.noam, language).post(f"/settings/on-call/{world.brand.pk}/minutes/", sent)
    assert page.status_code == 422 and error in page.text
    assert f'value="{said[1]}"' in page.text
    world.org.refresh_from_db()
    assert (world.org.urgent_minutes, world.org.important_minutes) == (10, 30)


def test_who_manages_shifts_sets_the_minutes_and_nobody_else(world: World) -> None:
    address, sent = f"/settings/on-call/{world.brand.pk}/minutes/", {"urgent": "5", "important": "20"}
    for user in (world.omer, world.dana, world.ido):
        assert world.client(user).post(address, sent).status_code == 404
        assert address not in world.client(user).get("/settings/on-call/").text
    yael = world.client(world.yael)
    assert 'value="10"' in yael.get("/settings/on-call/").text
    assert yael.post(address, sent).status_code == 302
    assert 'value="20"' in yael.get("/settings/on-call/").text
    entry = LedgerEntry.objects.get(name="org.minutes_set")
    assert (entry.by, entry.facts) == (world.yael, {"urgent": 5, "important": 20})
    assert "דחופה 5" in world.client(world.noam).get("/activity/").text


def test_one_who_takes_it_in_hand_stops_it_for_all(world: World) -> None:
    first, _second = urgent(world, world.dana, world.ido)
    acknowledge(notice=first, by=world.dana, at=NOW)
    assert escalate_due(at=NOW + timedelta(hours=1)) == 0


def test_what_waits_for_morning_is_not_late_at_night(world: World) -> None:
    night = here("2026-11-24 23:00")
    facts = {"org": world.org, "brand": world.brand, "subject": world.source, "url": ("sources", {})}
    tell("source.deaf", to=[world.dana], level=3, at=night, **facts)
    plan_new(at=night)
    assert escalate_due(at=night + timedelta(hours=3)) == 0
    assert escalate_due(at=here("2026-11-25 07:30")) == 2


def test_words_of_danger_wake_who_is_on_call_once(world: World) -> None:
    shift(world, world.dana)
    world.hear(said("d1", "המנורה של לומיקה התחשמלתי ממנה, סכנה!", by="customer", reason="mention"))
    assert Case.objects.count() == 1
    (told,) = Notice.objects.filter(kind="case.unsafe")
    assert (told.user, told.level) == (world.dana, 4)
    world.hear(said("d2", "לומיקה, התחשמלתי שוב, סכנה!", by="customer", parent="d1", root="d1", reason="mention"))
    assert Notice.objects.filter(kind="case.unsafe").count() == 1


def test_a_danger_that_was_answered_calls_nobody_on(world: World) -> None:
    shift(world, world.dana)
    world.hear(said("d1", "המנורה של לומיקה התחשמלתי ממנה, סכנה!", by="customer", reason="mention"))
    plan_new(at=NOW)
    case = Case.objects.get()
    reply = care.answer(case=case, post=case.post, body="נא לנתק מהחשמל, אנחנו מתקשרים.", by=world.dana, at=NOW)
    told = Notice.objects.filter(kind="case.unsafe")
    assert told.filter(over_at=None).exists(), "words on their way are no answer yet"
    Outgoing.objects.filter(pk=reply.outgoing_id).update(state=Outgoing.State.SENT, sent_at=NOW)
    care.answered(outgoing_id=reply.outgoing_id, at=NOW)
    assert not told.filter(over_at=None).exists()
    assert not NoticeDelivery.objects.filter(notice__in=told, done_at=None).exists()
    assert escalate_due(at=NOW + timedelta(days=1)) == 0


def test_a_danger_of_somebody_erased_calls_nobody_on(world: World) -> None:
    world.hear(said("d1", "המנורה של לומיקה התחשמלתי ממנה, סכנה!", by="customer", reason="mention"))
    plan_new(at=NOW)
    forget_cases(world.org, [Case.objects.get().author_id], at=NOW)
    assert Notice.objects.filter(kind="case.unsafe").exists()
    assert escalate_due(at=NOW + timedelta(days=1)) == 0


# The digest


def test_what_waits_comes_together_at_the_next_hour(world: World) -> None:
    set_preferences(
        user=world.dana,
        rules={},
        brands_off=[],
        topics_off=[],
        quiet=(time(22), time(7)),
        keeps_holidays=True,
        cap=1,
        brief_days=None,
    )
    facts = {"org": world.org, "brand": world.brand, "subject": world.source, "url": ("sources", {})}
    for once in "abc":
        tell("source.deaf", to=[world.dana], level=2, at=here("2026-11-24 11:00"), once=once, **facts)
    plan_new(at=here("2026-11-24 11:00"))
    assert len(reading.centre(world.dana).waiting) == 1
    assert send_digests(at=here("2026-11-24 12:59")) == 0
    assert send_digests(at=here("2026-11-24 13:00")) == 1
    assert send_digests(at=here("2026-11-24 13:01")) == 0
    digest = Notice.objects.get(kind="digest.ready")
    assert digest.facts == {"n": 2}
    plan_new(at=here("2026-11-24 13:01"))
    digest.refresh_from_db()
    assert not digest.waits
    assert reading.unseen(world.dana) == 4
    assert not reading.centre(world.dana).waiting


def test_a_digest_keeps_the_days_of_rest(world: World) -> None:
    facts = {"org": world.org, "brand": world.brand, "subject": world.source, "url": ("sources", {})}
    tell("source.deaf", to=[world.dana], level=2, at=here("2026-11-27 11:00"), **facts)
    Notice.objects.update(waits=True, planned_at=NOW)
    assert send_digests(at=here("2026-11-27 17:30")) == 0
    assert send_digests(at=here("2026-11-29 07:30")) == 1
