"""An organisation takes everything along, or is removed: then nothing of it is left but what is somebody else's."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from siach.background import REMOVE
from siach.care import actions as care
from siach.care.models import Case
from siach.org.actions import add_brand
from siach.org.archive import CannotArchive, ask_archive, build, drop_archives, path_of
from siach.org.models import Archive, LedgerEntry, Membership, Org, Removal, Team, User
from siach.org.owned import owned_models
from siach.org.removing import CannotRemove, ask_removal, remove_due, undo_removal
from siach.org.seal import seal
from siach.talk import pictures
from siach.talk.actions import counting, leaving
from siach.talk.actions.capturing import capture
from siach.talk.actions.evidence import keep_evidence
from siach.talk.models import Account, Mention, Post, Source
from siach.talk.queries.checks import check
from tests.talk.test_capture import drawn
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

#: The job engine's own, and what Django keeps of its code.
NOT_OURS = ("procrastinate_", "django_migrations", "django_content_type", "auth_permission", "django_cache", "temp_")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(settings, "SIACH_HOME", tmp_path)


def tables() -> dict[str, list[str]]:
    """Every row of every table, as text, but the job engine's own."""
    found = {}
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        for name in [one for one in names if not one.startswith(NOT_OURS)]:
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            found[name] = sorted(row for (row,) in cursor.fetchall())
    return found


def fill(world: World) -> None:
    """A little of everything."""
    world.hear(said("c1", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="customer", reason="mention"))
    mention = Mention.objects.get(brand=world.brand, post__key="c1")
    case = Case.objects.filter(org=world.org).first() or care.open_case(mention=mention, by=world.dana, at=NOW)
    care.note(case=case, text="לבדוק", by=world.dana, at=NOW)
    care.answer(case=case, post=mention.post, body="כבר בודקים", by=world.dana, at=NOW)
    shot = capture(
        brand=world.brand,
        network="facebook_group",
        place="הורים",
        text="לומיקה נשרפה",
        said_at=NOW,
        handed_in=[drawn()],
        by=world.dana,
        at=NOW,
    )
    world.carry()
    review = (NOW + timedelta(days=60)).date()
    keep_evidence(post=shot.post, reason="דין", owner=world.noam, review_on=review, by=world.noam, at=NOW)
    counting.fold(at=NOW)
    ask_archive(org=world.org, by=world.noam, at=NOW)
    world.client(world.dana).get("/inbox/")


def made(world: World) -> tuple[Archive, zipfile.ZipFile]:
    archive = ask_archive(org=world.org, by=world.noam, at=NOW)
    build(archive_id=archive.pk, also=[("talk.rawpost", leaving.raw_of)], files=leaving.files_of, at=NOW)
    archive.refresh_from_db()
    return archive, zipfile.ZipFile(io.BytesIO(path_of(archive).read_bytes()))


# --- the file -------------------------------------------------------------------------------------------------


def test_the_file_holds_everything_and_proves_it(world: World) -> None:
    fill(world)
    Archive.objects.all().delete()
    archive, file = made(world)
    manifest = json.loads(file.read("manifest.json"))["files"]
    named = {one["name"] for one in manifest}
    assert {f"{model._meta.label_lower}.jsonl" for model, _path in owned_models()} < named
    for one in manifest:
        data = file.read(one["name"])
        assert hashlib.sha256(data).hexdigest() == one["sha256"], one["name"]
        assert one.get("rows", data.count(b"\n")) == data.count(b"\n") or one["name"].startswith("media/")
    posts = [json.loads(line) for line in file.read("talk.post.jsonl").splitlines()]
    assert {post["text"] for post in posts} == set(Post.objects.values_list("text", flat=True))
    assert json.loads(file.read("talk.rawpost.jsonl").splitlines()[0])["payload"]["id"] == "c1"
    assert sum(name.startswith("media/") for name in named) == 1
    assert (archive.state, archive.digest) == ("ready", hashlib.sha256(path_of(archive).read_bytes()).hexdigest())


def test_no_secret_and_nothing_of_others_leaves(world: World) -> None:
    world.hear(said("a", "לומיקה"))
    world.noam.set_password("a quiet morning paper")
    world.noam.save()
    _archive, file = made(world)
    text = b"".join(file.read(name) for name in file.namelist()).decode()
    assert "argon2" not in text and "password" not in text and "gAAAA" not in text
    assert "omer" not in text and "פרוטל" not in text and "noam@example.test" in text


def test_one_at_a_time_for_seven_days_and_each_taking_is_written_down(world: World) -> None:
    archive, _file = made(world)
    path = path_of(archive)
    client = world.client(world.noam)
    taken = client.get(reverse("archive_file", args=[archive.pk]))
    assert b"".join(taken.streaming_content) == path.read_bytes()
    assert LedgerEntry.objects.filter(name="org.archive_taken", by=world.noam).count() == 1
    ask_archive(org=world.org, by=world.noam, at=NOW)
    with pytest.raises(CannotArchive):
        ask_archive(org=world.org, by=world.noam, at=NOW)
    assert drop_archives(at=NOW + timedelta(days=6)) == 0 and path.exists()
    assert drop_archives(at=NOW + timedelta(days=7)) == 1 and not path.exists()
    assert client.get(reverse("archive_file", args=[archive.pk])).status_code == 422


# --- the end --------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_left_and_nothing_of_others_is_touched(world: World) -> None:
    world.hear(said("z", "לומיקה"))
    counting.fold(at=NOW)
    before = tables()
    again = Org.objects.create(name="נרית")
    rebuilt = _rebuild(world, again)
    fill(rebuilt)
    assert tables() != before
    ask_removal(org=again, name="נרית", by=rebuilt.noam, at=NOW)
    assert remove_due(REMOVE, at=NOW + timedelta(days=6)) == 0 and Org.objects.filter(pk=again.pk).exists()
    assert remove_due(REMOVE, at=NOW + timedelta(days=7)) == 1
    after = tables()
    assert {name for name in after if after[name] != before.get(name)} == set()
    assert list(pictures.kept()) == [] and check(at=NOW).holds


def _rebuild(world: World, org: Org) -> World:
    """Another organisation that hears the same, with its own people."""
    team = Team.objects.create(org=org, name="לומיקה")
    people = {}
    for name, role in (("noam", "owner"), ("dana", "agent"), ("yael", "manager"), ("ido", "agent")):
        people[name] = User.objects.create_user(f"{name}@narit.test", None, name=name.title())
        Membership.objects.create(user=people[name], team=team, role=role)
    since = NOW - timedelta(days=30)
    brand = add_brand(org=org, name="לומיקה", names=["Lumika"], by=people["noam"], at=since)
    account = Account.objects.create(
        org=org,
        brand=brand,
        network="bluesky",
        external_id="did:l",
        handle="l",
        grant=seal({"a": "b"}),
        connected_at=since,
    )
    source = Source.objects.create(
        org=org, brand=brand, account=account, network="bluesky", kind=Source.Kind.MENTIONS, connected_at=since
    )
    return World(**{**vars(world), "org": org, "brand": brand, "account": account, "source": source, **people})


def test_it_needs_the_name_and_can_be_undone_for_a_week(world: World) -> None:
    with pytest.raises(CannotRemove):
        ask_removal(org=world.org, name="lumika", by=world.noam, at=NOW)
    ask_removal(org=world.org, name=" לומיקה ", by=world.noam, at=NOW)
    with pytest.raises(CannotRemove):
        ask_removal(org=world.org, name="לומיקה", by=world.noam, at=NOW)
    undo_removal(org=world.org, by=world.noam, at=NOW + timedelta(days=6))
    assert remove_due(REMOVE, at=NOW + timedelta(days=30)) == 0 and Org.objects.filter(pk=world.org.pk).exists()
    with pytest.raises(CannotRemove):
        undo_removal(org=world.org, by=world.noam, at=NOW)
    names = list(LedgerEntry.objects.filter(name__startswith="org.removal").values_list("name", flat=True))
    assert sorted(names) == ["org.removal_asked", "org.removal_undone"]


def test_every_table_of_ours_leads_to_an_organisation_or_is_known_not_to(db: None) -> None:
    """A new model that no foreign key leads to its organisation must be named here, with its reason."""
    owned = {model for model, _path in owned_models()} | {Org, User}
    ours = {model for model in apps.get_models() if model.__module__.startswith("siach.")}
    assert {model.__name__ for model in ours - owned} <= {
        "ReaderRun",  # a reader and its version, nobody's
        "PushKeys",  # the installation's own
        "SignInLink",  # of a user, with whom it goes
        *(model.__name__ for model in ours - owned if any(f.related_model is User for f in model._meta.fields)),
    }


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_page_is_the_owners_alone(world: World, language: str) -> None:
    world.noam.language = language
    world.noam.save()
    client, page = world.client(world.noam, language), reverse("leaving")
    assert client.post(reverse("archive_make", args=[world.org.pk])).status_code == 302
    assert "<progress" in client.get(page).text
    assert client.post(reverse("removal_ask", args=[world.org.pk]), {"name": "x"}).status_code == 422
    asked = client.post(reverse("removal_ask", args=[world.org.pk]), {"name": "לומיקה"}, follow=True).text
    assert reverse("removal_undo", args=[world.org.pk]) in asked
    client.post(reverse("removal_undo", args=[world.org.pk]))
    assert not Removal.objects.exists()
    for who in (world.yael, world.dana):
        assert world.client(who).get(page).status_code == 404


def test_omer_takes_and_removes_nothing_here(world: World) -> None:
    archive, _file = made(world)
    client = world.client(world.omer)
    assert client.get(reverse("archive_file", args=[archive.pk])).status_code == 404
    for name in ("archive_make", "removal_ask", "removal_undo"):
        assert client.post(reverse(name, args=[world.org.pk]), {"name": "לומיקה"}).status_code == 404
    assert not Removal.objects.exists()
