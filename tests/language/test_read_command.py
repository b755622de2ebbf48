"""`./siach read`: lines in, answers out, each in its place."""

import argparse
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from siach.commands import read
from siach.language.clean import TEXT_LIMIT
from siach.language.readers import linear
from siach.language.reading import EMOTIONS, FLAGS


class Trickle(io.RawIOBase):
    """Input that arrives in small pieces."""

    def __init__(self, content: bytes, size: int) -> None:
        self.rest, self.size = content, size

    def read1(self, _: int) -> bytes:
        piece, self.rest = self.rest[: self.size], self.rest[self.size :]
        return piece


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answer(content: bytes, size: int = 1 << 16, options: Sequence[str] = ()) -> tuple[int, list[dict[str, Any]]]:
        out = io.BytesIO()
        monkeypatch.setattr(read.sys, "stdin", SimpleNamespace(buffer=Trickle(content, size)))
        monkeypatch.setattr(read.sys, "stdout", SimpleNamespace(buffer=out))
        parser = argparse.ArgumentParser()
        read.add_arguments(parser)
        code = read.run(parser.parse_args(options))
        return code, [json.loads(line) for line in out.getvalue().decode().splitlines()]

    return answer


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def test_a_post_is_answered_with_all_that_is_promised(reading: Any) -> None:
    text = "חיכיתי שעה באלומה, שירות לא טוב"
    code, (answer,) = reading(lines({"text": text, "brand": "אלומה"}))
    assert code == 0
    assert answer["language"] == "he"
    assert answer["mentions"] == [{"brand": "אלומה", "name": "אלומה", "span": [12, 17], "why": "prefix:ב"}]
    assert answer["sentiment"]["label"] == "negative"
    assert abs(sum(answer["sentiment"]["p"].values()) - 1) < 0.001
    assert set(answer["sentiment"]["p"]) == {"negative", "neutral", "positive"}
    assert (answer["intent"], answer["urgency"], answer["safety"]) == ("complaint", 0, False)
    assert {"word": "לא", "span": [25, 27], "kind": "negation"} in answer["deciding"]
    assert all(text[slice(*one["span"])] == one["word"] for one in answer["deciding"])
    assert set(answer["emotions"]) == set(EMOTIONS) and 0 <= answer["intent_p"] <= 1
    assert isinstance(answer["sentiment"]["sure"], bool) and set(answer["flags"]) <= set(FLAGS)
    assert all(0 <= answer[one] <= 1 for one in ("arousal", "provokes", "outrage", "offensive", "sarcasm"))


def test_a_reader_is_told_where_a_text_stands(reading: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    whole = linear.read

    def listens(texts: Any, about: Any, domains: Any) -> Any:
        told.extend(domains)
        return [replace(one, provokes=0.7, flags=frozenset({"strange"})) for one in whole(texts, about)]

    monkeypatch.setattr(linear, "read", listens)
    rows = [{"text": "x", "domain": "news"}, {"text": "x", "domain": ""}, {"text": "x"}, {"text": "x", "domain": "sea"}]
    _, answers = reading(lines(*rows))
    assert told == ["news", "", ""] and "service" in answers[3]["error"]
    assert (answers[0]["provokes"], answers[0]["flags"]) == (0.7, ["strange"])


def test_a_brand_may_be_a_list_of_names(reading: Any) -> None:
    _, (answer,) = reading(lines({"text": "love Aluma", "brand": ["אלומה", "Aluma"]}))
    assert [(one["brand"], one["name"]) for one in answer["mentions"]] == [("אלומה", "Aluma")]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_bad_lines_are_told_in_their_place_and_the_others_answered(reading: Any, size: int) -> None:
    good = lines({"text": "תודה"})
    bad = [b"", b"xx", b"[]", b"\xff\xfe", b'{"text": 3}', b'{"text": "a", "brand": {}}', b"[" * 100_000]
    code, answers = reading(b"\n".join([good, *bad, good]) + b"\n", size if size > 1 else 3)
    assert code == 1
    assert ["error" in one for one in answers] == [False, *[True] * len(bad), False]
    assert [one["line"] for one in answers if "error" in one] == list(range(2, len(bad) + 2))


def test_hostile_texts_are_read(reading: Any) -> None:
    rows = [
        {"text": "a\0b \ud800", "brand": "a\ud800"},
        {"text": "<b>טוב</b>\u202e"},
        {"text": "טוב " * 2_500_000},
    ]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    code, answers = reading(content)
    assert code == 0 and len(answers) == 3
    assert answers[2]["cut"] is True
    assert max(one["span"][1] for one in answers[2]["deciding"]) <= TEXT_LIMIT


def test_many_lines_keep_their_order(reading: Any) -> None:
    rows = [{"text": f"מספר {i}", "brand": str(i)} for i in range(1_000)]
    code, answers = reading(lines(*rows), options=["--quick"])
    assert code == 0
    assert [one["mentions"][0]["brand"] for one in answers] == [str(i) for i in range(1_000)]
    assert not any(one["deciding"] for one in answers)


def test_nothing_in_is_nothing_out(reading: Any) -> None:
    assert reading(b"") == (0, [])


def test_a_line_that_is_too_long_is_refused(reading: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LINE_LIMIT", 1_000)
    content = lines({"text": "א" * 5_000}) + b"\n" + lines({"text": "תודה"})
    code, answers = reading(content, 100)
    assert code == 1
    assert "longer" in answers[0]["error"] and "language" in answers[1]
