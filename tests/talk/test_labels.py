"""Drawn posts are judged blind, tell how often readings are right, and leave as training data where that is allowed."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.org.models import LedgerEntry, Mandate
from siach.talk.actions import sampling
from siach.talk.actions.marking import correct
from siach.talk.actions.reading import current_run
from siach.talk.models import Correction, Mention, Sampled
from siach.talk.queries import training
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db
WEEK = NOW - timedelta(days=5)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def heard(world: World) -> World:
    posts = [said(f"p{n}", f"לומיקה {n}", at=WEEK + timedelta(minutes=n)) for n in range(60)]
    world.hear(*posts, said("rival", "ברוניל יפה", at=WEEK), said("today", "לומיקה היום"))
    return world


def test_twenty_are_drawn_of_last_week_the_same_whenever_and_none_that_was_corrected(heard: World) -> None:
    gone = Mention.objects.get(post__key="p7")
    correct(mention=gone, field="intent", value=1, by=heard.dana, at=NOW)
    assert sampling.draw_due(at=NOW) == 20 and sampling.draw_due(at=NOW) == 0
    first = set(Sampled.objects.values_list("mention", flat=True))
    assert gone.pk not in first
    assert not Sampled.objects.filter(mention__post__key__in=["rival", "today"]).exists()
    week = Sampled.objects.values_list("week", flat=True).distinct().get()
    Sampled.objects.all().delete()
    assert sampling.draw(heard.brand, week) == 20
    assert set(Sampled.objects.values_list("mention", flat=True)) == first
    assert sampling.draw_due(at=NOW + timedelta(days=7)) == 1  # the one of this week


def test_a_label_is_asked_for_blind_and_kept_and_can_be_taken_back(heard: World) -> None:
    sampling.draw_due(at=NOW)
    client, url = heard.client(heard.dana), reverse("label")

    def page() -> str:
        return re.sub(
            r'name="csrfmiddlewaretoken" value="\w+"|nonce="\w+"|"X-CSRFToken":\s*"\w+"', "", client.get(url).text
        )

    before, sampled = page(), Sampled.objects.order_by("pk").first()
    assert sampled is not None and f'value="{sampled.pk}"' in before and "20" in before
    text = Mention.objects.get(pk=sampled.mention_id).post.text
    assert text.split()[-1] in before
    Mention.objects.update(sentiment=-1, intent=1, confidence=990, is_safety=True, urgency=3)
    assert page() == before
    Mention.objects.update(sentiment=0, intent=0, is_safety=False, urgency=0)
    Sampled.objects.update(read=0)
    told = client.post(url, {"sampled": sampled.pk, "sentiment": "-1"}, follow=True).text
    assert 'name="undo"' in told and "19" in told
    assert Mention.objects.get(pk=sampled.mention_id).sentiment == -1 and Correction.objects.get().now == -1
    client.post(url, {"sampled": sampled.pk, "undo": "1"})
    assert Mention.objects.get(pk=sampled.mention_id).sentiment == 0
    client.post(url, {"sampled": sampled.pk, "sentiment": "0"})
    assert LedgerEntry.objects.filter(name="reading.confirmed").count() == 1 and Correction.objects.count() == 2
    assert "הפוסט נבדק בינתיים" in client.post(url, {"sampled": sampled.pk, "sentiment": "1"}, follow=True).text
    second, third = Sampled.objects.exclude(pk=sampled.pk).order_by("pk")[:2]
    client.post(url, {"sampled": second.pk, "pass": "1"})
    client.post(url, {"sampled": third.pk, "off": "1"})
    assert "17" in page() and not Mention.objects.get(pk=third.mention_id).is_about
    assert heard.client(heard.omer).post(url, {"sampled": sampled.pk, "sentiment": "1"}).status_code == 404


def test_what_was_said_in_private_is_asked_only_of_those_who_may_read_it(world: World) -> None:
    world.hear(said("a", "לומיקה, בינינו", at=WEEK, is_private=True))
    sampling.draw_due(at=NOW)
    url = reverse("label")
    assert "בינינו" in world.client(world.dana).get(url).text
    Mandate.objects.filter(pk=world.mandate.pk).update(rights=["stream.read", "reading.correct"])
    world.client(world.ido).post("/brand/", {"brand": world.brand.pk})
    answer = world.client(world.ido).get(url)
    assert answer.status_code == 200 and "בינינו" not in answer.text
    sampled = Sampled.objects.get()
    assert world.client(world.ido).post(url, {"sampled": sampled.pk, "sentiment": "1"}).status_code == 404


def test_from_a_hundred_labels_on_sources_tells_the_accuracy_with_its_interval(world: World) -> None:
    world.hear(*(said(f"p{n}", f"לומיקה {n}", at=WEEK) for n in range(100)))
    run, client, url = current_run(), world.client(world.noam), reverse("sources")
    mentions = list(Mention.objects.order_by("pk"))
    rows = [
        Sampled(
            brand=world.brand,
            mention=one,
            week=WEEK.date(),
            language="he",
            read=0,
            run=run,
            sentiment=0 if n < 80 else 1,
        )
        for n, one in enumerate(mentions)
    ]
    Sampled.objects.bulk_create(rows[:99])
    assert "99 מתוך 100 בדיקות" in client.get(url).text
    rows[99].save()
    html = re.sub(r"</?bdi[^>]*>", "", client.get(url).text)
    assert "80 מתוך 100 פוסטים שנבדקו סווגו נכון: 80%, בין 71% ל־87%" in html


def test_judged_posts_leave_as_training_data_only_where_the_terms_allow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hear(said("a", "לומיקה נחמדה"), said("b", "לומיקה, בינינו", is_private=True))
    for mention in Mention.objects.order_by("pk"):
        correct(mention=mention, field="sentiment", value=-1, by=world.dana, at=NOW)
        correct(mention=mention, field="intent", value=7, by=world.dana, at=NOW)
    client, url, board = world.client(world.noam), reverse("training"), reverse("sources")
    assert b"".join(client.get(url).streaming_content) == b""
    kept = client.get(board).text
    assert "Bluesky 1." in re.sub(r"</?bdi[^>]*>", "", kept)
    monkeypatch.setattr(training, "may_train", lambda network: True)
    (line,) = b"".join(client.get(url).streaming_content).decode().splitlines()
    told = json.loads(line)
    assert told["text"] == "לומיקה נחמדה" and told["network"] == "bluesky"
    assert (told["sentiment"], told["intent"], "about" in told) == ("negative", "boycott", False)
    assert url in client.get(board).text
    assert world.client(world.dana).get(url).status_code == 404
