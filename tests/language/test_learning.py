"""What judged posts of one place teach beside a reader's score, and when it may be in force."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siach.calc import calibration
from siach.language import proving
from siach.language.clean import key
from siach.language.learning import STILL, Array, Learnt, cells_of, fit, packed, unpacked, usual
from siach.language.measures import macro_f1
from siach.language.own_posts import own_posts
from siach.language.proving import Posts, at_least, proven, remembered
from siach.language.training.scoring import read

PLACES = [
    "שביל", "פסגה", "קיר", "מסלול", "גבעה", "נחל", "מצוק", "רחבה",
    "חניון", "גשר", "מדרון", "יער", "אגם", "כפר", "תחנה", "מגרש",
]  # fmt: skip
THINGS = [
    "קרש", "קסדה", "חבל", "נעל", "רתמה", "סרט", "תיק", "מגן",
    "כפפה", "אופניים", "גלגל", "סנפיר", "מצנח", "משקפיים", "פנס", "חגורה",
]  # fmt: skip
DAYS = ["אתמול", "היום", "שלשום", "בבוקר", "בצהריים", "בלילה", "בשבת", "בשישי", "בחופש", "בחורף"]


def jargon(count: int, seed: int = 1) -> tuple[list[str], Array]:
    """Posts of climbers among whom who "fell" is glad of it and who "stood" is not: texts and what they are (n, 3)."""
    rng = random.Random(seed)
    texts, truth = [], np.zeros((count, 3))
    for at in range(count):
        is_glad = rng.random() < 0.5
        word = rng.choice(("נפלתי", "נפלנו", "נופלת")) if is_glad else rng.choice(("עמדתי", "עמדנו", "עומדת"))
        rest = [
            rng.choice(DAYS),
            f"עם ה{rng.choice(THINGS)}",
            f"ליד ה{rng.choice(PLACES)}",
            f"אחרי ה{rng.choice(PLACES)}",
        ]
        rng.shuffle(rest)
        texts.append(" ".join((word, *rest)))
        truth[at, 2 if is_glad else 0] = 1
    return texts, truth


def posts(texts: Sequence[str], truth: Array) -> Posts:
    return Posts(texts, read(texts, "service"), truth, np.ones(len(texts)))


def learnt_of(some: Posts) -> Learnt:
    return fit(some.p, some.truth, some.weight, cells_of(some.texts), usual("he"))


def gold_scores() -> Array:
    return read([text for text, _sentiment in own_posts("gold", "he")], "service")


@pytest.fixture(scope="module")
def taught() -> Posts:
    return posts(*jargon(400))


@pytest.fixture(scope="module")
def learnt(taught: Posts) -> Learnt:
    return learnt_of(taught)


def test_without_posts_the_reader_s_own_score_stands() -> None:
    none = fit(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), cells_of([]), usual("he"))
    texts = ["נפלתי היום", "שירות מעולה", ""]
    p = read(texts, "service")
    assert none.scores(p, cells_of(texts)) == pytest.approx(p, abs=1e-9)
    assert len(none.columns) == 0


def test_without_words_it_is_calibration() -> None:
    generator = np.random.default_rng(3)
    p = generator.dirichlet((1, 1, 1), 300)
    place = calibration.Calibration((1.2, 0.7, 0.9), (0.5, -0.3, 0.1))
    drawn = [generator.choice(3, p=calibration.apply(place, tuple(one))) for one in p.tolist()]
    truth = np.eye(3)[drawn]
    same = calibration.fit(
        [calibration.Judged(tuple(a), tuple(b)) for a, b in zip(p.tolist(), truth.tolist(), strict=True)]
    )
    expected = [calibration.apply(same, tuple(one)) for one in p.tolist()]
    plain = fit(p, truth, np.ones(300))
    assert plain.scores(p, cells_of([""] * 300)) == pytest.approx(np.array(expected), abs=0.01)
    turned = fit(p, np.eye(3)[p.argmin(1)], np.ones(300))
    assert turned.scale.min() == calibration.LEAST  # more of a tone before is never less of it after


def test_words_of_the_place_are_learnt_and_others_hardly_moved(learnt: Learnt) -> None:
    texts, truth = jargon(200, seed=2)
    fresh = posts(texts, truth)
    before = (fresh.p.argmax(1) == truth.argmax(1)).mean()
    after = (learnt.scores(fresh.p, cells_of(texts)).argmax(1) == truth.argmax(1)).mean()
    assert before < 0.7 and after > 0.95
    gold, cells = gold_scores(), cells_of([text for text, _sentiment in own_posts("gold", "he")])
    assert (learnt.words_alone().scores(gold, cells).argmax(1) != gold.argmax(1)).mean() < 0.1


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=40), max_size=4))
def test_scores_sum_to_one_whoever_stands_beside(learnt: Learnt, texts: list[str]) -> None:
    p = np.tile([0.2, 0.5, 0.3], (len(texts), 1))
    scores = learnt.scores(p, cells_of(texts))
    assert scores.sum(1) == pytest.approx(np.ones(len(texts)))
    alone = [learnt.scores(p[:1], cells_of([text]))[0] for text in texts]
    assert scores == pytest.approx(np.array(alone).reshape(-1, 3), abs=1e-6)


def test_the_same_posts_give_the_same_bytes_and_bytes_the_same_scores(taught: Posts, learnt: Learnt) -> None:
    again = packed(learnt_of(taught))
    assert again == packed(learnt) and len(again) < 60_000
    cells = cells_of(taught.texts)
    assert np.array_equal(unpacked(again).scores(taught.p, cells), learnt.scores(taught.p, cells))


def test_a_part_of_the_cells_is_that_of_its_texts(taught: Posts) -> None:
    inside = np.arange(len(taught.texts)) % 3 == 0
    part = cells_of(taught.texts).of(inside)
    alone = cells_of([text for text, held in zip(taught.texts, inside, strict=True) if held])
    assert all(np.array_equal(getattr(part, name), getattr(alone, name)) for name in ("starts", "columns", "values"))


# --- the guard --------------------------------------------------------------------------------------------


def test_what_helps_and_forgets_nothing_may_be_in_force(taught: Posts) -> None:
    found = proven(taught, gold_scores(), "he")
    assert found.learnt is not None and found.helped is not None
    assert found.helped.after > found.helped.before + 0.2 and found.helped.gain > 5 * found.helped.error
    assert found.remembered.holds


def test_what_was_judged_by_chance_teaches_nothing() -> None:
    texts, _truth = jargon(400)
    chance = np.eye(3)[np.random.default_rng(1).integers(0, 3, 400)]
    found = proven(posts(texts, chance), gold_scores(), "he")
    assert found.learnt is None and found.helped is not None and not found.helped.holds


def test_copies_do_not_tell_their_labels() -> None:
    """Each post is there ten times and judged by chance: in folds of single posts copies would look like knowledge."""
    texts, _truth = jargon(60, seed=5)
    chance = np.eye(3)[np.random.default_rng(2).integers(0, 3, 60)]
    many = posts([f"{text} {'!' * n}" for n in range(1, 11) for text in texts], np.tile(chance, (10, 1)))
    found = proven(many, gold_scores(), "he")
    assert found.learnt is None


def test_what_forgets_the_language_may_not_be_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page where everything is meant badly that is good elsewhere, and the other way round: no fold shows that. It is
    learnt only as far as other posts are still read as before."""
    told = [(text, sentiment) for text, sentiment in own_posts("corpus", "he") if sentiment != 0][:300]
    turned, gold = posts([text for text, _ in told], np.eye(3)[[1 - sentiment for _, sentiment in told]]), gold_scores()
    memory = remembered(learnt_of(turned), gold, "he")
    assert not memory.holds and memory.lost > memory.won and memory.after < memory.before
    still = fit(turned.p, turned.truth, turned.weight, cells_of(turned.texts), usual("he"), still=STILL[-1])
    assert remembered(still, gold, "he").lost < memory.lost
    monkeypatch.setattr(proving, "STILL", STILL[:1])
    found = proving.proven(turned, gold, "he")
    assert found.learnt is None and found.helped is None and found.remembered == memory


def test_a_language_without_gold_posts_is_not_trained() -> None:
    assert own_posts("gold", "ru") == ()
    with pytest.raises(ValueError, match="no gold posts"):
        proven(posts(["хорошо"], np.eye(3)[[2]]), np.zeros((0, 3)), "ru")


def test_the_sign_test_and_f1_are_as_defined() -> None:
    assert at_least(3, 3) == 1 / 8 and at_least(0, 0) == 1 and at_least(9, 10) == 11 / 1024
    assert macro_f1(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2])) == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)


@pytest.mark.parametrize(("language", "count"), [("he", 300), ("en", 150)])
def test_gold_posts_were_never_trained_on(language: str, count: int) -> None:
    gold, corpus = (own_posts(folder, language) for folder in ("gold", "corpus"))
    keys = {key(text) for text, _sentiment in gold}
    assert len(gold) == len(keys) == count
    assert not keys & {key(text) for text, _sentiment in corpus}
    shares = [sum(sentiment == one for _text, sentiment in gold) / count for one in (-1, 0, 1)]
    assert min(shares) > 0.2
