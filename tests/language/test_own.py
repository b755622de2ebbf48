"""Siach's own Hebrew test set is whole, varied, and frozen where it is said to be (tests/data/own-he/README.md)."""

import re
from collections import Counter, defaultdict
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest

OWN = Path(__file__).parents[1] / "data" / "own-he"
FROZEN_LABELS = "a9fa68eb9c973d2e6c0e9a628b63d82a9c98d8abaa4c2ce155c9dceed65f86e4"
FROZEN = "c2fa1ec17ec111ed15a0fb15e80c3a93446793de835611ac7bbcb9325f2357cb"
COLUMNS = {
    "posts": "id brand brand_names rival network text",
    "cards": "id sector intent mood target hard",
    "split": "id part",
    "labels-1": "id about sentiment intent anger sarcasm",
    "labels-2": "id about sentiment intent anger sarcasm",
}
NETWORKS = "facebook_page facebook_group x instagram tiktok telegram whatsapp google_review talkback mail"
INTENTS = "complaint question request praise defence attack boycott purchase spam news other"
MOODS = "neutral angry disappointed bitter worried torn amused happy grateful"
TARGETS = "brand staff rival nobody"
HARD = (
    "sarcasm mixed question_complaint quoted two_brands no_verb prefix ambiguous emoji_only slang misspelling "
    "hebrew_english arabic_hebrew"
)
Rows = dict[str, dict[str, str]]


def rows(name: str) -> Rows:
    """The file's rows by their id; a row of another width or a second row of one id fails."""
    header, *lines = (OWN / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    columns = header.split("\t")
    assert columns == COLUMNS[name].split()
    found = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]
    by_id = {row["id"]: row for row in found}
    assert len(by_id) == len(found)
    return by_id


@pytest.fixture(scope="module")
def posts() -> Rows:
    return rows("posts")


@pytest.fixture(scope="module")
def cards() -> Rows:
    return rows("cards")


@pytest.fixture(scope="module")
def split() -> Rows:
    return rows("split")


def test_it_is_large_and_every_code_is_known(posts: Rows, cards: Rows, split: Rows) -> None:
    assert len(posts) >= 600
    assert list(posts) == list(cards) == list(split)
    assert len({row["sector"] for row in cards.values()}) >= 14
    assert {row["network"] for row in posts.values()} == set(NETWORKS.split())
    for column, known, least in (("intent", INTENTS, 30), ("mood", MOODS, 10), ("target", TARGETS, 5)):
        told = Counter(row[column] for row in cards.values())
        assert set(told) == set(known.split()) and min(told.values()) >= least


def test_a_quarter_is_hard_in_a_named_way(cards: Rows) -> None:
    kinds = Counter(kind for row in cards.values() for kind in row["hard"].split(",") if kind)
    assert set(kinds) == set(HARD.split()) and min(kinds.values()) >= 10
    assert sum(row["hard"] != "" for row in cards.values()) >= len(cards) / 4


def test_a_brand_is_entered_the_same_way_everywhere(posts: Rows, cards: Rows) -> None:
    entered = {(row["brand"], row["brand_names"], cards[id]["sector"]) for id, row in posts.items()}
    names = {brand: names.split("|") for brand, names, _ in entered}
    assert len(entered) == len(names) >= 40
    assert all(brand in names[brand] for brand in names)
    assert {row["rival"] for row in posts.values()} <= {"", *names}
    for id, row in posts.items():
        assert ("two_brands" in cards[id]["hard"]) == (row["rival"] != "") and row["rival"] != row["brand"]


def test_no_text_stands_twice(posts: Rows) -> None:
    texts = [row["text"] for row in posts.values()]
    assert all(texts) and len(set(texts)) == len(texts)
    said = Counter(" ".join(re.findall(r"\w+", text)) for text in texts)
    assert [words for words, times in said.items() if words and times > 1] == []


def test_no_post_is_another_in_other_words(posts: Rows) -> None:
    words = [re.findall(r"\w+", row["text"]) for row in posts.values()]
    threes = [set(zip(post, post[1:], post[2:], strict=False)) for post in words]
    holding = defaultdict(list)
    for post, found in enumerate(threes):
        for three in found:
            holding[three].append(post)
    shared = Counter(pair for held in holding.values() for pair in combinations(held, 2))
    for (one, other), count in shared.items():
        assert count / len(threes[one] | threes[other]) <= 0.6, (words[one], words[other])


def test_the_split_keeps_cards_together(cards: Rows, split: Rows) -> None:
    parts = defaultdict(set)
    for id, row in cards.items():
        parts[row["sector"], row["intent"]].add(split[id]["part"])
    assert all(len(part) == 1 for part in parts.values())
    sizes = Counter(row["part"] for row in split.values())
    assert set(sizes) == {"tune", "frozen"}
    assert 180 <= sizes["tune"] <= 240 and sizes["frozen"] >= 400


def test_frozen_posts_are_as_they_were(posts: Rows, split: Rows) -> None:
    held = "\n".join("\t".join(row.values()) for id, row in posts.items() if split[id]["part"] == "frozen")
    assert sha256(held.encode()).hexdigest() == FROZEN


@pytest.mark.parametrize("name", ["labels-1", "labels-2"])
def test_each_pass_labels_every_post_by_the_guide(name: str, posts: Rows) -> None:
    labels = rows(name)
    assert list(labels) == list(posts)
    known = {"about": "y n", "sentiment": "-1 0 1 u", "intent": INTENTS, "anger": "0 1 2 3", "sarcasm": "y n"}
    for column, codes in known.items():
        assert {row[column] for row in labels.values()} == set(codes.split())
    assert all(row["sentiment"] == "u" for row in labels.values() if row["about"] == "n")


def test_frozen_labels_are_as_they_were(split: Rows) -> None:
    passes = (rows("labels-1"), rows("labels-2"))
    held = "\n".join(
        "\t".join(row.values()) for one in passes for id, row in one.items() if split[id]["part"] == "frozen"
    )
    assert sha256(held.encode()).hexdigest() == FROZEN_LABELS


def test_the_two_passes_agree_as_far_as_the_readme_says() -> None:
    first, second = rows("labels-1"), rows("labels-2")
    same = {column: sum(first[key][column] == second[key][column] for key in first) for column in first["own-001"]}
    shares = {column: f"{100 * n / len(first):.1f} %" for column, n in same.items() if column != "id"}
    readme = (OWN / "README.md").read_text(encoding="utf-8")
    for column, share in shares.items():
        assert f"| {column} | {share} |" in readme
