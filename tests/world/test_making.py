"""A world holds together: its order, its threads, its labels, and that it is the same each time."""

import re
from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import get_args

import pytest

from siach.world.cast import WRITTEN
from siach.world.data import DEEDS, HARD, OUTCOMES, Deed, Role, World
from siach.world.deeds import GRAVE
from siach.world.figures import figures
from siach.world.gestures import WORTH
from siach.world.making import make
from siach.world.rhythm import ZONE
from siach.world.words import sections, towns

END = datetime(2026, 11, 24, 6, 40, tzinfo=UTC)

#: What is the same on purpose: one hand behind several accounts, one statement on all pages, an answer by rote.
SAME = {"ring", "brand_first", "brand_sorry", *(name for name in sections("he") if name.endswith("/brand_bad"))}


@lru_cache(maxsize=1)
def made() -> World:
    return make(7, END, 2000)


def test_the_same_seed_and_end_make_the_same_world() -> None:
    assert make(3, END, 600) == make(3, END, 600)
    assert make(3, END, 600).said != make(4, END, 600).said
    assert make(3, END, 600).said != make(3, END + timedelta(days=1), 600).said


def test_it_has_as_many_posts_as_asked_for_within_four_months_to_the_end() -> None:
    said = made().said
    assert len(said) == len(made().truth) == 2000
    assert END - timedelta(days=123) < said[0].at < said[-1].at <= END
    assert [one.at for one in said] == sorted(one.at for one in said)
    assert [one.key for one in said] == [one.key for one in made().truth]
    assert len({one.key for one in said}) == 2000


def test_what_cannot_be_a_world_is_refused() -> None:
    with pytest.raises(ValueError, match="500"):
        make(1, END, 20)
    with pytest.raises(ValueError, match="zone"):
        make(1, datetime(2026, 11, 24), 600)  # noqa: DTZ001


def test_answers_come_behind_what_they_answer_in_the_same_place() -> None:
    by_key = {one.key: one for one in made().said}
    answers = [one for one in made().said if one.parent]
    assert len(answers) > 600
    for one in answers:
        parent, root = by_key[one.parent], by_key[one.root]
        assert parent.at <= one.at
        assert not root.parent
        assert (parent.network, parent.place, parent.root or parent.key) == (one.network, one.place, one.root)


def test_everybody_and_every_place_is_known() -> None:
    world = made()
    people, places = {one.key for one in world.people}, {one.key: one for one in world.places}
    assert {one.author for one in world.said} <= people
    assert all(places[one.place].network == one.network for one in world.said)
    assert {one.home for one in world.people} <= {"", *(one.key for one in towns())}


def test_closed_places_and_private_messages_have_no_address() -> None:
    places = {one.key: one for one in made().places}
    for one in made().said:
        assert bool(one.url) == (not one.is_private and not places[one.place].is_closed)
        assert one.is_private == (one.network in ("mail", "messenger"))
        assert one.way == places[one.place].way


def test_labels_are_of_the_known_kinds() -> None:
    for truth in made().truth:
        assert truth.intent in ("other", "complaint", "question", "praise")
        assert truth.sentiment in (-1, 0, 1)
        assert set(truth.hard) <= set(HARD)
        assert (truth.intent, truth.sentiment > 0) != ("complaint", True)


def test_all_languages_networks_ways_and_hard_cases_are_heard() -> None:
    world = made()
    assert {one.language for one in world.truth} == {"he", "en", "ar", "ru"}
    assert {one.way for one in world.said} == {"listen", "capture", "webhook", "feed", "mail"}
    assert {flag for one in world.truth for flag in one.hard} == set(HARD)
    hebrew = sum(one.language == "he" for one in world.truth) / 2000
    assert 0.75 < hebrew < 0.95


def test_who_searches_by_the_name_finds_every_first_post_in_the_open() -> None:
    names = [name.casefold() for one in WRITTEN.values() for name in one.values()] + ["aluma", "алум"]
    for one, truth in zip(made().said, made().truth, strict=True):
        if one.network in ("bluesky", "mastodon") and not one.parent and truth.target != "neither":
            assert any(name in one.text.casefold() for name in names), one.text


def test_fridays_are_loud_and_shabbat_is_quiet() -> None:
    plain = [one.at.astimezone(ZONE) for one, truth in zip(made().said, made().truth, strict=True) if not truth.story]
    mornings = Counter(at.weekday() for at in plain if 7 <= at.hour < 14)
    assert mornings[4] > 1.5 * mornings[1]
    assert mornings[5] < 0.4 * mornings[4]
    night = sum(1 <= at.hour < 5 for at in plain)
    assert night < 0.06 * len(plain)


def test_one_small_post_burned_and_five_like_it_did_not() -> None:
    kinds = Counter(one.kind for one in made().truth)
    assert kinds["bin_root"] == 1
    assert kinds["bin_like"] == 5
    roots = {one.key: truth.kind for one, truth in zip(made().said, made().truth, strict=True) if not one.parent}
    sizes = Counter(one.root for one in made().said if one.parent)
    burned = next(key for key, kind in roots.items() if kind == "bin_root")
    alike = [sizes[key] for key, kind in roots.items() if kind == "bin_like"]
    assert sizes[burned] > max(alike)
    assert max(alike) <= 12


def test_the_label_without_sesame_is_asked_about_in_the_last_hour() -> None:
    said = next(one for one, truth in zip(made().said, made().truth, strict=True) if truth.kind == "sesame_root")
    assert END - said.at == timedelta(minutes=52)
    assert (said.metrics.comments, said.metrics.shares) == (84, 31)


@pytest.mark.parametrize("language", ["he", "en"])
def test_nothing_is_said_twice_on_one_screen(language: str) -> None:
    world = made() if language == "he" else told_in_english()
    texts = [
        one.text
        for one, truth in zip(world.said, world.truth, strict=True)
        if "emoji-only" not in truth.hard and truth.kind not in SAME
    ]
    for first in range(len(texts) - 50):
        screen = texts[first : first + 50]
        assert len(set(screen)) == 50, [text for text, n in Counter(screen).items() if n > 1]


def test_there_are_thousands_of_sentences_without_their_slots() -> None:
    found = {one.skeleton for one in make(1, END, 7000).truth}
    assert len(found) >= 3000


def test_everybody_who_belongs_to_the_story_speaks() -> None:
    roles = {one.role for one in make(2, END, 4000).truth}
    assert roles == set(get_args(Role)) - {"staff", "agency", "rival"}


def test_deeds_are_about_posts_that_were_said() -> None:
    world, _gestures = given()
    by_key = {one.key: one for one in world.said}
    assert {one.kind for one in world.deeds} == set(DEEDS)
    assert [one.at for one in world.deeds] == sorted(one.at for one in world.deeds)
    for one in world.deeds:
        assert by_key[one.post].at <= one.at <= END
        assert one.kind != "answer" or by_key[one.words].at == one.at
        assert one.by in {"noa", "ido", "yael", "merav", "gal"} or (one.kind, one.by) == ("case", "")
        assert bool(one.text) == (
            one.kind in ("note", "refuse", "aside", "gesture") or (one.kind == "ask" and not one.words)
        )
        assert not re.search(r"[{}]", one.text)


def test_a_matter_is_taken_before_it_is_answered_and_ended_after() -> None:
    matters: dict[str, list[str]] = defaultdict(list)
    for one in made().deeds:
        matters[one.post].append(one.kind)
    answered = [kinds for kinds in matters.values() if "answer" in kinds]
    assert len(answered) > 80
    for kinds in answered:
        assert kinds.index("take") < kinds.index("answer") and "resolve" not in kinds[: kinds.index("answer")]
    assert sum("resolve" in kinds for kinds in answered) > 0.9 * len(answered)
    assert {one.is_good for one in made().deeds if one.kind == "answer"} == {True, False}


def test_what_is_grave_was_granted_by_the_spokesperson_before_it_was_said() -> None:
    kinds = {one.key: one.kind for one in made().truth}
    last: dict[str, str] = {}
    for one in made().deeds:
        if one.kind == "answer" and (kinds[one.post] in GRAVE or one.words in last):
            assert last.pop(one.words) == "gal"
        elif one.kind in ("ask", "refuse", "grant") and one.words:
            last[one.words] = one.by if one.kind == "grant" else ""
            assert one.kind == "ask" or one.by == "gal"
    assert not any(last.values())


@lru_cache(maxsize=1)
def given() -> tuple[World, list[Deed]]:
    """A world large enough, and its gestures."""
    world = make(7, END, 4000)
    return world, [one for one in world.deeds if one.kind == "gesture"]


def test_a_few_complaints_end_with_a_gesture() -> None:
    world, found = given()
    said, truths = {one.key: one for one in world.said}, {one.key: one for one in world.truth}
    complaints = sum(one.intent == "complaint" and not said[one.key].parent for one in world.truth)
    assert 0.02 < len(found) / complaints < 0.12
    assert len({one.post for one in found}) == len(found)
    assert {one.text for one in found} == set(WORTH)
    for one in found:
        assert truths[one.post].intent == "complaint"
        assert one.worth in WORTH[one.text]
        assert said[one.post].at < one.at < END


def test_a_customer_answers_a_gesture_or_says_no_more() -> None:
    world, found = given()
    said = {one.key: one for one in world.said}
    assert {"thanks", "silent"} <= {one.outcome for one in found} <= set(OUTCOMES)
    assert [bool(one.words) for one in found] == [one.outcome != "silent" for one in found]
    answered = [(said[one.words], one) for one in found if one.words]
    assert all(words.root == one.post and words.at > one.at for words, one in answered)


def test_what_an_answer_promises_was_given() -> None:
    world, found = given()
    said, kinds = {one.key: one for one in world.said}, {one.post: one.text for one in found}
    promised = [one.post for one in world.deeds if one.kind == "answer" and "ההחזר אצלך" in said[one.words].text]
    assert promised
    assert {kinds.get(post) for post in promised} == {"refund"}


def test_the_one_incident_is_opened_and_closed_on_the_post_that_burned() -> None:
    kinds = {one.key: one.kind for one in made().truth}
    found = [(one.kind, kinds[one.post], one.by) for one in made().deeds if one.kind.startswith("incident")]
    assert found == [("incident-open", "bin_root", "noa"), ("incident-close", "bin_root", "noa")]


@pytest.mark.parametrize("seed", [7, 8])
def test_at_the_end_one_answer_about_the_label_waits_and_the_first_question_is_untouched(seed: int) -> None:
    world = make(seed, END, 500)
    kinds = {one.key: one.kind for one in world.truth}
    waiting = [one for one in world.deeds if one.kind == "ask" and not one.words]
    assert [(kinds[one.post], one.at) for one in waiting] == [("sesame_wait", END - timedelta(minutes=4))]
    assert [one.kind for one in world.deeds if kinds[one.post] == "sesame_root"] == ["case"]


@lru_cache(maxsize=1)
def told_in_english() -> World:
    return make(7, END, 2000, "en")


def test_a_world_told_in_english_tells_its_live_matter_so() -> None:
    world = told_in_english()
    truths = {one.key: one for one in world.truth}
    hebrew = re.compile("[א-ת]")
    live = [one for one in world.said if truths[one.key].story == "sesame" and not one.parent]
    assert len(live) > 5
    assert not any(hebrew.search(one.text) for one in live if END - one.at < timedelta(hours=1))
    assert not any(hebrew.search(one.text) for one in world.deeds)
    names = {one.key: one.name for one in (*world.people, *world.places)}
    assert (names["michal"], names["noa"], names["work"]) == ("Michal A.", "Noa", "Third floor, food")
    spoken = Counter(one.language for one in world.truth)
    assert 0.35 < spoken["en"] / 2000 < 0.65 and spoken["he"] > 500


def test_a_world_of_one_language_holds_what_one_of_the_other_does() -> None:
    kinds = ("sesame_root", "sesame_wait", "bin_root", "rank_root", "price_root", "brand_sorry")
    for world in (made(), told_in_english()):
        assert set(kinds) <= {one.kind for one in world.truth}


def test_every_language_has_every_part_that_may_be_asked_of_it() -> None:
    for language in ("en", "ar", "ru"):
        for intent in ("complaint", "praise", "question"):
            assert f"{intent}/brand" in sections(language)
        assert {"complaint", "praise", "question", "other", "other/react", "question/answer"} <= sections(
            language
        ).keys()


def test_it_looks_like_talk_in_figures() -> None:
    found = figures(made())
    low, middle, high = found["minutes_to_answer"]  # type: ignore[misc]
    assert low < 20 < middle < 60 < high
    assert 0.4 < float(str(found["answers"])) < 0.8
    assert 1.8 < float(str(found["tail"])) < 3.2
    assert float(str(found["near_repeats"])) < 0.2


def test_it_is_plain_data() -> None:
    assert asdict(made().said[0])["key"] == made().said[0].key


def test_at_passover_nobody_buys_bread() -> None:
    world = make(3, datetime(2027, 5, 10, 6, tzinfo=UTC), 3000)
    inside = [
        truth.kind
        for one, truth in zip(world.said, world.truth, strict=True)
        if datetime(2027, 4, 22, tzinfo=ZONE) <= one.at < datetime(2027, 4, 29, tzinfo=ZONE) and not one.parent
    ]
    assert "passover_talk" in inside
    assert not {"taste", "stale", "wait", "friday", "brand_bake", "delivery_down"} & set(inside)
