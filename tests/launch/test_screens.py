"""The contact sheet: it finds each page by the links of the others, and draws what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from PIL import Image

from siach.care import actions as care
from siach.commands import ROOT, _docs
from siach.commands._sheet import HEIGHT, Look, Row, draw_sheet
from siach.commands._walk import Answer, Screen, doors, named, walk
from siach.talk.models import Mention
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from pathlib import Path

    from siach.commands._walk import Ask


def asks(client: Client) -> Ask:
    def ask(path: str) -> Answer:
        got = client.get(path)
        kind = got.headers.get("content-type", "").partition(";")[0]
        return Answer(got.status_code, kind, got.text if kind == "text/html" else "")

    return ask


@pytest.mark.django_db
def test_it_finds_every_page_that_these_data_have(world: World) -> None:
    world.hear(said("c1", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="customer", reason="mention"))
    found = walk(asks(world.client(world.noam)))
    names = [screen.name for screen in found.screens]
    assert {"today", "stream", "inbox", "case", "post", "author_part", "brand_edit", "activity"} <= set(names)
    assert len(names) == len(set(names)), "one of each"
    lacking = dict(found.missing)
    assert "import_job" in lacking, "there is no import"
    assert not {"case_answer", "correct", "live", "stream_new"} & (lacking.keys() | set(names)), "no pages"


@pytest.mark.django_db
def test_without_a_case_it_says_that_none_is_shown(world: World) -> None:
    lacking = dict(walk(asks(world.client(world.noam))).missing)
    assert lacking["case"] == "no link of these data leads to one"
    world.hear(said("c1", "ראיתי היום מנורה של לומיקה בחלון", by="customer"))
    care.open_case(mention=Mention.objects.get(), by=world.dana, at=NOW)
    assert "case" not in dict(walk(asks(world.client(world.noam))).missing)


@pytest.mark.django_db
def test_the_pages_of_strangers_and_pages_by_name() -> None:
    assert "account_login" in [screen.name for screen in doors(asks(Client()))]
    assert named(["inbox", "/stream/?q=א"]) == [Screen("inbox", "/inbox/"), Screen("stream", "/stream/?q=א")]
    assert len({screen.folder for screen in named(["stream", "/stream/?q=א", "/"])}) == 3


def test_the_docs_hold_the_whole_set_of_pictures_and_no_other_and_they_are_light() -> None:
    files = {file.name: file.stat().st_size for file in (ROOT / "docs" / "pictures").iterdir()}
    assert set(files) == {_docs.name_of(motif, *look) for motif in _docs.MOTIFS for look in motif.looks}
    assert sum(files.values()) < 1_200_000


def test_the_sheet_shows_each_picture_and_crosses_out_what_is_missing(tmp_path: Path) -> None:
    looks = [Look("he", "light", 1440, 900), Look("he", "dark", 390, 844)]
    long = tmp_path / "long.png"
    Image.new("RGB", (1440, 3000), "#00ff00").save(long)
    file = tmp_path / "sheet.png"
    draw_sheet([Row("today  /", [long, None], "wider than its window")], looks, file)
    with Image.open(file) as sheet:
        colours = {colour: n for n, colour in sheet.getcolors(sheet.width * sheet.height)}
    assert colours[(0, 255, 0)] == looks[0].small * HEIGHT, "its first windowful, whole"
    assert colours[(0xB3, 0x26, 0x1E)] > HEIGHT, "a cross, and the words of the trouble"
