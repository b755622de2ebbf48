"""A person's judgement of a reading and of an author: kept, shown, counted, told in the ledger."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from siach.calc.calibration import undo
from siach.org.models import LedgerEntry
from siach.talk.actions.calibrating import calibrate_due
from siach.talk.actions.counting import fold, recount_dirty
from siach.talk.actions.explaining import explain
from siach.talk.actions.marking import correct
from siach.talk.actions.reading import calibration_of
from siach.talk.models import Author, Batch, Correction, Mention, Source
from siach.talk.queries.counts import tally
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def mention(world: World) -> Mention:
    world.hear(said("a", "בלומיקה קיבלתי שירות מזעזע"))
    fold(at=NOW)
    return Mention.objects.get()


def event(entry: LedgerEntry, language: str, subject: object) -> str:
    with translation.override(language):
        return render_to_string(
            f"talk/events/{entry.name}.html",
            {"entry": entry, "by": entry.by, "subject": subject, "facts": entry.facts},
        )


def test_a_correction_moves_the_counts_and_can_be_taken_back(world: World, mention: Mention) -> None:
    def judge(value: int) -> None:
        answer = world.client(world.dana).post(reverse("correct", args=[mention.pk]), {"sentiment": value})
        assert answer.status_code == 302
        recount_dirty(at=NOW)

    assert tally([world.brand.pk], TODAY, TODAY).negative == 1
    judge(1)
    assert tally([world.brand.pk], TODAY, TODAY).positive == 1
    judge(-1)
    counted = tally([world.brand.pk], TODAY, TODAY)
    assert (counted.negative, counted.positive) == (1, 0)
    assert list(Correction.objects.order_by("pk").values_list("was", "now")) == [(-1, 1), (1, -1)]
    assert Mention.objects.get().corrected_by == world.dana


def test_htmx_gets_the_tags_and_a_toast(world: World, mention: Mention) -> None:
    client = world.client(world.dana)
    url = reverse("correct", args=[mention.pk])
    answer = client.post(url, {"intent": "3"}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in html
    assert f'id="reading-{mention.pk}"' in html and "Dana" in html and "siach:toast" in answer["HX-Trigger"]


@pytest.mark.parametrize("data", [{}, {"sentiment": "5"}, {"sentiment": ""}, {"intent": "x"}, {"urgency": "1"}])
def test_what_no_reading_can_be_is_refused_in_words(world: World, mention: Mention, data: dict) -> None:
    url = reverse("correct", args=[mention.pk])
    answer = world.client(world.dana).post(url, data, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and not Correction.objects.exists()
    assert world.client(world.dana).get(url).status_code == 405


def test_it_goes_back_only_to_an_own_page(world: World, mention: Mention) -> None:
    client, url = world.client(world.dana), reverse("correct", args=[mention.pk])
    assert client.post(url, {"intent": "0", "next": "/stream/?q=x"}).url == "/stream/?q=x"
    assert client.post(url, {"intent": "1", "next": "https://evil.example/"}).url == reverse(
        "post", args=[mention.post_id]
    )


@pytest.mark.parametrize(("language", "words"), [("he", "תיקון סיווג מ״שלילי״"), ("en", "from “negative”")])
def test_the_ledger_tells_it_as_a_sentence(world: World, mention: Mention, language: str, words: str) -> None:
    world.client(world.dana).post(reverse("correct", args=[mention.pk]), {"sentiment": "0"})
    entry = LedgerEntry.objects.get(name="reading.corrected")
    told = event(entry, language, mention)
    assert words in told and "Dana" in told and reverse("post", args=[mention.post_id]) in told
    assert words in event(entry, language, None)


def test_a_post_that_is_not_about_the_brand_leaves_lists_and_counts_and_comes_back(
    world: World, mention: Mention
) -> None:
    client, url = world.client(world.dana), reverse("correct", args=[mention.pk])
    answer = client.post(url, {"about": "0"}, headers={"HX-Request": "true"})
    assert "לא על המותג" in answer.text and '"fields": {"about": "1"' in answer["HX-Trigger"]
    recount_dirty(at=NOW)
    assert tally([world.brand.pk], TODAY, TODAY).total == 0
    assert "<article" not in client.get(reverse("stream")).text
    Batch.objects.update(step=0, done_at=None)
    world.carry()
    fold(at=NOW)
    assert not Mention.objects.get().is_about and tally([world.brand.pk], TODAY, TODAY).total == 0
    client.post(url, {"about": "1", "undo": "1"})
    recount_dirty(at=NOW)
    assert tally([world.brand.pk], TODAY, TODAY).negative == 1 and "<article" in client.get(reverse("stream")).text
    told = [(one.field, one.was, one.now) for one in Correction.objects.order_by("pk")]
    assert told == [("about", 1, 0), ("about", 0, 1)]
    assert "על המותג" in client.get(reverse("post", args=[mention.post_id])).text
    world.dana.language = "en"
    world.dana.save()
    told = world.client(world.dana, "en").post(url, {"about": "0"}, headers={"HX-Request": "true"}).text
    assert "Not about the brand</span>" in told


# --- a source set right by what people judged ---------------------------------------------------------------------


def test_judged_posts_set_their_source_right_and_the_reader_s_own_score_stays_known(world: World) -> None:
    """People call positive what the reader calls neutral there, fifty times."""
    flat = "ראיתי מנורה של לומיקה בחנות מספר"
    world.hear(*(said(str(n), f"{flat} {n}") for n in range(10, 70)))
    before = Mention.objects.order_by("pk").last()
    assert before is not None and before.sentiment == 0
    for one in Mention.objects.order_by("pk")[:49]:
        correct(mention=one, field="sentiment", value=1, by=world.dana, at=NOW)
    assert calibrate_due(at=NOW) == 0
    correct(mention=Mention.objects.order_by("pk")[49], field="sentiment", value=1, by=world.dana, at=NOW)
    assert calibrate_due(at=NOW) == 1 and calibrate_due(at=NOW) == 0
    world.hear(said("new", f"{flat} 77"))
    told = Mention.objects.get(post__key="new")
    assert told.run.fitted_on == 50 and told.run.source == world.source
    assert told.positive > before.positive and told.negative + told.positive <= 1000
    stored = (told.negative / 1000, 1 - (told.negative + told.positive) / 1000, told.positive / 1000)
    own = undo(calibration_of(told.run), stored)
    assert own[2] == pytest.approx(before.positive / 1000, abs=0.01)
    why = explain(told)
    assert why.own == pytest.approx(own, abs=0.01) and why.reading.p[2] == pytest.approx(stored[2], abs=0.001)
    other = Source.objects.create(
        org=world.org, brand=world.brand, network="bluesky", kind=Source.Kind.SEARCH, connected_at=NOW
    )
    world.hear(said("elsewhere", f"{flat} שתיים"), source=other)
    assert Mention.objects.get(post__key="elsewhere").run.fitted_on == 0
    page = world.client(world.noam).get(reverse("why", args=[told.pk])).text
    assert "50" in page and "כל הערכים" in page


# --- why --------------------------------------------------------------------------------------------------


def test_why_names_the_prefix_and_the_words_that_decided(world: World, mention: Mention) -> None:
    why = explain(mention)
    assert [(one.written, one.prefix, one.codes) for one in why.namings] == [("לומיקה", "ב", {"prefix"})]
    assert "negative" in {one.kind for one in why.words}
    html = world.client(world.noam).get(reverse("why", args=[mention.pk]), headers={"HX-Request": "true"})
    body = html.content.decode()
    assert '<mark class="mark-name">לומיקה</mark>' in body and "mark-negative" in body
    assert "אחרי <bdi>ב</bdi>; שם חד־משמעי" in body and "<html" not in body
    assert "<html" in world.client(world.noam).get(reverse("why", args=[mention.pk])).content.decode()


def test_the_words_told_say_something_and_the_chip_says_the_same_share(world: World) -> None:
    world.hear(said("w", "גם אצלי המנורה של לומיקה לא נדלקת, גרוע! איפה אתם???"))
    mention = Mention.objects.get(post__key="w")
    why = explain(mention)
    told = {word for words in why.words for word in words.words}
    assert told and not told & {"גם", "לא", "של", "!", "?", "???", ","}
    assert any(kind == "negative" for _start, _end, kind in why.spans)
    assert max(why.shares) == mention.confidence / 1000
    page = world.client(world.noam).get(reverse("why", args=[mention.pk])).text
    assert "המסווג של שיח" in page and f"גרסה {mention.run.version}" in page and ">linear" not in page


def test_why_of_a_post_that_does_not_name_the_brand(world: World, mention: Mention) -> None:
    world.hear(said("b", "ומתי?", parent="a", root="a"))
    answer = Mention.objects.get(post__key="b")
    assert explain(answer).namings == ()
    html = world.client(world.noam).get(reverse("why", args=[answer.pk])).content.decode()
    assert "שייך לשרשור" in html


def test_why_of_a_nasty_text_is_escaped(world: World) -> None:
    world.hear(said("a", "#לומיקה <script>alert(1)</script> גרוע \u202e"))
    html = world.client(world.noam).get(reverse("why", args=[Mention.objects.get().pk])).content.decode()
    assert "<script>alert" not in html and "\u202e" not in html and "כתגית" in html


# --- an author's part -------------------------------------------------------------------------------------


def test_a_part_is_marked_with_evidence_and_an_end(world: World, mention: Mention) -> None:
    url = reverse("author_part", args=[mention.post.author_id])
    client = world.client(world.yael)
    assert client.get(url).status_code == 200
    until = (NOW + timedelta(days=30)).date().isoformat()
    answer = client.post(url, {"part": "leader", "evidence": "41 אלף עוקבים", "until": until, "next": "/stream/"})
    author = Author.objects.get()
    assert answer.status_code == 302 and answer.url == "/stream/"
    assert author.part == "leader" and author.part_until and author.part_until.date().isoformat() == until
    assert "הובלת דעה" in client.get(reverse("stream")).content.decode()
    entry = LedgerEntry.objects.get(name="author.part_marked")
    assert "הובלת דעה" in event(entry, "he", author) and "opinion leader" in event(entry, "en", None)
    assert "עוקבים" not in str(entry.facts)
    assert client.post(url, {"part": "unknown"}).status_code == 302
    assert Author.objects.get().part_evidence == ""


@pytest.mark.parametrize(
    "data",
    [
        {"part": "leader"},
        {"part": "leader", "evidence": "   "},
        {"part": "king", "evidence": "x"},
        {"part": "leader", "evidence": "x", "until": "2020-01-01"},
        {"part": "leader", "evidence": "x", "until": "2040-01-01"},
        {"part": "leader", "evidence": "x" * 2001},
    ],
)
def test_a_part_without_evidence_or_end_is_refused(world: World, mention: Mention, data: dict) -> None:
    url = reverse("author_part", args=[mention.post.author_id])
    answer = world.client(world.yael).post(url, data)
    assert answer.status_code == 422 and Author.objects.get().part == "unknown"
    assert 'class="field-error"' in answer.content.decode() or "form-errors" in answer.content.decode()


def test_an_agent_may_correct_but_mark_nobody(world: World, mention: Mention) -> None:
    url = reverse("author_part", args=[mention.post.author_id])
    assert world.client(world.dana).get(url).status_code == 404
    assert url not in world.client(world.dana).get(reverse("stream")).content.decode()
