"""Activity: every deed has its sentence in both languages; one case's story reads from its end to its start."""

from __future__ import annotations

import ast
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import siach
from siach.care import actions as care
from siach.care.models import Case
from siach.insight.queries.activity import FOLDED, KINDS, MOST_READ, PAGE, Filters, activity
from siach.org.actions import add_brand, set_goal
from siach.org.ledger import record
from siach.org.models import LedgerEntry, User
from siach.org.rights import RIGHTS
from siach.talk.models import Outgoing, Thread
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(siach.__file__).parent
EVENTS = SOURCE.parent.parent / "docs" / "events.md"
DEED = re.compile(r"([a-z]+)\.[a-z_]+")


def deeds() -> dict[str, str]:
    """Every deed that some action records, with its room: what its code names and no right is called."""
    found: dict[str, str] = {}
    for file in [
        *SOURCE.glob("*/actions.py"),
        *SOURCE.glob("*/actions/*.py"),
        *SOURCE.glob("org/*.py"),
        *SOURCE.glob("org/notices/*.py"),
        *SOURCE.glob("org/on_call/*.py"),
    ]:
        room = file.relative_to(SOURCE).parts[0]
        tree = ast.parse(file.read_text(encoding="utf-8"))
        kinds = set(kinds_told(tree))
        for node in ast.walk(tree):
            if node not in kinds and isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = DEED.fullmatch(node.value)
                if named and named[1] in KINDS and node.value not in RIGHTS:
                    found[node.value] = room
    return found


def kinds_told(tree: ast.AST) -> Iterator[ast.expr]:
    """The kinds of notices in calls of `tell` and `over`: no deeds, though they are named alike."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tell", "over"}:
            yield from node.args


def recorded() -> set[str]:
    """The names that stand literally in a call of `record`, whatever noun they begin with."""
    calls = (
        node
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"record", "told"} and node.args
    )
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def words(page: str) -> list[str]:
    """The sentences of a page, without their markup."""
    lines = re.findall(r'<div class="tl-text"><p>(.*?)</p>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", line)).strip() for line in lines]


def read(world: World, who: User, language: str, query: str = "") -> str:
    who.language = language
    who.save()
    return world.client(who, language).get(f"/activity/{query}").text


def test_every_deed_has_a_sentence_a_kind_and_a_line_in_the_docs() -> None:
    found = deeds()
    assert recorded() <= set(found), "a deed begins with a noun that KINDS does not know"
    for name, room in found.items():
        get_template(f"{room}/events/{name}.html")
    templates = {(path.parts[-3], path.stem) for path in SOURCE.glob("*/templates/*/events/*.html")}
    assert templates == {(room, name) for name, room in found.items()}
    rows = re.findall(
        r"^\| `([a-z_.]+)` \| (\w+) \|", EVENTS.read_text(encoding="utf-8").partition("## Notices")[0], re.MULTILINE
    )
    assert sorted(rows) == sorted(found.items())
    assert {name.partition(".")[0] for name in found} == set(KINDS)


STORY = {
    "en": [
        "Dana resolved the case of Customer",
        "The customer wrote again: the case of Customer was reopened",
        "Dana resolved the case of Customer",
        "Dana answered in public in the case of Customer",
        "Noam assigned the case of Customer to Dana",
        "By rule: the case of Customer was opened",
    ],
    "he": [
        "סיום הטיפול בפנייה של Customer, על ידי Dana",
        "פתיחה מחדש של פנייה של Customer",
        "סיום הטיפול בפנייה של Customer, על ידי Dana",
        "מענה פומבי בפנייה של Customer, על ידי Dana",
        "שיוך הפנייה של Customer לטיפול Dana, על ידי Noam",
        "פתיחת פנייה של Customer לפי כלל",
    ],
}


def tell(world: World) -> Case:
    """Opened by rule, assigned, answered, sent, resolved; the customer wrote again; resolved for good."""
    at = NOW
    first = said("s1", "לומיקה, המנורה הגיעה שבורה והשירות גרוע", by="customer", at=at, reason="mention")
    world.hear(first, at=at)
    case = Case.objects.get()
    care.assign(case=case, to=world.dana, by=world.noam, at=at + timedelta(minutes=1))
    body = "מצטערים, שולחים מנורה חדשה"
    sent = care.answer(case=case, post=case.last_post, body=body, by=world.dana, at=at + timedelta(minutes=2))
    later = at + timedelta(minutes=3)
    Outgoing.objects.filter(pk=sent.outgoing_id).update(state=Outgoing.State.SENT, sent_at=later)
    care.answered(outgoing_id=sent.outgoing_id, at=later)
    care.resolve(case=case, by=world.dana, at=at + timedelta(minutes=4))
    world.at = at + timedelta(hours=1)
    again = said(
        "s2", "ומתי זה מגיע? עדיין אין כלום", by="customer", at=world.at, parent="s1", root="s1", reason="reply"
    )
    world.hear(again, at=world.at)
    care.resolve(case=case, by=world.dana, at=at + timedelta(hours=2))
    case.refresh_from_db()
    return case


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_story_of_a_case(world: World, language: str) -> None:
    case = tell(world)
    page = read(world, world.noam, language, "?kind=case")
    told = words(page)
    assert len(told) == len(STORY[language])
    for line, expected in zip(told, STORY[language], strict=True):
        assert expected in line
    assert page.count(f'href="/inbox/{case.pk}/"') == 6
    assert "המנורה" not in page, "the ledger shows no text"


def test_the_settings_deeds_read_well(world: World) -> None:
    set_goal(brand=world.brand, layer="improve", target=-5, by=world.noam, at=NOW)
    told = words(read(world, world.noam, "he"))
    assert "קביעת יעד השיפור של לומיקה על ידי Noam: סנטימנט נטו −5" in told
    assert "הוספת המותג ברוניל על ידי Noam" in told
    told = words(read(world, world.noam, "en"))
    assert "Noam set the goal of לומיקה for Improve: net sentiment −5" in told


def test_who_or_what_is_gone_is_said_so(world: World) -> None:
    world.rival.delete()
    User.objects.filter(pk=world.noam.pk).update(is_active=True)
    record("brand.names_changed", world.brand, by=world.ido, at=NOW, org=world.org, brand=world.brand)
    world.ido.delete()
    told = words(read(world, world.noam, "en"))
    assert "Noam added the brand something erased since" in told
    assert "somebody who left changed the names by which לומיקה is recognised" in told


def all_words(world: World, user: User, language: str) -> list[str]:
    """The sentences of all pages, one after the other."""
    user.language = language
    user.save()
    client, address, told = world.client(user, language), "/activity/", []
    while address:
        page = client.get(address)
        told += words(page.text)
        address = page.context["older_url"] and "/activity/" + page.context["older_url"]
    return told


def test_every_sentence_survives_an_erased_subject(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a line tells of, its page stands when the subject and the person are gone."""
    monkeypatch.setattr("siach.insight.queries.activity.PAGE", 500)
    facts = {"network": "bluesky", "row": 7, "field": "sentiment", "was": -1, "now": 1, "part": "media"}
    facts |= {"layer": "serve", "target": 80, "how": "hand", "to": 10**9, "reason": "spam", "was_sent": True}
    for name, room in deeds().items():
        entry = record(name, world.brand, by=None, at=NOW, org=world.org, **facts)  # type: ignore[arg-type]
        LedgerEntry.objects.filter(pk=entry.pk).update(room=room, subject_kind="care.case", subject_id=10**9)
    for language in ("he", "en"):
        told = all_words(world, world.noam, language)
        assert len(told) == len(deeds()) + 2 and all(told)


def test_names_cannot_write_markup(world: World) -> None:
    add_brand(org=world.org, name="<script>alert(1)</script>", by=world.noam, at=NOW)
    assert "<script>alert" not in read(world, world.noam, "en")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("kind=goal", {"goal.set"}),
        ("by=siach", {"case.opened"}),
        ("days=1", {"goal.set", "case.opened"}),
        ("kind=nonsense&by=x&brand=-1&days=99", {"goal.set", "case.opened", "brand.added"}),
    ],
)
def test_filters(world: World, query: str, kept: set[str]) -> None:
    set_goal(brand=world.brand, layer="serve", target=90, by=world.dana, at=NOW)
    world.hear(said("f", "לומיקה, הגיע שבור והשירות גרוע", by="customer", at=NOW, reason="mention"), at=NOW)
    filters = Filters.read(dict(pair.split("=") for pair in query.split("&")))
    page = activity(world.noam, filters, at=NOW)
    assert {line.entry.name for _day, lines in page.days for line in lines} == kept
    by_person = activity(world.noam, Filters(by=str(world.dana.pk)), at=NOW)
    assert [line.by for _day, lines in by_person.days for line in lines] == [world.dana]
    of_rival = activity(world.noam, Filters(brand=str(world.rival.pk)), at=NOW)
    assert [line.subject for _day, lines in of_rival.days for line in lines] == [world.rival]


def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    for n in range(PAGE + 20):
        by = world.dana if n % 2 else world.noam
        record("brand.names_changed", world.brand, by=by, at=NOW, org=world.org, brand=world.brand)
    for _n in range(MOST_READ):
        record("brand.names_changed", world.brand, by=world.noam, at=NOW, org=world.org, brand=world.brand)
    seen: list[int] = []
    before = ""
    while True:
        page = activity(world.noam, Filters(), before=before, at=NOW)
        shown = [line for _day, lines in page.days for line in lines]
        assert len(shown) <= PAGE
        seen += [line.entry.pk for top in shown for line in (top, *top.more)]
        before = page.older
        if not before:
            break
    assert len(seen) == len(set(seen)) == LedgerEntry.objects.filter(org=world.org).count()
    assert 'rel="next"' in read(world, world.noam, "en")
    for odd in ("nonsense", "2026-13-01~5", "~", "2026-11-24T00:00~x", "2026-11-24T00:00~5", "\x00~1"):
        assert activity(world.noam, Filters(), before=odd, at=NOW).days


def test_like_deeds_that_follow_one_another_are_one_line_that_opens(world: World) -> None:
    for n in range(FOLDED + 1):
        world.hear(
            said(f"f{n}", "לומיקה, הגיע שבור והשירות גרוע", by=f"customer {n}", at=NOW, reason="mention"), at=NOW
        )
    lines = activity(world.noam, Filters(kind="case"), at=NOW).days[0][1]
    assert [len(line.more) for line in lines] == [FOLDED]
    shown = read(world, world.noam, "en")
    assert f"and {FOLDED} more like it" in shown
    assert all(f"customer {n}" in shown.lower() for n in range(FOLDED + 1))
    Thread.objects.filter(cases=lines[0].subject).update(drill=7)
    told_apart = activity(world.noam, Filters(kind="case"), at=NOW).days[0][1]
    assert [(line.drill, len(line.more)) for line in told_apart] == [(7, 0), (None, FOLDED - 1)]
    on = Filters(on=f"care.case:{lines[0].subject.pk}")
    assert [line.more for line in activity(world.noam, on, at=NOW).days[0][1]] == [()]


def test_days_are_cut_in_the_brands_zone(world: World) -> None:
    """22:30 UTC in November is already the next day in Jerusalem."""
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    record("brand.names_changed", world.brand, by=world.noam, at=late, org=world.org, brand=world.brand)
    assert 'datetime="2026-11-25"' in read(world, world.noam, "he")
    with timezone.override("Asia/Jerusalem"):
        today = activity(world.noam, Filters(days="1"), at=late + timedelta(hours=1))
    assert len(today.days) == 1


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    def count() -> int:
        client = world.client(world.noam)
        with CaptureQueriesContext(connection) as queries:
            client.get("/activity/")
        return len(queries)

    tell(world)
    count()
    few = count()
    for n in range(10):
        text = "לומיקה, הגיע שבור והשירות גרוע"
        world.hear(said(f"q{n}", text, by=f"q{n}", at=NOW, reason="mention"), at=NOW)
    assert count() == few


def test_omer_reads_only_his_own(world: World) -> None:
    tell(world)
    page = world.client(world.omer).get("/activity/").text
    assert "פרוטל" in page
    for word in ("לומיקה", "ברוניל", "Dana", "Noam", "Customer"):
        assert word not in page
    assert world.client(world.omer).get(f"/activity/?brand={world.brand.pk}&by={world.dana.pk}").status_code == 200
    assert world.client(world.dana).get("/activity/").status_code == 404, "agents do not read the ledger"
    assert Client().get("/activity/").status_code == 302


def test_a_period_by_days_and_one_subject(world: World) -> None:
    for day in (20, 21, 22):
        at = datetime(2026, 11, day, 22, 30, tzinfo=UTC)  # after midnight in Jerusalem
        record("brand.names_changed", world.brand, by=world.noam, at=at, org=world.org, brand=world.brand)
    record("brand.names_changed", world.rival, by=world.noam, at=NOW, org=world.org, brand=world.rival)
    asked = {"days": "range", "first": "2026-11-22", "last": "2026-11-22", "kind": "brand"}
    with timezone.override("Asia/Jerusalem"):
        page = activity(world.noam, Filters.read(asked), at=NOW)
        swapped = Filters.read(asked | {"first": "2026-11-23", "last": "2026-11-22"})
        assert [day.day for day, _lines in activity(world.noam, swapped, at=NOW).days] == [23, 22]
    assert [line.entry.at.day for _day, lines in page.days for line in lines] == [21]
    on = Filters.read({"on": f"org.brand:{world.rival.pk}"})
    assert {line.subject for _day, lines in activity(world.noam, on, at=NOW).days for line in lines} == {world.rival}
    assert "on=org.brand" in read(world, world.noam, "en")
    for odd in ("org.brand", "x:1", "org.brand:-1", "org.brand:9" * 9, "\x00.a:1"):
        assert not Filters.read({"on": odd, "days": "range", "first": "soon"}).on


def table(world: World, user: User, query: str = "") -> list[list[str]]:
    sent = world.client(user).get(f"/activity/activity.csv?{query}")
    assert sent["Content-Type"].startswith("text/csv") and "attachment" in sent["Content-Disposition"]
    return list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig"))))


def test_the_file_has_the_same_lines_and_runs_nowhere(world: World) -> None:
    tell(world)
    evil = add_brand(org=world.org, name='=HYPERLINK("http://evil")', by=world.noam, at=NOW)
    world.noam.name, world.noam.language = "+cmd|' /C calc'!A0", "en"
    world.noam.save()
    head, *rows = table(world, world.noam)
    assert head[0] == "Time" and len(rows) == LedgerEntry.objects.filter(org=world.org).count()
    of_evil = next(row for row in rows if row[6] == str(evil.pk) and row[5] == "org.brand")
    assert of_evil[1] == "'+cmd|' /C calc'!A0" and of_evil[4] == '\'=HYPERLINK("http://evil")'
    assert "added the brand" in of_evil[3] and "<" not in of_evil[3]
    assert len(table(world, world.noam, "kind=goal")) == 1 + LedgerEntry.objects.filter(name="goal.set").count()


def test_a_long_file_is_whole(world: World) -> None:
    for _n in range(1_050):
        record("brand.names_changed", world.brand, by=None, at=NOW, org=world.org, brand=world.brand)
    _head, *rows = table(world, world.noam, "by=siach")
    assert len(rows) == 1_050


def test_omers_file_is_his_own(world: World) -> None:
    tell(world)
    assert "Dana" not in str(table(world, world.omer))
    assert world.client(world.dana).get("/activity/activity.csv").status_code == 404
    assert Client().get("/activity/activity.csv").status_code == 302
