"""Evidence: a post kept with its hash, that what deletes passes over until somebody says why it may."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from siach.org.models import LedgerEntry, Membership, User
from siach.talk import pictures
from siach.talk.actions.capturing import capture, drop_media
from siach.talk.actions.evidence import CannotKeep, keep_evidence, release_evidence, review_evidence
from siach.talk.connections import FetchedMetrics
from siach.talk.evidence import canonical, digest_of, is_whole
from siach.talk.models import Evidence, Post
from tests.talk.test_capture import drawn
from tests.world import NOW, World, said

REVIEW = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def kept(world: World, key: str = "p1", **change: object) -> Evidence:
    told: dict[str, object] = {
        "post": Post.objects.get(key=key),
        "reason": "תביעת לשון הרע",
        "owner": world.noam,
        "review_on": REVIEW,
        "by": world.yael,
        "at": NOW,
    }
    return keep_evidence(**{**told, **change})  # type: ignore[arg-type]


@pytest.fixture
def heard(world: World) -> World:
    world.hear(said("p1", "לומיקה מרמה לקוחות", metrics=FetchedMetrics(likes=7, shares=2)))
    return world


@pytest.mark.django_db
def test_the_copy_says_what_who_when_and_how_far(heard: World) -> None:
    copy = kept(heard).copy
    assert (copy["text"], copy["link"]) == ("לומיקה מרמה לקוחות", "https://social.example/p1")
    assert copy["author"] == {"id": "did:fan", "handle": "fan.test", "name": "Fan"}
    assert (copy["numbers"]["likes"], copy["numbers"]["shares"]) == (7, 2)
    assert (copy["said_at"], copy["kept_by"]) == (NOW.isoformat(), "Yael")
    line = LedgerEntry.objects.get(name="evidence.kept")
    assert (line.by, line.brand, line.facts["post"]) == (heard.yael, heard.brand, Post.objects.get().pk)


@pytest.mark.django_db
def test_the_copy_outlives_the_post_and_shows_every_change(heard: World) -> None:
    evidence = kept(heard)
    Post.objects.all().delete()
    evidence = Evidence.objects.get(pk=evidence.pk)
    assert evidence.post is None and is_whole(evidence)
    evidence.copy["text"] += "!"
    evidence.save()
    assert not is_whole(Evidence.objects.get(pk=evidence.pk))
    page = heard.client(heard.yael).get(reverse("evidence_one", args=[evidence.pk]))
    assert "אינו תואם עוד" in page.text


@pytest.mark.django_db
def test_a_picture_outlives_its_keeping_time(world: World) -> None:
    data = drawn()
    post = capture(
        brand=world.brand,
        network="facebook_group",
        place="הורים",
        text="לומיקה נשרפה",
        said_at=NOW,
        handed_in=[data],
        by=world.dana,
        at=NOW,
    ).post
    evidence = kept(world, post.key)
    after = NOW + timedelta(days=91)
    drop_media(at=after)
    assert not post.media.exists()
    picture = evidence.pictures.get()
    assert pictures.path_of(picture.sha256).read_bytes() == data
    answer = world.client(world.yael).get(reverse("evidence_picture", args=[evidence.pk, picture.pk]))
    assert answer.content == data


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"reason": " "}, {"review_on": NOW.date()}, {"review_on": NOW.date() + timedelta(days=800)}],
    ids=["no reason", "review today", "review too far"],
)
def test_a_hold_needs_a_reason_and_a_review_in_time(heard: World, change: dict[str, object]) -> None:
    with pytest.raises(CannotKeep):
        kept(heard, **change)
    assert not Evidence.objects.exists() and not LedgerEntry.objects.filter(name="evidence.kept").exists()


@pytest.mark.django_db
def test_what_is_erased_cannot_be_kept(heard: World) -> None:
    Post.objects.update(state=Post.State.ERASED, text="")
    with pytest.raises(CannotKeep):
        kept(heard)


@pytest.mark.django_db
def test_a_hold_is_released_once_and_with_a_reason(heard: World) -> None:
    evidence = kept(heard)
    with pytest.raises(CannotKeep):
        release_evidence(evidence=evidence, reason="", by=heard.noam, at=NOW)
    review_evidence(evidence=evidence, owner=heard.yael, review_on=REVIEW + timedelta(days=9), by=heard.noam, at=NOW)
    gone = release_evidence(evidence=evidence, reason="ההליך הסתיים", by=heard.noam, at=NOW)
    assert (gone.owner, gone.review_on, gone.released_by) == (heard.yael, REVIEW + timedelta(days=9), heard.noam)
    with pytest.raises(CannotKeep):
        release_evidence(evidence=evidence, reason="שוב", by=heard.noam, at=NOW)
    names = LedgerEntry.objects.filter(name__startswith="evidence.").order_by("pk").values_list("name", flat=True)
    assert list(names) == ["evidence.kept", "evidence.reviewed", "evidence.released"]


@pytest.mark.django_db
def test_the_file_proves_itself(heard: World) -> None:
    evidence = kept(heard)
    answer = heard.client(heard.yael).get(reverse("evidence_file", args=[evidence.pk]))
    assert f'filename="siach-evidence-{evidence.pk}.zip"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = archive.read("evidence.json")
        assert hashlib.sha256(data).hexdigest() == evidence.digest
        assert archive.read("SHA256SUMS").decode() == f"{evidence.digest}  evidence.json\n"
    assert json.loads(data)["text"] == "לומיקה מרמה לקוחות"


@settings(deadline=None)
@given(st.none() | st.integers() | st.lists(st.booleans(), max_size=3) | st.text('אבa\n"\\é😀', max_size=8))
def test_the_hash_knows_what_is_said_and_not_in_which_order(value: object) -> None:
    copy = {"b": value, "a": 1}
    assert digest_of(copy) == digest_of({"a": 1, "b": value}) == hashlib.sha256(canonical(copy)).hexdigest()
    assert json.loads(canonical(copy)) == copy
    assert digest_of(copy) != digest_of({"a": 2, "b": value})


# --- the pages ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("he", "שימור משפטי"), ("en", "legal hold")])
def test_from_the_post_to_its_evidence_and_out(heard: World, language: str, word: str) -> None:
    heard.noam.language = language
    heard.noam.save()
    client = heard.client(heard.noam, language)
    post = Post.objects.get()
    keep = reverse("evidence_keep", args=[post.pk])
    assert keep in client.get(reverse("post", args=[post.pk])).text
    assert client.post(keep, {"reason": "", "owner": heard.noam.pk, "review_on": "2027-03-01"}).status_code == 422
    done = client.post(keep, {"reason": "<b>דין</b>", "owner": heard.noam.pk, "review_on": "2027-03-01"}, follow=True)
    evidence = Evidence.objects.get()
    assert evidence.digest in done.text and "<b>דין" not in done.text
    listed = client.get(reverse("evidence")).text
    assert word in listed and reverse("evidence_one", args=[evidence.pk]) in listed
    assert reverse("evidence_one", args=[evidence.pk]) in client.get(reverse("post", args=[post.pk])).text
    refused = client.post(reverse("evidence_release", args=[evidence.pk]), {"reason": " "})
    assert refused.status_code == 422
    client.post(reverse("evidence_release", args=[evidence.pk]), {"reason": "הסתיים"})
    assert reverse("evidence_one", args=[evidence.pk]) not in client.get(reverse("evidence")).text
    assert reverse("evidence_one", args=[evidence.pk]) in client.get(reverse("evidence") + "?show=released").text


@pytest.mark.django_db
def test_a_review_day_that_is_here_stands_first_and_is_told(heard: World) -> None:
    heard.hear(said("p2", "לומיקה שוב", by="other"))
    kept(heard, "p2", review_on=REVIEW + timedelta(days=30))
    due = kept(heard)
    Evidence.objects.filter(pk=due.pk).update(review_on=NOW.date())
    heard.noam.language = "en"
    heard.noam.save()
    page = heard.client(heard.noam, "en").get(reverse("evidence")).text
    assert "One hold has reached its review day." in page and page.count("review due") == 1
    assert page.index("Fan") < page.index("Other")


@pytest.mark.django_db
def test_who_may_keep_and_who_may_release(heard: World) -> None:
    evidence = kept(heard)
    one, release = reverse("evidence_one", args=[evidence.pk]), reverse("evidence_release", args=[evidence.pk])
    assert heard.client(heard.dana).get(one).status_code == 404
    assert release not in heard.client(heard.yael).get(one).text
    assert heard.client(heard.yael).post(release, {"reason": "די"}).status_code == 404
    lawyer = User.objects.create_user("lea@example.test", None, name="Lea")
    Membership.objects.create(user=lawyer, team=heard.org.teams.get(), role=Membership.Role.LEGAL)
    assert release in heard.client(lawyer).get(one).text


@pytest.mark.django_db
def test_omer_finds_no_evidence(heard: World) -> None:
    evidence = kept(heard)
    client = heard.client(heard.omer)
    assert "Fan" not in client.get(reverse("evidence")).text
    for name in ("evidence_one", "evidence_file"):
        assert client.get(reverse(name, args=[evidence.pk])).status_code == 404
    assert client.post(reverse("evidence_release", args=[evidence.pk]), {"reason": "x"}).status_code == 404
    assert client.get(reverse("evidence_keep", args=[Post.objects.get().pk])).status_code == 404
    given_away = {"reason": "x", "owner": heard.omer.pk, "review_on": "2027-03-01"}
    mine = heard.client(heard.noam).post(reverse("evidence_keep", args=[Post.objects.get().pk]), given_away)
    assert mine.status_code == 422
