"""`./siach import` to the end: files of several brands, without a worker, once and again, counted right."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.care.models import Case
from siach.launch import main
from siach.org.models import Brand, LedgerEntry, Org
from siach.talk.models import CountDay, CountDelta, Mention, Post, RefusedRow

pytestmark = pytest.mark.django_db

OURS = Path(__file__).parent.parent / "data" / "six-airlines.csv"
SHARED = Path(os.environ.get("SIACH_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
AIRLINES = SHARED / "airline-2015" / "tweets.csv.gz"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own database stands already."""
    monkeypatch.setattr("siach.commands.django_setup", lambda: None)


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main.main(["import", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def counted(brand: Brand) -> dict[str, int]:
    days: Counter[str] = Counter()
    for day, n in CountDay.objects.filter(brand=brand).values_list("day", "n"):
        days[str(day)] += n
    return dict(days)


def expected(path: Path, brand: Brand, *, id: str, time: str, name: str = "airline") -> dict[str, int]:
    """The same counts straight from the file: each id once, days cut in the brand's zone."""
    zone, days, seen = ZoneInfo(brand.zone), Counter[str](), set()
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row[id] in seen or row[name] != brand.name or not row[time]:
                continue
            seen.add(row[id])
            days[str(datetime.strptime(row[time], "%Y-%m-%d %H:%M:%S %z").astimezone(zone).date())] += 1
    return dict(days)


def opened_nothing() -> bool:
    names = set(LedgerEntry.objects.values_list("name", flat=True))
    return (
        not Case.objects.exists()
        and not Post.objects.filter(is_live=True).exists()
        and names
        <= {
            "brand.added",
            "import.started",
        }
    )


def test_a_file_of_six_brands(capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(OURS), "--network", "Twitter", "--map", "brand=airline"]
    code, outcome = command(capsys, *words)
    assert code == 0
    assert [outcome[name] for name in ("rows", "taken", "known", "refused")] == [62, 58, 2, 2]
    assert outcome["reasons"] == {"cells": {"rows": 1, "first": [62]}, "time": {"rows": 1, "first": [61]}}
    assert Org.objects.get().name == "Northline"
    brands = list(Brand.objects.all())
    assert len(brands) == len(outcome["brands"]) == 6
    for brand in brands:
        assert counted(brand) == expected(OURS, brand, id="post_id", time="created")
    assert not CountDelta.objects.exists()
    assert opened_nothing()
    assert main.main(["check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["equal"] is True

    _code, again = command(capsys, *words)
    assert [again[name] for name in ("rows", "taken", "known", "refused")] == [62, 0, 60, 2]
    assert (Post.objects.count(), Mention.objects.count(), Org.objects.count()) == (58, 58, 1)
    assert not ProcrastinateJob.objects.filter(task_name="import_file").exists()


@pytest.mark.skipif(not AIRLINES.exists(), reason="the airline file is not on this machine (SIACH_SHARED_DATA)")
def test_the_airline_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_bytes(gzip.decompress(AIRLINES.read_bytes()))
    words = [str(path), "--network", "twitter", "--map", "brand=airline"]
    code, outcome = command(capsys, *words)
    assert code == 0
    assert [outcome[name] for name in ("rows", "taken", "known", "refused")] == [14_640, 14_485, 155, 0]
    assert Brand.objects.count() == 6
    for brand in Brand.objects.all():
        assert counted(brand) == expected(path, brand, id="tweet_id", time="tweet_created")
    assert opened_nothing()
    assert main.main(["check"]) == 0
    assert "days: equal, 14,485 mentions" in capsys.readouterr().out
    _code, again = command(capsys, *words)
    assert [again[name] for name in ("rows", "taken", "known", "refused")] == [14_640, 0, 14_640, 0]
    assert Post.objects.count() == Mention.objects.count() == 14_485


def test_one_brand_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, outcome = command(capsys, str(OURS), "--network", "twitter", "--brand", "Northline", "--map", "time=created")
    assert code == 0
    assert outcome["brands"] == {"Northline": 58}
    assert outcome["mapping"] == {
        "text": "text",
        "time": "created",
        "id": "post_id",
        "author": "name",
        "shares": "retweet_count",
    }


def test_among_several_organisations_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = Org.objects.create(name="one"), Org.objects.create(name="two")
    words = [str(OURS), "--network", "twitter", "--brand", "Northline"]
    assert main.main(["import", *words]) == 1
    assert "--org" in capsys.readouterr().err
    assert not Brand.objects.exists()
    command(capsys, *words, "--org", "two")
    assert Brand.objects.get().org == two
    assert not one.brands.exists()


@pytest.mark.parametrize(
    "words",
    [
        [str(OURS), "--network", "x"],
        [str(OURS), "--network", "x", "--brand", "A", "--map", "brand=airline"],
        [str(OURS), "--network", "x", "--brand", "A", "--map", "time"],
        [str(OURS), "--network", "x", "--brand", "A", "--map", "time=nothing"],
        [str(OURS), "--network", "x", "--brand", "A", "--map", "wings=text"],
        [str(OURS), "--network", "x", "--map", "brand=nothing"],
        [str(OURS), "--network", "?", "--brand", "A"],
        ["no such file.csv", "--network", "x", "--brand", "A"],
    ],
)
def test_what_is_wrong_is_said_and_leaves_nothing(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["import", *words]) == 1
    told = capsys.readouterr()
    assert told.err.strip() and "Traceback" not in told.err
    assert not Org.objects.exists()
    assert not Brand.objects.exists()


def test_an_import_that_fails_says_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,time,brand\n" + "".join(f"hello,2026-11-01,brand {n}\n" for n in range(60)))
    assert main.main(["import", str(path), "--network", "x", "--map", "brand=brand"]) == 1
    assert "more than 50" in capsys.readouterr().out


def test_as_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["import", str(OURS), "--network", "x", "--map", "brand=airline"]) == 0
    told = capsys.readouterr().out
    assert "62" in told and "cells: 1 (rows 62)" in told and "mentions of Kestrel" in told
    assert RefusedRow.objects.count() == 2
