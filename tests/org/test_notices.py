"""Notices: told once, seen by their own person alone, gone with the membership, acknowledged in the ledger."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.template.loader import get_template

import siach
from siach.care import actions as care
from siach.org.live import CHANNEL
from siach.org.models import LedgerEntry, Membership, Notice
from siach.org.notices import reading, tell
from siach.org.notices.reading import FOLDED
from siach.org.notices.telling import acknowledge, drop_old, see_all
from siach.org.rights import remember
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from siach.care.models import Case

SOURCE = Path(siach.__file__).parent
EVENTS = SOURCE.parent.parent / "docs" / "events.md"


@pytest.fixture
def case(world: World) -> Case:
    from siach.care.models import Case

    world.hear(said("c1", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="customer", reason="mention"))
    return Case.objects.get()


def notify(world: World, case: Case, *people, level: int = 2, once: str = "") -> list[Notice]:
    facts = {"org": world.org, "brand": world.brand, "subject": case, "by": world.noam.pk}
    url = ("case", {"pk": case.pk})
    return tell("case.assigned", to=people, level=level, url=url, at=NOW, once=once, **facts)


def test_a_thing_is_told_once_to_each_person(world: World, case: Case) -> None:
    assert {n.user for n in notify(world, case, world.dana, world.yael)} == {world.dana, world.yael}
    assert [n.user for n in notify(world, case, world.dana, world.ido, world.ido)] == [world.ido]
    assert len(notify(world, case, world.dana, once="again")) == 1


def test_who_left_the_house_is_not_told(world: World, case: Case) -> None:
    world.dana.is_active = False
    assert not notify(world, case, world.dana)


@pytest.mark.parametrize(
    ("language", "sentence", "bell"),
    [
        ("he", "הפנייה של Customer הועברה לטיפולך על ידי Noam", "התראות, אחת חדשה"),
        ("en", "Noam assigned you the case of Customer", "Notices, one new"),
    ],
)
def test_what_the_reader_sees(world: World, case: Case, language: str, sentence: str, bell: str) -> None:
    world.dana.language = language
    world.dana.save()
    notify(world, case, world.dana)
    client = world.client(world.dana, language)
    page = client.get("/notices/").text
    assert sentence in re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))
    assert f'aria-label="{bell}"' in page
    assert f'aria-label="{bell}"' in client.get("/notices/bell/").text
    going = client.get(f"/notices/{Notice.objects.get().pk}/")
    assert going.headers["Location"] == f"/inbox/{case.pk}/"
    assert reading.unseen(world.dana) == 0


def test_another_persons_notice_is_not_found(world: World, case: Case) -> None:
    told = notify(world, case, world.dana)[0]
    for other in (world.omer, world.yael):
        client = world.client(other)
        assert client.get(f"/notices/{told.pk}/").status_code == 404
        assert client.post(f"/notices/{told.pk}/acknowledge/").status_code == 404
        assert "Customer" not in client.get("/notices/").text


def test_with_the_membership_its_notices_are_gone(world: World, case: Case) -> None:
    notify(world, case, world.dana)
    Membership.objects.filter(user=world.dana).delete()
    assert reading.unseen(world.dana) == 0
    assert not reading.centre(world.dana).new


def test_what_was_erased_leaves_a_sentence_without_a_name(world: World, case: Case) -> None:
    notify(world, case, world.dana)
    case.author.delete()
    page = world.client(world.dana).get("/notices/").text
    assert "Customer" not in page
    assert "הועברה לטיפולך" in page


def test_seen_leaves_what_asks_to_be_acknowledged(world: World, case: Case) -> None:
    calm, grave = notify(world, case, world.dana)[0], notify(world, case, world.dana, level=3, once="grave")[0]
    assert see_all(user=world.dana, upto=grave.pk, at=NOW) == 1
    assert see_all(user=world.dana, upto=grave.pk, at=NOW) == 0
    assert [line.notice for line in reading.centre(world.dana).new] == [grave]
    assert [line.notice for line in reading.centre(world.dana).seen] == [calm]


def test_what_came_after_the_page_was_drawn_stays_new(world: World, case: Case) -> None:
    first = notify(world, case, world.dana)[0]
    notify(world, case, world.dana, once="later")
    world.client(world.dana).post("/notices/seen/", {"upto": first.pk})
    assert reading.unseen(world.dana) == 1


def test_acknowledged_once_is_one_line_of_the_ledger(world: World, case: Case) -> None:
    told = notify(world, case, world.dana, level=4)[0]
    client = world.client(world.dana)
    for _again in range(2):
        assert client.post(f"/notices/{told.pk}/acknowledge/").headers["Location"] == "/notices/"
    entry = LedgerEntry.objects.get(name="notice.acknowledged")
    assert (entry.by, entry.facts) == (world.dana, {"level": 4})
    assert not reading.centre(world.dana).new
    acknowledge(notice=told, by=world.dana, at=NOW + timedelta(hours=1))
    assert Notice.objects.get().acknowledged_at < NOW + timedelta(days=9999)


def test_what_was_told_long_ago_is_forgotten(world: World, case: Case) -> None:
    notify(world, case, world.dana)
    assert drop_old(at=NOW + timedelta(days=90)) == 0
    assert drop_old(at=NOW + timedelta(days=91)) == 1


def test_several_about_one_thing_are_one_line(world: World, case: Case) -> None:
    for once in "abc":
        notify(world, case, world.dana, once=once)
    (line,) = reading.centre(world.dana).new
    assert len(line.older) == 2


def test_many_that_say_the_like_are_one_line_once_they_were_seen(world: World, case: Case) -> None:
    for n in range(FOLDED):
        world.hear(said(f"n{n}", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by=f"other {n}", reason="mention"))
    for one in case.__class__.objects.all():
        notify(world, one, world.dana)
    newest = max(Notice.objects.values_list("pk", flat=True))
    assert len(reading.centre(world.dana).new) == FOLDED + 1
    see_all(user=world.dana, upto=newest, at=NOW)
    (line,) = reading.centre(world.dana).seen
    assert len(line.alike) == FOLDED
    assert f"ועוד {FOLDED} שורות כאלה" in world.client(world.dana).get("/notices/").content.decode()


def test_the_number_of_queries_does_not_grow(world: World, case: Case, django_assert_max_num_queries) -> None:
    for once in range(20):
        notify(world, case, world.dana, once=str(once))
    remember(world.dana)  # as every page does
    with django_assert_max_num_queries(4):
        reading.centre(world.dana)


@pytest.mark.django_db(transaction=True)
def test_the_signal_goes_to_that_person_alone_and_says_nothing(world: World, case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
        notify(world, case, world.dana)
        heard = [notice.payload for notice in connection.connection.notifies(timeout=0.2)]
        cursor.execute(f"UNLISTEN {CHANNEL}")
    assert heard == [f"u{world.dana.pk}:notices"]


def test_who_takes_a_case_is_not_told_and_who_is_given_one_is(world: World, case: Case) -> None:
    care.assign(case=case, to=world.dana, by=world.dana, at=NOW)
    assert not Notice.objects.exists()
    care.assign(case=case, to=world.ido, by=world.noam, at=NOW)
    assert Notice.objects.get().user == world.ido


def test_every_kind_has_a_sentence_and_a_line_in_the_docs() -> None:
    kinds: dict[str, str] = {}
    for file in SOURCE.glob("*/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tell" and node.args
            if is_call and isinstance(node.args[0], ast.Constant):
                kinds[str(node.args[0].value)] = ""
    sentences = {path.stem: path.parts[-3] for path in SOURCE.glob("*/templates/*/notices/*.html")}
    assert kinds.keys() == sentences.keys()
    for kind, room in sentences.items():
        get_template(f"{room}/notices/{kind}.html")
    told = EVENTS.read_text(encoding="utf-8").partition("## Notices")[2]
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\w+) \|", told, re.MULTILINE)
    assert sorted(rows) == sorted(sentences.items())
