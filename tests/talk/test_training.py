"""A source's reader trained on what people judged there: when it comes into force, how it reads, and when it goes."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from siach.org.models import Brand
from siach.talk.actions import training
from siach.talk.actions.calibrating import calibrate_due
from siach.talk.actions.explaining import explain
from siach.talk.actions.forgetting import erase_posts
from siach.talk.actions.marking import correct
from siach.talk.actions.reading import calibrated_runs, heads_of, read_own
from siach.talk.actions.retaining import delete_posts
from siach.talk.actions.sources import remove
from siach.talk.actions.understanding import reread
from siach.talk.actions.unlearning import judged_anew
from siach.talk.models import Correction, Mention, ReaderRun, Rejudged, Source, Training
from tests.language.test_learning import jargon
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = 90


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "LEAST", 60)


def climbers(world: World, count: int = COUNT, *, seed: int = 1) -> tuple[list[Mention], list[int]]:
    """What people of one source said, and what they meant: sentiments."""
    texts, truth = jargon(count, seed)
    world.hear(*(said(f"{seed}-{at}", f"לומיקה {text}") for at, text in enumerate(texts)))
    heard = {one.post.key: one for one in Mention.objects.select_related("post")}
    return [heard[f"{seed}-{at}"] for at in range(count)], [int(one) - 1 for one in truth.argmax(1)]


def judge(mentions: Sequence[Mention], sentiments: Sequence[int], world: World) -> None:
    """As people do, one by one, without what a page around it costs."""
    Correction.objects.bulk_create(
        Correction(mention=one, field="sentiment", was=one.sentiment, now=now, run_id=one.run_id, by=world.dana, at=NOW)
        for one, now in zip(mentions, sentiments, strict=True)
    )
    for one, now in zip(mentions, sentiments, strict=True):
        one.sentiment, one.corrected_by = now, world.dana
    Mention.objects.bulk_update(mentions, ["sentiment", "corrected_by"])
    judged_anew([one.pk for one in mentions])


@pytest.fixture
def trained(world: World) -> World:
    """A source of climbers, of whose words 90 posts were judged."""
    judge(*climbers(world), world)
    assert calibrate_due(at=NOW) == 1
    return world


def hear(world: World, key: str, text: str, source: Source | None = None) -> Mention:
    world.hear(said(key, f"לומיקה {text}"), source=source)
    return Mention.objects.select_related("run", "post", "brand").get(post__key=key)


def sources_page(world: World, language: str = "en") -> str:
    world.noam.language = language
    world.noam.save()
    return words_of(world.client(world.noam, language).get(reverse("sources")).text)


def words_of(page: str) -> str:
    """A page as it is read: without tags, and without marks of direction."""
    return re.sub(r"<[^>]*>|[\u2066-\u2069\u200e\u200f]", "", page)


FELL = "נפלתי אתמול עם החבל ליד המצוק"


def test_what_helps_is_in_force_for_its_source_alone(trained: World) -> None:
    told = Training.objects.get()
    assert (told.outcome, told.language, told.judged) == ("force", "he", COUNT)
    assert told.after is not None and told.before is not None and told.after > told.before + 0.1
    assert len(bytes(told.head or b"")) < 20_000 and len(told.taught) >= COUNT
    glad = hear(trained, "glad", FELL)
    assert glad.sentiment == 1 and glad.run == told.run and glad.run.trained == ["he"]
    other = Source.objects.create(
        org=trained.org, brand=trained.brand, network="bluesky", kind=Source.Kind.SEARCH, connected_at=NOW
    )
    elsewhere = hear(trained, "elsewhere", FELL, other)
    assert elsewhere.run.fitted_on == 0 and elsewhere.sentiment != 1
    # In another language the source's calibration stands.
    english = hear(trained, "english", "I fell off the wall near the bridge yesterday and it was great fun")
    assert english.run == told.run and explain(english).is_trained is False
    page = sources_page(trained)
    words = f"Trained on {COUNT} checked posts of this source: it reads {told.right} of 100 posts correctly"
    assert words in page and f"{told.right_before} before (cross-validated)" in page
    assert "באימות צולב" in sources_page(trained, "he")


def test_why_tells_both_scores_and_the_words_that_decided_here(trained: World) -> None:
    glad = hear(trained, "glad", FELL)
    why = explain(glad)
    assert why.is_trained and why.own is not None
    assert why.reading.p[2] == pytest.approx(glad.positive / 1000, abs=0.001) and why.reading.p[2] > why.own[2] + 0.2
    assert "נפלתי" in {word for one in why.words if one.kind == "positive" for word in one.words}
    page = words_of(trained.client(trained.noam).get(reverse("why", args=[glad.pk])).text)
    assert "אומן על 90 פוסטים" in page and "לפני כן: שלילי" in page


def test_a_later_run_keeps_the_stored_score_of_an_earlier_one(trained: World) -> None:
    glad = hear(trained, "glad", FELL)
    judge(*climbers(trained, 20, seed=9), trained)
    assert calibrate_due(at=NOW) == 1
    glad.refresh_from_db()
    assert Training.objects.get().run != glad.run
    why = explain(Mention.objects.select_related("run", "post", "brand").get(pk=glad.pk))
    assert why.is_trained and why.reading.p[2] == pytest.approx(glad.positive / 1000, abs=0.001)
    reread(read_own([glad.pk]))
    glad.refresh_from_db()
    assert glad.run == Training.objects.get().run and glad.sentiment == 1


def test_what_does_not_help_leaves_the_calibration(world: World) -> None:
    mentions, sentiments = climbers(world)
    random.Random(4).shuffle(sentiments)
    judge(mentions, sentiments, world)
    assert calibrate_due(at=NOW) == 1
    told = Training.objects.get()
    assert (told.outcome, told.head, told.taught, told.run.trained) == ("no_help", None, [], [])
    assert f"Kept as it was: training on {COUNT} posts did not help" in sources_page(world)
    assert f"אימון על {COUNT} פוסטים לא הועיל" in sources_page(world, "he")
    assert explain(hear(world, "new", FELL)).is_trained is False


def test_what_would_forget_the_language_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siach.language.proving.Remembered.holds", False)
    judge_all(world)
    assert Training.objects.get().outcome == "forgot" and ReaderRun.objects.latest("pk").trained == []
    assert "it would read other posts worse" in sources_page(world)


def judge_all(world: World) -> None:
    judge(*climbers(world), world)
    assert calibrate_due(at=NOW) == 1


def test_few_posts_and_languages_without_gold_calibrate_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "LEAST", COUNT + 1)
    judge_all(world)
    assert not Training.objects.exists()
    assert f"Adjusted by {COUNT} checked posts" in sources_page(world)
    monkeypatch.setattr(training, "LEAST", 60)
    monkeypatch.setattr(training, "own_posts", lambda _folder, _language: ())
    ReaderRun.objects.filter(fitted_on__gt=0).update(fitted_on=50)
    judged_anew([Mention.objects.earliest("pk").pk])
    assert calibrate_due(at=NOW) == 1 and not Training.objects.exists()


def test_only_sources_of_which_something_was_judged_are_looked_at(
    trained: World, django_assert_max_num_queries: object
) -> None:
    assert not Rejudged.objects.exists()
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert calibrate_due(at=NOW) == 0
    correct(mention=Mention.objects.earliest("pk"), field="sentiment", value=0, by=trained.dana, at=NOW)
    assert Rejudged.objects.get().source == trained.source
    assert calibrate_due(at=NOW) == 0 and not Rejudged.objects.exists()


def test_withdrawn_judgements_end_it(trained: World) -> None:
    for one in Mention.objects.order_by("pk")[: COUNT - 55]:
        correct(mention=one, field="about", value=0, by=trained.dana, at=NOW)
    assert calibrate_due(at=NOW) == 1
    assert not Training.objects.exists()
    after = hear(trained, "after", FELL)
    assert after.run.trained == [] and after.run.fitted_on == 55 and after.sentiment != 1


@pytest.mark.parametrize("how", ["erased", "deleted"])
def test_it_goes_with_a_post_that_it_learnt_from_and_is_learnt_anew(trained: World, how: str) -> None:
    before = hear(trained, "before", FELL)
    gone = Mention.objects.earliest("pk")
    if how == "erased":
        erase_posts(trained.org, [gone.post_id], at=NOW)
    else:
        delete_posts([gone.post_id])
    told = Training.objects.get()
    assert (told.outcome, told.head, told.taught) == ("dropped", None, [])
    between = hear(trained, "between", FELL)
    assert between.run.trained == [] and between.run.fitted_on == COUNT
    assert explain(between).is_trained is False
    why = explain(before)
    assert why.is_trained and why.reading.p[2] == pytest.approx(before.positive / 1000, abs=0.001)
    assert "a post it learnt from is gone" in sources_page(trained)
    assert calibrate_due(at=NOW) == 1
    told = Training.objects.get()
    assert told.outcome == "force" and told.judged == COUNT - 1 and gone.pk not in told.taught
    assert hear(trained, "after", FELL).sentiment == 1


def test_it_stays_when_another_post_goes(trained: World) -> None:
    fresh = hear(trained, "fresh", FELL)
    erase_posts(trained.org, [fresh.post_id], at=NOW)
    assert Training.objects.get().outcome == "force"


def test_it_goes_with_its_source(trained: World) -> None:
    before = hear(trained, "before", FELL)
    remove(source=trained.source, by=trained.noam, at=NOW)
    assert not Training.objects.exists()
    stored = Mention.objects.select_related("run", "post", "brand").get(pk=before.pk)
    assert explain(stored).reading.p[2] == pytest.approx(before.positive / 1000, abs=0.001)


def test_what_goes_while_it_is_learnt_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A post is erased between the reading of the judged posts and the keeping of what was learnt."""
    mentions, sentiments = climbers(world)
    judge(mentions, sentiments, world)
    real = training.tried

    def slowly(*args: Sequence[training.Lesson]) -> list[training.Tried]:
        found = real(*args)
        erase_posts(world.org, [mentions[0].post_id], at=NOW)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(training, "tried", slowly)
        assert calibrate_due(at=NOW) == 1
    assert Training.objects.get().outcome == "dropped" and Rejudged.objects.exists()
    assert calibrate_due(at=NOW) == 1 and Training.objects.get().outcome == "force"


def test_an_outsider_sees_nothing_of_it(trained: World) -> None:
    rival = Brand.objects.get(pk=trained.other_brand.pk)
    assert rival.org != trained.org
    page = trained.client(trained.omer, "en").get(reverse("sources")).text
    assert "checked posts of this source" not in page


def test_other_languages_of_a_source_keep_their_head(trained: World) -> None:
    """What goes in one language leaves the other in force, in the run that follows."""
    one = Training.objects.get()
    Training.objects.create(
        source=one.source, language="en", run=one.run, outcome="force", judged=60, head=one.head, taught=[1], at=NOW
    )
    ReaderRun.objects.filter(pk=one.run_id).update(trained=["en", "he"])
    erase_posts(trained.org, [Mention.objects.earliest("pk").post_id], at=NOW)
    run = calibrated_runs([trained.source.pk])[trained.source.pk]
    assert run.trained == ["en"] and list(heads_of([run])) == [(run.pk, "en")]
