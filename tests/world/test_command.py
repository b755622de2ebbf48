"""`./siach world`: what it writes is read by the import without being told how."""

import argparse
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from siach.commands import world
from siach.launch import CannotStart
from siach.talk import tabular

Told = pytest.CaptureFixture[str]


def _args(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    world.add_arguments(parser)
    return parser.parse_args([*words, "--posts", "600", "--end", "2026-11-24"])


def test_posts_and_truth_stand_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "aluma.jsonl"
    assert world.run(_args("--json", str(file))) == 0
    posts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    truths = [json.loads(line) for line in (tmp_path / "aluma.jsonl.truth").read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in posts] == [one["key"] for one in truths]
    assert len(posts) == 600
    deeds = [json.loads(line) for line in (tmp_path / "aluma.jsonl.deeds").read_text(encoding="utf-8").splitlines()]
    assert {one["post"] for one in deeds} <= {one["id"] for one in posts}
    assert {"answer", "gesture", "incident-open", "incident-close"} <= {one["kind"] for one in deeds}


def test_an_import_knows_every_column_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "aluma.jsonl"
    world.run(_args("--json", str(file), "--network", "facebook_group"))
    shape = tabular.shape_of(file)
    rows = [row.cells for row in tabular.read(file, shape)]
    guessed = tabular.guess(shape.columns, rows[:50], ZoneInfo("Asia/Jerusalem"))
    known = set(tabular.FIELDS) - {"brand"}
    assert {field: guessed.get(field) for field in known} == {
        field: {"time": "time", "author_name": "author_name"}.get(field, field) for field in known
    }
    assert {row[shape.columns.index("network")] for row in rows} == {"facebook_group"}


def test_it_tells_what_the_world_holds_and_shows_a_sample(capsys: Told) -> None:
    world.run(_args())
    told = json.loads(capsys.readouterr().out)
    assert told["posts"] == 600
    assert told["brand"] == "אלומה"
    assert sum(told["gestures"]["kinds"].values()) == told["deeds"]["gesture"]
    world.run(_args("--sample", "5"))
    assert len(capsys.readouterr().out.splitlines()) >= 5


def test_a_storm_is_told_shown_and_written_too(tmp_path: Path, capsys: Told) -> None:
    args = ("--storm", "price", "--seed", "2")
    assert world.run(_args(*args)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["posts"], len(told["hours"])) == ("price", 600, 6)
    assert list(told["beats"]) == ["first", "copied", "ring", "press", "politician", "second"]
    world.run(_args(*args, "--sample", "3", "--json", str(tmp_path / "storm.jsonl")))
    assert "storm.price.first" in capsys.readouterr().out
    truths = (tmp_path / "storm.jsonl.truth").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["story"] for line in truths} == {"storm-price"}


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    args = _args()
    args.posts = 3
    with pytest.raises(CannotStart, match="500"):
        world.run(args)
    args.end = "yesterday"
    with pytest.raises(CannotStart, match="2026-11-24"):
        world.run(args)
