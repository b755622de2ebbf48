"""A storm holds together, whatever its kind and shape: its order, its threads, its shares, and that it is the same."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siach.world.data import Said
from siach.world.making import make
from siach.world.storm import KINDS, Shape, Storm, heard_after, storm

BEGIN = datetime(2026, 11, 24, 8, tzinfo=UTC)
shapes = st.builds(
    Shape,
    hours=st.floats(0.5, 72),
    posts=st.integers(30, 400),
    copies=st.floats(0, 0.4),
    defenders=st.floats(0, 0.3),
    second_wave=st.none() | st.floats(0.1, 80),
    press=st.booleans(),
    politician=st.booleans(),
)


@lru_cache(maxsize=6)
def made(kind: str) -> Storm:
    return storm(kind, 1, begin=BEGIN)


@given(st.sampled_from(KINDS), st.integers(0, 10**6), shapes)
@settings(max_examples=12, deadline=None)
def test_any_storm_holds_together(kind: str, seed: int, shape: Shape) -> None:
    found = storm(kind, seed, begin=BEGIN, shape=shape)
    assert len(found.said) == len(found.truth) == shape.posts
    assert found.said[0].at == BEGIN
    assert all(before.at <= after.at for before, after in pairwise(found.said))
    assert found.said[-1].at <= BEGIN + timedelta(hours=shape.hours)
    assert all(one.at.tzinfo is UTC for one in found.said)
    _threads(found)
    _shares(found)
    _keys(found)
    wanted = {one.key for one in found.truth if one.intent in ("complaint", "question") and one.role != "ring"}
    assert found.reactions.keys() == wanted


def _threads(found: Storm) -> None:
    by_key: dict[str, Said] = {}
    roles = {one.key: one.role for one in found.truth}
    for one in found.said:
        if one.parent:
            parent, root = by_key[one.parent], by_key[one.root]
            assert not root.parent
            assert (parent.network, parent.place, parent.root or parent.key) == (one.network, one.place, one.root)
        by_key[one.key] = one
    texts = Counter((one.root or one.key, one.text) for one in found.said if roles[one.key] != "ring")
    assert not [text for text, count in texts.items() if count > 1]


def _shares(found: Storm) -> None:
    parts = Counter(re.split("[._/]", one.kind)[-1] for one in found.truth)
    shape = found.shape
    assert parts["ring"] == round(shape.copies * shape.posts)
    assert parts["defend"] == round(shape.defenders * shape.posts)
    names = [one.name for one in found.beats]
    assert [one.at for one in found.beats] == sorted(one.at for one in found.beats)
    assert ("press" in names) == shape.press == bool(parts["press"])
    assert ("politician" in names) == shape.politician == bool(parts["mp"])
    assert ("second" in names) == bool(parts["second"])


def _keys(found: Storm) -> None:
    people, places = {one.key for one in found.people}, {one.key: one.network for one in found.places}
    keys = [one.key for one in found.said]
    keys += [one.key for two in found.reactions.values() for one in (two.thanks, two.again)]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 40 and key.isascii() for key in keys)
    assert {one.author for one in found.said} <= people
    assert all(places[one.place] == one.network for one in found.said)


def test_the_same_arguments_make_the_same_storm() -> None:
    shape = Shape(posts=60)
    once = storm("safety", 3, begin=BEGIN, shape=shape)
    assert once == storm("safety", 3, begin=BEGIN, shape=shape)
    assert once.said != storm("safety", 4, begin=BEGIN, shape=shape).said


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"hours": 0.2}, "72 hours"),
        ({"posts": 12}, "5,000"),
        ({"copies": 0.7}, "share"),
        ({"defenders": -0.1}, "share"),
        ({"copies": 0.5, "defenders": 0.5}, "together"),
        ({"second_wave": 0.0}, "second wave"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Shape(**given)


def test_a_kind_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="flood"):
        storm("flood", 1, begin=BEGIN)
    with pytest.raises(ValueError, match="zone"):
        storm("safety", 1, begin=datetime(2026, 11, 24))  # noqa: DTZ001


@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_says_many_things_and_mostly_in_hebrew(kind: str) -> None:
    truth = made(kind).truth
    assert len({one.skeleton for one in truth if one.role != "ring"}) >= 220
    assert 0.76 < sum(one.language == "he" for one in truth) / len(truth) < 0.93
    assert {one.language for one in truth} > {"he", "en", "ru"}
    assert {one.story for one in truth} == {f"storm-{kind}"}
    assert len({(one.product, one.branch) for one in truth}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_begins_slowly_jumps_with_the_first_copy_and_peaks_behind_the_press(kind: str) -> None:
    found = made(kind)
    at = {one.name: one.at for one in found.beats}
    assert [one.name for one in found.beats] == ["first", "copied", "ring", "press", "politician", "second"]
    before = [one for one in found.said if one.at < at["copied"]]
    assert 2 <= len(before) <= 5
    assert {one.place for one in before} == {found.said[0].place}
    assert found.said[0].way == "capture"
    hours = Counter(int((one.at - BEGIN) / timedelta(hours=1)) for one in found.said)
    assert max(hours[1], hours[5]) < 0.7 * max(hours[2], hours[3])


@pytest.mark.parametrize("kind", KINDS)
def test_who_wants_an_answer_says_thanks_or_comes_back_angrier(kind: str) -> None:
    found = made(kind)
    by_key = {one.key: one for one in found.said}
    roles = {one.key: one.role for one in found.truth}
    assert 100 < len(found.reactions) < 200
    assert {roles[key] for key in found.reactions} <= {"customer", "parent", "passer", "journalist", "leader"}
    assert "journalist" in {roles[key] for key in found.reactions}
    for key, one in found.reactions.items():
        assert one.thanks.parent == one.again.parent == key
        assert one.thanks.author == one.again.author == by_key[key].author
        assert one.thanks.text != one.again.text
        assert one.again.at == by_key[key].at + found.patience


def test_the_ring_says_the_same_within_minutes() -> None:
    found = made("safety")
    copies = [one for one, truth in zip(found.said, found.truth, strict=True) if truth.role == "ring"]
    texts = Counter(one.text for one in copies)
    assert len(texts) <= len(copies) / 8
    assert all(
        any(
            other.text == one.text and other is not one and abs(other.at - one.at) < timedelta(minutes=3)
            for other in copies
        )
        for one in copies
    )


def test_its_crowd_cannot_be_taken_for_the_worlds() -> None:
    world = make(7, BEGIN, 500).people
    keys, handles = {one.key for one in world}, {handle for one in world for handle in one.handles.values()}
    named = {"michal", "oren", "ziva", "ruti", "kav"}
    found = {one.key: one for one in made("safety").people}
    assert named <= found.keys()
    for one in found.values():
        if one.key.startswith("storm-"):
            assert one.key not in keys
            assert not handles & set(one.handles.values())
        else:
            assert one in world


def test_what_is_said_behind_closed_doors_is_heard_when_somebody_passes_it_on() -> None:
    for one in made("safety").said:
        late = heard_after(one)
        assert late == heard_after(one)
        assert (late > timedelta()) == (one.way == "capture")
        assert late <= timedelta(minutes=45)


def test_the_same_seed_is_the_same_storm_whenever_it_begins() -> None:
    """But for greetings and names of days."""
    one, other = (storm("rumour", 3, begin=begin) for begin in (BEGIN, BEGIN + timedelta(days=3, hours=13)))
    pairs = list(zip(one.said, other.said, strict=True))
    assert all((a.author, a.at - one.begin) == (b.author, b.at - other.begin) for a, b in pairs)
    assert [truth.intent for truth in one.truth] == [truth.intent for truth in other.truth]
    assert sum(a.text != b.text for a, b in pairs) < 0.03 * len(pairs)
