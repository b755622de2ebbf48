"""The morning brief: at 07:30 of the brand's zone, once, on the days that were asked for, only of what exists."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siach.insight.morning import facts, is_morning, send_due
from siach.org.models import Membership, Notice
from siach.org.notices.delivering import deliver_due
from siach.org.notices.planning import plan_new
from siach.org.notices.preferences import set_preferences
from siach.org.notices.words import sentence
from siach.talk.actions.counting import fold
from tests.mailbox import Mailbox
from tests.world import World, said

ZONE = "Asia/Jerusalem"


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def prefer(user, **changed) -> None:
    chosen = {"rules": {}, "brands_off": [], "topics_off": [], "quiet": (None, None), "keeps_holidays": True, "cap": 12}
    set_preferences(user=user, **(chosen | {"brief_days": [0, 1, 2, 3, 6]} | changed))


def told(world: World) -> set[str]:
    return set(Notice.objects.filter(kind="brief.ready").values_list("user__name", flat=True))


def test_everybody_once_a_day(world: World) -> None:
    assert send_due(at=here("2026-11-24 07:29")) == 0
    assert send_due(at=here("2026-11-24 07:30")) == 5
    assert told(world) == {"Noam", "Dana", "Yael", "Ido", "Omer"}
    assert send_due(at=here("2026-11-24 07:31")) == 0
    assert send_due(at=here("2026-11-24 09:29")) == 0
    assert send_due(at=here("2026-11-25 08:10")) == 5


@pytest.mark.parametrize(
    ("day", "briefed"), [("2026-11-27", 0), ("2026-11-28", 0), ("2026-11-29", 5), ("2026-09-21", 0), ("2026-10-25", 5)]
)
def test_working_days_holidays_and_the_night_of_the_clock_change(world: World, day: str, briefed: int) -> None:
    """Friday, Shabbat, Sunday, Yom Kippur, and the Sunday whose night has 25 hours."""
    assert send_due(at=here(f"{day} 07:30")) == briefed


@pytest.mark.parametrize("day", ["2026-03-27", "2026-10-25"])
def test_half_past_seven_is_of_the_clock_on_the_wall(day: str) -> None:
    assert is_morning(here(f"{day} 07:30").astimezone(ZoneInfo("UTC")), ZONE)
    assert not is_morning(here(f"{day} 07:29").astimezone(ZoneInfo("UTC")), ZONE)


def test_each_zone_has_its_own_morning(world: World) -> None:
    world.other_brand.zone = "America/New_York"
    world.other_brand.save()
    send_due(at=here("2026-11-24 07:30"))
    assert "Omer" not in told(world)
    assert send_due(at=datetime(2026, 11, 24, 7, 30, tzinfo=ZoneInfo("America/New_York"))) == 1
    assert "Omer" in told(world)


def test_who_wants_none_gets_none_and_other_days_can_be_chosen(world: World) -> None:
    prefer(world.dana, brief_days=None)
    prefer(world.yael, brief_days=[4], keeps_holidays=False)
    Membership.objects.filter(user=world.ido).delete()
    send_due(at=here("2026-11-24 07:30"))
    assert told(world) == {"Noam", "Omer"}
    send_due(at=here("2026-11-27 07:30"))
    assert "Yael" in told(world)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", "Since yesterday morning: 2 mentions, one of them negative.\nWaiting for you: one item"),
        ("he", "מאז אתמול בבוקר: שני אזכורים, אחד מהם שלילי.\nממתין לטיפול: דבר אחד"),
    ],
)
def test_only_lines_of_what_exists(world: World, language: str, lines: str) -> None:
    at = here("2026-11-24 07:30")
    world.at = at - timedelta(hours=3)
    world.hear(
        said("b1", "לומיקה, המנורה הגיעה שבורה והשירות גרוע", by="customer", reason="mention", at=world.at),
        said("b2", "קניתי היום מנורה של לומיקה", by="fan", at=world.at),
    )
    fold(at=at)
    world.dana.language = language
    world.dana.save()
    send_due(at=at)
    text = sentence(Notice.objects.get(user=world.dana), language)
    assert text.startswith(lines)
    assert "Waiting to go out" not in text and "ממתין ליציאה" not in text


def test_the_facts_are_counts_and_codes(world: World) -> None:
    known = facts(world.dana, [world.brand], at=here("2026-11-24 07:30"))
    assert all(isinstance(value, int) or value in {"", "usual", "louder", "quieter"} for value in known.values())


def test_the_brief_arrives_by_mail_line_by_line(world: World, mailbox: Mailbox) -> None:
    at = here("2026-11-24 07:30")
    world.source.state = "broken"
    world.source.save()
    prefer(world.yael)
    Membership.objects.exclude(user=world.yael).delete()
    world.yael.language = "en"
    world.yael.save()
    send_due(at=at)
    plan_new(at=at)
    deliver_due(at=at)
    mailbox.deliver(at=at)
    ((text,), (receiver,)) = mailbox.texts, mailbox.receivers
    assert receiver == "yael@example.test"
    assert mailbox.messages[0]["Subject"] == "Your morning brief is ready"
    assert text.split("\n")[:3] == [
        "Since yesterday morning: 0 mentions.",
        "Waiting for you: one item.",
        "Not working: one source.",
    ]
    assert f"/notices/{Notice.objects.get().pk}/" in text
