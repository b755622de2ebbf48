"""Which brands a post is about, and by what."""

from dataclasses import replace

import pytest

from siach.background import PIPELINE
from siach.language.reading import flags_of, level
from siach.org.models import Topic
from siach.talk.actions import carrying, reading
from siach.talk.actions.taking import take_in
from siach.talk.models import Batch, CountDelta, Mention, Post, SetAside, Source
from tests.world import World, said

pytestmark = pytest.mark.django_db
Via = Mention.Via


def vias(key: str) -> list[tuple[str, int]]:
    return sorted(Mention.objects.filter(post__key=key).values_list("brand__name", "via"))


def test_a_name_behind_a_prefix_makes_a_mention_and_no_name_makes_none(world: World) -> None:
    world.hear(said("a", "קניתי מנורה בלומיקה"), said("b", "קניתי מנורה"))
    assert vias("a") == [("לומיקה", Via.NAMED)] and vias("b") == []


def test_a_post_about_two_brands_has_two_mentions(world: World) -> None:
    world.hear(said("a", "לומיקה יקרה יותר מברוניל"))
    assert vias("a") == [("ברוניל", Via.NAMED), ("לומיקה", Via.NAMED)]


def test_what_is_said_to_us_counts_without_a_name(world: World) -> None:
    world.hear(said("a", "ומתי זה מגיע?", reason="reply"))
    assert vias("a") == [("לומיקה", Via.ADDRESSED)]


def test_an_answer_to_our_own_words_is_said_to_us_however_it_was_heard(world: World) -> None:
    world.hear(said("ours", "מנורה חדשה בחנויות", by="lumika", reason="thread"))
    world.hear(said("a", "כמה היא עולה?", parent="ours", root="ours", reason="thread"))
    assert vias("a") == [("לומיקה", Via.ADDRESSED)]


def test_a_thread_lends_its_brand_to_answers_heard_after_and_before_it(world: World) -> None:
    world.hear(said("early", "גם אצלי", parent="root", root="root", by="other"))
    assert vias("early") == []
    world.hear(said("root", "לומיקה, המנורה הגיעה שבורה"))
    world.hear(said("later", "ומתי?", parent="root", root="root"))
    assert vias("early") == vias("later") == [("לומיקה", Via.THREAD)]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_two_batches_carried_at_once_join_what_belongs_together(world: World, order: str) -> None:
    """Neither sees the other's mentions while both are read: what the thread lends is asked once both are written."""
    root = said("root", "לומיקה, המנורה הגיעה שבורה")
    answer = said("answer", "גם אצלי", parent="root", root="root", by="other")
    batches = [take_in([post], source=world.source, at=world.at).batches[0] for post in (root, answer)]
    first, second = batches if order == "ab" else batches[::-1]
    for batch in (first, second):
        carrying._one_step(batch, PIPELINE, at=world.at)
    world.carry([first, second])
    assert vias("answer") == [("לומיקה", Via.THREAD)]
    assert sum(CountDelta.objects.values_list("n", flat=True)) == 2


def test_an_answer_whose_batch_waits_is_left_to_it(world: World) -> None:
    """It may name a brand by itself, which outweighs its thread."""
    waiting = take_in([said("early", "לומיקה, ומתי?", parent="root", root="root")], source=world.source, at=world.at)
    world.hear(said("root", "לומיקה, המנורה הגיעה שבורה"))
    assert vias("early") == []
    world.carry(waiting.batches)
    assert vias("early") == [("לומיקה", Via.NAMED)]


def test_our_own_words_are_no_mention(world: World) -> None:
    world.hear(said("a", "לומיקה: תודה שפנית", by="lumika"))
    assert vias("a") == [] and Post.objects.get(key="a").author.is_ours


def test_carried_twice_it_is_counted_once(world: World) -> None:
    world.hear(said("a", "לומיקה נהדרת"))
    Batch.objects.update(step=0, done_at=None)
    world.carry()
    assert Mention.objects.count() == 1
    assert sum(CountDelta.objects.values_list("n", flat=True)) == 1


def test_a_broken_post_is_set_aside_and_its_batch_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reading.read

    def chokes(texts, about, domains):  # type: ignore[no-untyped-def]
        if any("רעל" in text for text in texts):
            raise ValueError("cannot read this")
        return whole(texts, about, domains)

    monkeypatch.setattr(reading, "read", chokes)
    world.hear(said("good", "לומיקה נהדרת"), said("bad", "לומיקה רעל"))
    aside = SetAside.objects.get()
    assert aside.post.key == "bad" and "cannot read this" in aside.error
    assert vias("good") and not vias("bad")
    assert Batch.objects.get().done_at is not None


def topics(key: str) -> list[str]:
    return sorted(
        Topic.objects.filter(pk__in=Mention.objects.get(post__key=key).topics or []).values_list("name", flat=True)
    )


def test_topics_are_found_behind_prefixes_in_the_words_of_the_brand(world: World) -> None:
    Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח", "delivery"])
    Topic.objects.create(brand=world.brand, name="מחיר", words=["מחיר", "יקר"])
    Topic.objects.create(brand=world.rival, name="עיצוב", words=["משלוח"])
    world.hear(
        said("both", "לומיקה: המשלוח איחר והמחיר מופרז"),
        said("one", "Lumika delivery was fast"),
        said("none", "לומיקה נהדרת"),
        said("inside", "לומיקה, המשלוחן"),
    )
    assert topics("both") == ["מחיר", "משלוחים"] and topics("one") == ["משלוחים"]
    assert topics("none") == topics("inside") == []
    assert Mention.objects.get(post__key="none").topics is None


def test_a_post_edited_since_takes_the_topics_of_its_new_words(world: World) -> None:
    Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    world.hear(said("a", "לומיקה, המשלוח איחר"))
    assert topics("a") == ["משלוחים"]
    Post.objects.filter(key="a").update(text="לומיקה, הכול הגיע")
    Batch.objects.update(step=0, done_at=None)
    world.carry()
    assert topics("a") == []


def test_all_that_a_reader_says_is_stored_and_read_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is told where each post stands."""
    domains: dict[str, str] = {}

    def full(texts, about, asked):  # type: ignore[no-untyped-def]
        domains.update(zip(texts, asked, strict=True))
        return [replace(one, intent="boycott", **more) for one in whole(texts, about)]

    whole, more = reading.read, {"emotions": (0.9, *[0.0] * 7), "sarcasm": 0.6, "flags": frozenset({"collective"})}
    monkeypatch.setattr(reading, "read", full)
    world.hear(said("a", "לומיקה, לא קונים שם יותר"), said("b", "לומיקה, בפרטיות", is_private=True))
    for network, root, key in (("feed", None, "c"), ("feed", "c", "d"), ("mail", None, "e"), ("zap", None, "f")):
        source = Source.objects.create(
            org=world.org, brand=world.brand, network=network, kind=Source.Kind.ALL, connected_at=world.at
        )
        world.hear(said(key, f"לומיקה {key}", parent=root, root=root), source=source)
    told = Mention.objects.get(post__key="a")
    assert told.intent == Mention.Intent.BOYCOTT and level(told.signs, "anger") == pytest.approx(0.9, abs=0.04)
    assert level(told.signs, "sarcasm") >= 0.5 and flags_of(told.signs) == {"collective"}
    assert [domains[text] for text in ("לומיקה, לא קונים שם יותר", "לומיקה, בפרטיות")] == ["service", "service"]
    assert [domains[f"לומיקה {key}"] for key in "cdef"] == ["service", "news", "service", "service"]
    more["emotions"] = (0.0,) * 8
    Batch.objects.update(step=0, done_at=None)
    world.carry()
    assert level(Mention.objects.get(post__key="a").signs, "anger") == 0
