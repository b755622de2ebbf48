"""Search in the Stream: Hebrew with its prefixes and final letters, phrases, exclusions, and hostile queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from siach.language.search import parse_query
from siach.talk.queries import listed as module
from siach.talk.queries.filters import Filters, view_of
from siach.talk.queries.search import SNIPPET, hits, is_empty, snippet, tsquery
from siach.talk.queries.stream import Shown, stream
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

TEXTS = {
    "delivery": "לומיקה, המשלוח לא הגיע ולקחתם לי כסף",
    "branch": "הייתי בסניף של לומיקה ברמת גן, היה נחמד",
    "shopping": 'לומיקה - קניתי מנורה בחו"ל ולא עובדת',
    "niqqud": "שָׁלוֹם לומיקה, תודה רבה",
    "tag": "#לומיקה_אור הכי טוב, המנורה יפה",
    "english": "Lumika lamps don't work, I want a refund",
    "phrase": "לומיקה ממש לא שירות טוב",
    "phrase2": "לומיקה טוב שירות ממש",
}


def found(world: World, q: str, **more: object) -> set[str]:
    view = view_of(Filters(q=q, **more), [world.brand], None, at=NOW)  # type: ignore[arg-type]
    return {card.post.key for card in stream(view).cards}


@pytest.fixture
def heard(world: World) -> World:
    world.hear(*(said(key, text, at=NOW - timedelta(hours=i)) for i, (key, text) in enumerate(TEXTS.items())))
    return world


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("משלוח", {"delivery"}),
        ("סניף", {"branch"}),
        ("בסניף", {"branch"}),
        ("כסף", {"delivery"}),  # a final letter
        ("שלום", {"niqqud"}),
        ("חו״ל", {"shopping"}),
        ('חו"ל', {"shopping"}),
        ("מנורה", {"shopping", "tag"}),
        ("LAMPS", {"english"}),
        ("לומיקה refund", set()),
        ("lumika refund", {"english"}),
        ('"שירות טוב"', {"phrase"}),
        ('"טוב שירות"', {"phrase2"}),
        ("שירות טוב", {"phrase", "phrase2"}),
        ('שירות -"שירות טוב"', {"phrase2"}),
        ("מנורה -עובדת", {"tag"}),
        ("לומיקה -שירות -תודה -משלוח -סניף -מנורה", set()),
        ("זברה", set()),
    ],
)
def test_hebrew_words_phrases_and_exclusions(heard: World, q: str, expected: set[str]) -> None:
    assert found(heard, q) == expected


def test_only_exclusions_leave_the_rest(heard: World) -> None:
    assert found(heard, "-שירות") == TEXTS.keys() - {"phrase", "phrase2"}


def test_signs_alone_ask_for_nothing_and_find_nothing(heard: World) -> None:
    for q in ("!!!", "& | !", "::", '""', "-", "( )"):
        assert found(heard, q) == set(), q


@pytest.mark.parametrize(
    "q",
    [
        "'; DROP TABLE talk_post; --",
        "') | ('לומיקה",
        "a & !b | c:* <-> d",
        "\\' \\\\ \\",
        "''''",
        "%s %(words)s %%",
        "\0\0משלוח",
        "משלוח' | 'שירות",
        "'" * 200,
        "{where}{0}",
        "x" * 5000,
        "\ud800".encode("utf-8", "replace").decode(),
    ],
)
def test_a_hostile_query_is_only_words(heard: World, q: str) -> None:
    assert "english" not in found(heard, q)
    answer = heard.client(heard.noam).get(reverse("stream"), {"q": q})
    assert answer.status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM talk_post")
        assert cursor.fetchone()[0] == len(TEXTS)


class Quoting(TestCase):
    @given(st.text(max_size=80))
    @settings(max_examples=150, deadline=None)
    def test_every_query_is_a_tsquery_of_its_own_words(self, q: str) -> None:
        query = parse_query(q.encode("utf-8", "replace").decode())
        words = tsquery(query)
        asked = {lexeme for word in query.words for lexeme in word} | set(query.excluded)
        if not words:
            assert not asked
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT numnode(%s::tsquery)", [words])
            operands = sum(len(word) for word in query.words) + len(query.excluded)
            operators = operands - 1 + len(query.excluded)
            assert cursor.fetchone()[0] == operands + operators


def test_a_page_says_which_word_answered(heard: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    html = heard.client(heard.noam).get(reverse("stream"), {"q": "סניף"}).content.decode()
    assert '<mark class="mark-hit">בסניף</mark>' in html


def test_a_page_says_why_another_word_answered(heard: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    noam = heard.client(heard.noam)
    behind = noam.get(reverse("stream"), {"q": "סניף"}).content.decode()
    assert "״\u2068בסניף\u2069״ הוא ״\u2068סניף\u2069״, עם אותיות שימוש או בלעדיהן" in behind
    spelt = noam.get(reverse("stream"), {"q": "שרות"}).content.decode()
    assert "הוא כתיב אחר של ״\u2068שרות\u2069״" in spelt
    assert "כתיב אחר" not in noam.get(reverse("stream"), {"q": "שירות"}).content.decode()


def test_hits_are_spans_of_the_original_text() -> None:
    text = "אתמול, בַּסְּנִיף! וגם הסניף"
    spans = hits(text, parse_query("סניף"))
    assert [text[start:end] for start, end, _kind in spans] == ["בַּסְּנִיף", "הסניף"]


@given(st.text(alphabet="אבגד ab\n", max_size=3000), st.sampled_from(["אב", "ab", "", "-ג"]))
@settings(max_examples=200)
def test_a_snippet_is_short_and_its_marks_stay_inside(text: str, q: str) -> None:
    short = snippet(text, parse_query(q))
    assert len(short.text) <= SNIPPET + 4
    assert short.is_cut == (len(text) > SNIPPET)
    whole = {text[start:end] for start, end, _kind in hits(text, parse_query(q))}
    assert all(short.text[start:end] in whole for start, end, _kind in short.spans)


def test_a_far_hit_is_brought_into_the_snippet() -> None:
    short = snippet("מילה " * 400 + "זברה " + "סוף " * 200, parse_query("זברה"))
    assert "זברה" in short.text and short.spans and short.text.startswith("…") and short.text.endswith("…")


def test_the_count_of_a_search_stops_at_a_thousand(heard: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(q: str) -> Shown:
        return stream(view_of(Filters(q=q), [heard.brand], None, at=NOW))

    assert (counted("מנורה").total, counted("מנורה").is_more) == (2, False)
    monkeypatch.setattr(module, "MOST_COUNTED", 1)
    assert (counted("מנורה").total, counted("מנורה").is_more) == (1, True)
    assert counted('"שירות טוב"').total is None


def test_a_phrase_is_looked_for_beyond_the_first_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    for i in range(70):
        text = "לומיקה שירות טוב" if i % 30 == 29 else "לומיקה טוב שירות"
        world.hear(said(f"p{i}", text, at=NOW - timedelta(minutes=i)))
    view = view_of(Filters(q='"שירות טוב"'), [world.brand], None, at=NOW)
    one = stream(view)
    assert [card.post.key for card in one.cards] == ["p29", "p59"] and one.older
    two = stream(view, before=one.older)
    assert two.cards == () and two.older is None


def test_a_search_reaches_back_ninety_days(world: World) -> None:
    world.hear(said("old", "לומיקה זברה", at=NOW - timedelta(days=80)))
    assert found(world, "זברה") == {"old"} and found(world, "זברה", period="30") == set()
    assert is_empty(parse_query("?!"))
