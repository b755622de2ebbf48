"""The pure parts of the Bluesky connector: byte ranges, record keys, letters, feeds read without gaps."""

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from atproto import AtUri
from atproto_client.models.string_formats import validate_tid
from hypothesis import given, settings
from hypothesis import strategies as st

from siach.networks import graphemes
from siach.networks.bluesky import listen, read, speak
from siach.networks.bluesky.facets import facets
from siach.networks.bluesky.record_key import record_key
from siach.networks.bluesky.session import full_handle
from siach.networks.contract import FetchedMedia, FetchedMetrics, NetworkError
from siach.networks.sweep import DEEP_EVERY, DEPTH, FIRST_PAGES, Item, Sweep
from tests.networks.bluesky_server.server import _node, lacking

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PEOPLE = {"brand.test": "did:plc:brand"}


def marked(text: str) -> list[tuple[str, str]]:
    """The pieces of text that the facets' byte ranges really cut out, with what each is."""
    data = text.encode()
    found = []
    for facet in facets(text, PEOPLE.get):
        index, [feature] = facet["index"], facet["features"]
        piece = data[index["byteStart"] : index["byteEnd"]].decode()
        found.append((piece, feature.get("did") or feature.get("tag") or feature["uri"]))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("שלום @brand.test, ההזמנה באיחור", [("@brand.test", "did:plc:brand")]),
        ("👨‍👩‍👧 @Brand.Test!", [("@Brand.Test", "did:plc:brand")]),
        ("\u2066@brand.test\u2069", [("@brand.test", "did:plc:brand")]),
        ("@nobody.test", []),
        ("me@brand.test", []),
        (
            "פרטים: https://example.com/החזרות?x=1#a.",
            [("https://example.com/החזרות?x=1#a", "https://example.com/החזרות?x=1#a")],
        ),
        ("(https://example.com/a_(b))", [("https://example.com/a_(b))", "https://example.com/a_(b))")]),
        ("(https://example.com/a)", [("https://example.com/a", "https://example.com/a")]),
        ("#שירות_לקוחות, #2026 #א!", [("#שירות_לקוחות", "שירות_לקוחות"), ("#א", "א")]),
        ("https://example.com/#tag", [("https://example.com/#tag", "https://example.com/#tag")]),
        ("#" + "ש" * 65, []),
        ("", []),
    ],
)
def test_facets_cut_whole_words_out_of_the_bytes(text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(text) == expected


@given(st.text())
def test_facets_never_cut_a_letter(text: str) -> None:
    text = text.encode(errors="ignore").decode()
    for piece, _ in marked(f"{text} @brand.test #תג{text} https://example.com/{text}"):
        assert piece


@given(st.text())
def test_record_key_is_a_valid_key_and_always_the_same(key: str) -> None:
    made = record_key(key.encode(errors="ignore").decode())
    assert made == record_key(key.encode(errors="ignore").decode())
    assert len(made) == 13
    validate_tid(made, None)
    assert AtUri.from_str(f"at://did:plc:brand/app.bsky.feed.post/{made}").rkey == made


def test_record_keys_lie_in_the_past_and_differ() -> None:
    made = {record_key(f"key-{number}") for number in range(20_000)}
    assert len(made) == 20_000
    alphabet = "234567abcdefghijklmnopqrstuvwxyz"
    for key in made:
        value = 0
        for letter in key:
            value = value * 32 + alphabet.index(letter)
        assert 1_577_836_800 <= (value >> 10) / 1_000_000 < NOW.timestamp()


SAMPLES = [
    "שָׁלוֹם",
    "e\u0301",
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈🇮🇱🇮🇱🇺",
    "👍🏽",
    "한국어각",
    "a\r\nb\n\r",
    "\u200f\u202aא\u202c",
    "1️⃣",
    "©️ ™",
    "❤️‍🔥",
    "\u200d\u200d",
    "",
]
CONJUNCT = "नमस्ते"  # needs tables that Python lacks: one too many, never one too few


def test_letters_are_counted_as_node_counts_them() -> None:
    if missing := lacking():
        pytest.skip(f"this machine lacks {missing}")
    program = (
        "const s = new Intl.Segmenter('en', {granularity: 'grapheme'});"
        "const t = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(t.map((x) => [...s.segment(x)].length)))"
    )
    run = subprocess.run(
        [str(_node()), "-e", program],
        input=json.dumps([*SAMPLES, CONJUNCT]),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(run.stdout)
    assert [graphemes.count(sample) for sample in SAMPLES] == theirs[:-1]
    assert graphemes.count(CONJUNCT) == theirs[-1] + 1


def test_text_is_measured_in_letters_and_bytes() -> None:
    speak.check_text("👨‍👩‍👧‍👦" * 100)
    with pytest.raises(NetworkError, match="3500 bytes"):
        speak.check_text("👨‍👩‍👧‍👦" * 140)
    with pytest.raises(NetworkError, match="301 letters"):
        speak.check_text("א" * 301)
    with pytest.raises(NetworkError, match="broken"):
        speak.check_text("a\ud800")


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("\u202a@Acme.bsky.social\u202c ", "acme.bsky.social"),
        ("acme", "acme.bsky.social"),
        ("did:plc:abc", "did:plc:abc"),
        ("", ""),
    ],
)
def test_pasted_handles_are_made_whole(typed: str, handle: str) -> None:
    assert full_handle(typed, "https://bsky.social") == handle


def view(**changed: object) -> dict[str, object]:
    made: dict[str, object] = {
        "uri": "at://did:plc:fan/app.bsky.feed.post/3k",
        "cid": "cid",
        "author": {"did": "did:plc:fan", "handle": "fan.test", "displayName": "דנה"},
        "record": {
            "text": "ההזמנה של Acme באיחור",
            "createdAt": "2026-11-24T07:00:00+02:00",
            "langs": ["he-IL"],
        },
        "indexedAt": "2026-11-24T05:00:01Z",
        "likeCount": 3,
        "repostCount": 2,
        "quoteCount": 1,
        "replyCount": 4,
    }
    return made | changed


def test_post_is_read_whole() -> None:
    post = read.post(view(), "mention", 7)
    assert post is not None
    assert post.said_at == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    assert post.language == "he"
    assert (post.author.name, post.author.followers) == ("דנה", 7)
    assert post.metrics == FetchedMetrics(likes=3, shares=3, comments=4)
    assert post.url == "https://bsky.app/profile/did:plc:fan/post/3k"
    assert post.target["root_uri"] == post.external_id
    json.dumps(dict(post.target))


def test_clock_of_the_author_is_not_trusted() -> None:
    for created in ("2031-01-01T00:00:00Z", "never", "2026-11-24T05:00:00"):
        post = read.post(view(record={"text": "x", "createdAt": created}))
        assert post is not None
        assert post.said_at == datetime(2026, 11, 24, 5, 0, 1, tzinfo=UTC)


def test_media_are_told_with_their_words() -> None:
    image = {"$type": "app.bsky.embed.images#view", "images": [{"fullsize": "https://cdn/1", "alt": "קבלה"}]}
    quote = {"$type": "app.bsky.embed.recordWithMedia#view", "media": image}
    post = read.post(view(embed=quote))
    assert post is not None
    assert post.media == (FetchedMedia("image", "https://cdn/1", "קבלה"),)


@pytest.mark.parametrize(
    "changed",
    [{"uri": "at://x"}, {"uri": "at://did:plc:fan/app.bsky.feed.like/3k"}, {"author": {}}, {"uri": 5}],
)
def test_what_is_no_post_is_passed_over(changed: dict[str, object]) -> None:
    assert read.post(view(**changed)) is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("acme", True),
        ("באיחור ACME", True),
        ('"של acme"', True),
        ('"acme של"', False),
        ("acme refund", False),
        ("acme from:fan.test lang:he", True),
        ("fan.test", True),
    ],
)
def test_search_is_checked_again(query: str, found: bool) -> None:
    assert listen.says(view(), query) is found


class Feed:
    """A newest-first feed as networks have it: it grows while it is read, pages repeat and shuffle."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def add(self, at: datetime) -> None:
        self.items.append(Item(f"at://item/{len(self.items)}", at))
        self.items.sort(key=lambda item: item.at, reverse=True)

    def page(self, cursor: str, size: int, noise: int) -> tuple[list[Item], str]:
        start = int(cursor or 0)
        shown = self.items[start : start + size]
        end = str(start + size) if start + size < len(self.items) else ""
        if noise % 2:
            shown = [*shown[::-1], *shown[:1]]
        return shown, end


def read_all(feed: Feed, state: Sweep, now: datetime, size: int, noise: int, grow: int = 0) -> tuple[list[str], Sweep]:
    heard: list[str] = []
    for step in range(2000):
        state = Sweep.load(json.loads(json.dumps(state.start(now).dump())))
        shown, following = feed.page(state.next, size, noise)
        fresh, state = state.take(shown, following)
        heard += fresh
        if step < grow:
            feed.add(now + timedelta(milliseconds=step))
        if not state.next:
            return heard, state
    raise AssertionError("a sweep without end")


@settings(deadline=None)  # it builds feeds of a thousand posts on a shared machine
@given(
    st.lists(st.tuples(st.integers(0, 130), st.integers(0, 40)), min_size=1, max_size=8),
    st.integers(1, 30),
    st.integers(0, 1),
    st.integers(0, 5),
)
def test_nothing_is_passed_over_however_much_came(
    polls: list[tuple[int, int]], size: int, noise: int, grow: int
) -> None:
    feed, state, heard, now = Feed(), Sweep(), set(), NOW
    _, state = read_all(feed, state, now, size, noise)
    for count, late in [*polls, (0, 0), (0, 0)]:
        now += DEEP_EVERY
        for number in range(count):
            feed.add(now - timedelta(seconds=number % (late + 1)))
        fresh, state = read_all(feed, state, now, size, noise, grow)
        heard.update(fresh)
        grow = 0
    assert heard == {item.id for item in feed.items}


def test_quiet_feed_costs_one_page_and_brings_nothing_twice() -> None:
    feed, state = Feed(), Sweep()
    for number in range(120):
        feed.add(NOW - timedelta(seconds=number))
    first, state = read_all(feed, state, NOW, 50, 0)
    assert len(first) == 120
    again, after = state.start(NOW + timedelta(seconds=2)).take(*feed.page("", 50, 0))
    assert again == []
    assert after.dump() == state.dump()


def test_first_reading_goes_back_a_bounded_way() -> None:
    feed, state = Feed(), Sweep()
    for number in range(2000):
        feed.add(NOW - timedelta(seconds=number))
    first, state = read_all(feed, state, NOW, 50, 0)
    assert len(first) == FIRST_PAGES * 50


def test_item_with_a_late_clock_is_found_by_the_deep_sweep() -> None:
    feed, state = Feed(), Sweep()
    for number in range(200):
        feed.add(NOW - timedelta(seconds=number))
    _, state = read_all(feed, state, NOW, 50, 0)
    feed.add(NOW - DEPTH / 20)
    late = next(item.id for item in feed.items if item.id.endswith("/200"))
    missed, state = read_all(feed, state, NOW + timedelta(seconds=2), 50, 0)
    assert missed == []
    found, state = read_all(feed, state, NOW + DEEP_EVERY, 50, 0)
    assert found == [late]


def test_broken_state_counts_as_none() -> None:
    assert Sweep.load({"high": "x", "recent": 5, "next": [], "pages": None, "deep_at": 3}) == Sweep()
