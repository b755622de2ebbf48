"""Today: the brief in both languages, what waits and in which order, what was handled, the goals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from siach.care import actions as care
from siach.care.models import Case
from siach.insight import brief
from siach.insight.pages.today import greeting
from siach.insight.queries.today import Pulse, Today, level, today
from siach.insight.queries.waiting import ROWS, Waiting
from siach.org.actions import DEFAULT_GOALS, add_brand, set_goal
from siach.org.models import Brand, Goal, Membership, User
from siach.org.rights import remember, rights_of
from siach.talk.actions import counting
from siach.talk.models import Import, Outgoing, Source
from tests.world import NOW, World, said

COMPLAINT = "לומיקה, המנורה הגיעה שבורה והשירות גרוע"


def look(world: World, who: User | None = None, at: datetime = NOW, brands: Sequence[Brand] | None = None) -> Today:
    who = who or world.noam
    return today(who, rights_of(who), brands or [world.brand], at=at)


def complain(world: World, key: str, *, at: datetime, by: str = "customer", text: str = COMPLAINT) -> Case:
    world.at = at
    world.hear(said(key, text, by=by, at=at, reason="mention"), at=at)
    return Case.objects.get(post__key=key)


def answer(world: World, case: Case, by: User, *, at: datetime, state: str = Outgoing.State.SENT) -> Outgoing:
    """An answer as the sender would leave it."""
    outgoing = care.answer(case=case, post=case.last_post, body=f"בדרך אליך {case.pk}", by=by, at=at).outgoing
    sent_at = at if state == Outgoing.State.SENT else None
    Outgoing.objects.filter(pk=outgoing.pk).update(state=state, sending_at=at, sent_at=sent_at)
    if sent_at:
        care.answered(outgoing_id=outgoing.pk, at=at)
    return outgoing


def plain(seen: Today, language: str) -> str:
    with translation.override(language):
        return re.sub(r"<[^>]*>", "", brief.brief(seen))


def kinds(waiting: Waiting) -> list[str]:
    return [wait.kind for wait in waiting.rows]


# --- the brief ---------------------------------------------------------------------------------------------


NOTHING = Waiting((), 0, 0, 0, "", 0, 0, 0, 0, 0, ())


@pytest.fixture
def calm(world: World) -> Today:
    """A heard brand with a source, on which nothing presses."""
    seen = look(world)
    return replace(seen, is_heard=True, waiting=NOTHING, blind=replace(seen.blind, heard_at=None))


@pytest.mark.parametrize(
    ("n", "hebrew", "english"),
    [
        (1, "פנייה אחת עברה את זמן המענה.", "One case is past its reply time."),
        (2, "שתי פניות עברו את זמן המענה.", "Two cases are past their reply time."),
        (5, "חמש פניות עברו את זמן המענה.", "Five cases are past their reply time."),
        (11, "11 פניות עברו את זמן המענה.", "11 cases are past their reply time."),
    ],
)
def test_late_cases_are_said_in_their_number(calm: Today, n: int, hebrew: str, english: str) -> None:
    seen = replace(calm, waiting=replace(NOTHING, cases=n, late=n))
    assert plain(seen, "he").endswith(hebrew)
    assert plain(seen, "en").endswith(english)


@pytest.mark.parametrize(
    ("n", "hebrew", "english"),
    [
        (0, "מאז חצות לא נאמר דבר על לומיקה.", "Nothing was said about לומיקה since midnight."),
        (1, "אזכור אחד של לומיקה מאז חצות.", "One mention of לומיקה since midnight."),
        (2, "שני אזכורים של לומיקה מאז חצות.", "Two mentions of לומיקה since midnight."),
        (5, "חמישה אזכורים של לומיקה מאז חצות.", "Five mentions of לומיקה since midnight."),
        (1234, "1,234 אזכורים של לומיקה מאז חצות.", "1,234 mentions of לומיקה since midnight."),
    ],
)
def test_the_volume_is_said_in_its_number(calm: Today, n: int, hebrew: str, english: str) -> None:
    seen = replace(calm, pulse=replace(calm.pulse, total=n, level=""))
    assert plain(seen, "he").startswith(hebrew)
    assert plain(seen, "en").startswith(english)


@pytest.mark.parametrize(
    ("loudness", "hebrew", "english"),
    [
        ("usual", "השיח על לומיקה בטווח הרגיל לשעה הזו.", "in its usual range"),
        ("louder", "היקף השיח על לומיקה מעל הרגיל לשעה הזו.", "above usual"),
        ("quieter", "היקף השיח על לומיקה מתחת לרגיל לשעה הזו.", "below usual"),
    ],
)
def test_the_volume_beside_its_band(calm: Today, loudness: str, hebrew: str, english: str) -> None:
    seen = replace(calm, pulse=replace(calm.pulse, level=loudness))  # type: ignore[arg-type]
    assert plain(seen, "he").startswith(hebrew)
    assert english in plain(seen, "en")


def test_clauses_are_joined_as_each_language_joins(calm: Today) -> None:
    deaf = (Source(), Source(), Source())
    seen = replace(calm, waiting=replace(NOTHING, unclear=1, late=2, cases=2, failed=2, deaf=deaf))
    assert plain(seen, "he").endswith(
        "לא ברור אם מענה אחד נשלח, שתי פניות עברו את זמן המענה, שני מענים לא נשלחו, ושלושה מקורות אינם פועלים."
    )
    assert plain(seen, "en").endswith(
        "It is unclear whether one reply was sent, two cases are past their reply time, two replies were not sent,"
        " and three sources are not working."
    )
    seen = replace(calm, waiting=replace(NOTHING, soon=1, cases=1, deaf=deaf[:1]))
    assert plain(seen, "he").endswith("פנייה אחת מתקרבת לסוף זמן המענה, ומקור אחד אינו פועל.")
    seen = replace(calm, waiting=replace(NOTHING, soon=1, cases=1, failed=11))
    assert plain(seen, "he").endswith("פנייה אחת מתקרבת לסוף זמן המענה, ו־11 מענים לא נשלחו.")


def test_calm_is_said_and_a_missing_source_too(calm: Today) -> None:
    assert plain(calm, "he").endswith("הכול רגוע, ואין ממתינים.")
    assert plain(replace(calm, blind=replace(calm.blind, heard_at=NOW - timedelta(minutes=2))), "en").endswith(
        "Last heard: 2 min ago."
    )
    assert "No source is connected yet." in plain(replace(calm, blind=replace(calm.blind, sources=0)), "en")


def test_a_brand_cannot_write_markup_into_the_brief(calm: Today) -> None:
    assert calm.brand is not None
    calm.brand.name = "<script>x</script>"
    assert "<script>" not in brief.brief(calm)


# --- what waits --------------------------------------------------------------------------------------------


def test_cases_stand_by_their_nearest_clock(world: World) -> None:
    late = complain(world, "a", at=NOW - timedelta(hours=3), by="a")
    fresh = complain(world, "b", at=NOW - timedelta(minutes=1), by="b")
    waiting = look(world).waiting
    assert [wait.thing for wait in waiting.rows] == [late, fresh]
    assert (waiting.cases, waiting.late, waiting.total) == (2, 1, 2)
    assert waiting.rows[0].clock is not None and waiting.rows[0].clock.level == "late"


def test_safety_stands_before_what_is_late(world: World) -> None:
    late = complain(world, "a", at=NOW - timedelta(hours=3), by="a")
    grave = complain(world, "b", at=NOW - timedelta(minutes=1), by="b")
    Case.objects.filter(pk=grave.pk).update(priority=1)
    waiting = look(world).waiting
    assert [wait.thing for wait in waiting.rows] == [grave, late] and waiting.late == 1
    assert plain(look(world), "en").endswith("One case is about safety, and one case is past its reply time.")
    assert "<bdi>P1</bdi> בטיחות</span>" in world.client(world.dana).get("/").text


def test_no_matter_of_safety_is_left_out_for_something_milder(world: World) -> None:
    for n in range(4):
        complain(world, f"late{n}", at=NOW - timedelta(hours=5), by=f"late{n}")
    grave = [complain(world, key, at=NOW - timedelta(minutes=20), by=key) for key in "abcd"]
    Case.objects.filter(pk__in=[case.pk for case in grave]).update(priority=1)
    Source.objects.filter(pk=world.source.pk).update(failures=3, deaf_since=NOW, error="The network does not answer.")
    waiting = look(world).waiting
    assert {wait.thing for wait in waiting.rows[:4]} == set(grave) and kinds(waiting)[4] == "case"
    page = world.client(world.noam).get("/").text
    assert 'class="hot" href="/inbox/?priority=1"' in page
    assert world.client(world.noam).get("/inbox/?priority=1").text.count('class="queue-row') == 4


def test_each_kind_of_waiting_gets_a_row_before_any_gets_two(world: World) -> None:
    for n in range(6):
        complain(world, f"late{n}", at=NOW - timedelta(hours=5), by=f"late{n}")
    case = complain(world, "u", at=NOW - timedelta(minutes=30), by="u")
    answer(world, case, world.dana, at=NOW - timedelta(minutes=20), state=Outgoing.State.UNCLEAR)
    Source.objects.filter(pk=world.source.pk).update(failures=3, deaf_since=NOW, error="The network does not answer.")
    Import.objects.create(org=world.org, brand=world.brand, network="file", name="old.csv", path="x", made_at=NOW)
    waiting = look(world).waiting
    assert len(waiting.rows) == ROWS
    assert kinds(waiting) == ["unclear", "case", "case", "deaf", "import"]
    assert (waiting.total, waiting.late, waiting.unclear) == (9, 6, 1)


def test_a_case_with_an_unsure_answer_is_told_once(world: World) -> None:
    case = complain(world, "u", at=NOW - timedelta(hours=5))
    answer(world, case, world.dana, at=NOW - timedelta(hours=1), state=Outgoing.State.FAILED)
    waiting = look(world).waiting
    assert kinds(waiting) == ["failed"]
    assert (waiting.total, waiting.cases) == (1, 0)


def test_an_agent_sees_their_own_cases_and_nobodys(world: World) -> None:
    mine, free, others = (complain(world, key, at=NOW - timedelta(hours=1), by=key) for key in "abc")
    care.assign(case=mine, to=world.dana, by=world.noam, at=NOW)
    care.assign(case=others, to=world.ido, by=world.noam, at=NOW)
    seen = {wait.thing for wait in look(world, world.dana).waiting.rows}
    assert seen == {mine, free}
    assert look(world, world.noam).waiting.cases == 3


def test_what_a_role_may_not_read_does_not_wait_for_it(world: World) -> None:
    complain(world, "a", at=NOW - timedelta(hours=1))
    Membership.objects.filter(user=world.dana).update(role=Membership.Role.READER)
    seen = look(world, world.dana)
    assert seen.waiting == NOTHING and not seen.handled.answered and not seen.outgoing


def test_omer_sees_nothing_of_it(world: World) -> None:
    complain(world, "a", at=NOW - timedelta(hours=1))
    seen = look(world, world.omer, brands=[world.brand])
    assert not seen.waiting.rows and not seen.outgoing and not seen.handled.answered
    page = world.client(world.omer).get("/").text
    assert "לומיקה" not in page and "המנורה" not in page


# --- handled, pulse, goals ---------------------------------------------------------------------------------


def test_handled_since_yesterday_evening(world: World) -> None:
    for n, minutes in enumerate((10, 30, 50)):
        case = complain(world, f"h{n}", at=NOW - timedelta(hours=2), by=f"h{n}")
        by = world.dana if n else world.ido
        answer(world, case, by, at=NOW - timedelta(hours=2) + timedelta(minutes=minutes))
    care.resolve(case=case, by=world.dana, at=NOW)
    old = complain(world, "old", at=NOW - timedelta(days=2), by="old")
    answer(world, old, world.dana, at=NOW - timedelta(days=2))
    handled = look(world).handled
    assert (handled.answered, handled.resolved, handled.people) == (3, 1, 2)
    assert handled.median == timedelta(minutes=30)
    assert handled.since == datetime(2026, 11, 23, 16, tzinfo=UTC), "18:00 in Jerusalem"


def test_yesterday_evening_over_a_clock_change(world: World) -> None:
    """Israel left summer time on 25.10.2026 at 02:00; the evening before was still UTC+3."""
    handled = look(world, at=datetime(2026, 10, 25, 8, tzinfo=UTC)).handled
    assert handled.since == datetime(2026, 10, 24, 15, tzinfo=UTC)


def test_the_level_of_an_hour() -> None:
    band = [(2.0, 6.0)] * 24
    assert level([4, 4], band) == "usual"
    assert level([1, 0], band) == "quieter"
    assert level([7, 0], band) == "louder"
    assert level([4, 9], band) == "louder", "the hour that runs is already above its own range"
    assert level([4], band) == "" and level([9], band) == "louder"
    assert level([4, 4], []) == ""


def test_the_pulse_counts_since_midnight_of_the_brand(world: World) -> None:
    midnight = datetime(2026, 11, 23, 22, tzinfo=UTC)
    for n, at in enumerate((midnight - timedelta(minutes=1), midnight, NOW - timedelta(minutes=1))):
        world.hear(said(f"m{n}", "לומיקה", by=f"m{n}", at=at), at=NOW)
    seen = look(world)
    assert (seen.pulse.total, len(seen.pulse.hours), seen.pulse.level) == (2, 12, "")
    both = look(world, brands=[world.brand, world.rival])
    assert both.pulse == Pulse(2, (), (), "", seen.pulse.day, seen.pulse.now_hour)


def test_goals_without_data_say_so_and_with_data_stand(world: World) -> None:
    for layer, (_measure, target) in DEFAULT_GOALS.items():
        set_goal(brand=world.brand, layer=layer, target=target, by=world.noam, at=NOW)
    assert [standing.value for standing in look(world).standings] == [None, None, None]
    for n in range(3):
        world.hear(said(f"g{n}", "לומיקה נהדרת, תודה רבה!", by=f"g{n}", at=NOW - timedelta(hours=3)), at=NOW)
    quick, slow = (complain(world, key, at=NOW - timedelta(hours=4), by=key) for key in ("quick", "slow"))
    answer(world, quick, world.dana, at=NOW - timedelta(hours=3, minutes=30))
    complain(world, "new", at=NOW - timedelta(minutes=5), by="new")
    counting.fold(at=NOW)
    positive, net, answered = look(world).standings
    assert (positive.goal.layer, positive.value) == (Goal.Layer.PRESERVE, 3)
    assert net.n == 6 and net.low is not None and net.value is not None and net.low < net.value
    assert (answered.value, answered.n) == (50, 2), "the case that is minutes old is not judged yet"
    assert answered.share == pytest.approx(50 / 80) and not answered.is_met
    assert slow.answered_at is None


# --- the page ----------------------------------------------------------------------------------------------


def test_an_empty_brand_is_told_what_comes_next(world: World) -> None:
    Source.objects.all().delete()
    noam = world.noam
    for language, words in (("he", "הצעדים הראשונים"), ("en", "The first steps")):
        noam.language = language
        noam.save()
        page = world.client(noam).get("/").text
        assert words in page and 'href="/welcome/"' in page
    page = world.client(world.dana).get("/").text
    assert 'href="/welcome/"' not in page.partition("begin-row")[2], "Dana may not connect a source"


def test_several_brands_or_none_at_once(world: World) -> None:
    other = add_brand(org=world.org, name="אורית", by=world.noam, at=NOW)
    world.hear(said("o", "אורית", at=NOW), at=NOW)
    assert look(world, brands=[world.brand, other]).standings == ()
    page = world.client(world.noam).get("/").text
    assert "המותגים שלנו" in page and "אורית" in page
    Brand.objects.all().delete()
    assert world.client(world.noam).get("/").status_code == 200


@pytest.mark.parametrize("language", ["he", "en"])
def test_a_busy_day_stands_whole(world: World, language: str) -> None:
    nasty = "לומיקה <script>alert(1)</script> \u202e שירות גרוע, הגיע שבור"
    world.noam.language = language
    world.noam.save()
    complain(world, "n", at=NOW - timedelta(hours=2), text=nasty)
    case = complain(world, "u", at=NOW - timedelta(hours=2), by="u")
    answer(world, case, world.dana, at=NOW, state=Outgoing.State.UNCLEAR)
    queued = complain(world, "q", at=NOW - timedelta(hours=2), by="q")
    care.answer(case=queued, post=queued.last_post, body="מענה בדרך", by=world.dana, at=NOW)
    Source.objects.filter(pk=world.source.pk).update(state=Source.State.BROKEN, error="The sign-in has run out.")
    client = world.client(world.noam, language)
    page = client.get("/").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert f'href="/inbox/{case.pk}/"' in page and "מענה בדרך" in page
    for part in ("main", "aside"):
        fragment = client.get(f"/?part={part}").text
        assert "<html" not in fragment and len(fragment) > 200


@pytest.mark.parametrize(
    ("language", "words"), [("he", "יש תקלה ברשת עצמה."), ("en", "The network has a fault of its own.")]
)
def test_what_a_network_said_is_explained_in_the_reader_s_language(world: World, language: str, words: str) -> None:
    raw = "The server answered 502: upstream"
    case = complain(world, "u", at=NOW - timedelta(hours=1), by="u")
    answer(world, case, world.dana, at=NOW, state=Outgoing.State.FAILED)
    Outgoing.objects.update(error=raw)
    Source.objects.filter(pk=world.source.pk).update(failures=3, deaf_since=NOW, error=raw)
    world.noam.language = language
    world.noam.save()
    page = world.client(world.noam, language).get("/").text
    assert page.count(words) == 2 and raw not in page


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            remember(world.noam)  # as every page does
            look(world)
        return len(queries)

    first = complain(world, "first", at=NOW - timedelta(hours=1), by="first")
    answer(world, first, world.dana, at=NOW, state=Outgoing.State.UNCLEAR)
    few = count()
    for n in range(8):
        case = complain(world, f"c{n}", at=NOW - timedelta(hours=1), by=f"c{n}")
        if n % 2:
            answer(world, case, world.dana, at=NOW, state=Outgoing.State.UNCLEAR)
    assert count() == few <= 24


@pytest.mark.parametrize(
    ("hour", "words"),
    [(4, "שלום"), (5, "בוקר טוב"), (12, "צהריים טובים"), (17, "ערב טוב"), (22, "שלום")],
)
def test_the_greeting_of_the_hour(hour: int, words: str) -> None:
    with translation.override("he"):
        assert greeting(datetime(2026, 11, 24, hour, tzinfo=UTC)) == words
