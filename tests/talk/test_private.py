"""What was said in private: counted for all who read the Stream, read by those alone who hold the Inbox."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from siach.org.models import LedgerEntry, Mandate, Membership, Notice, ReadLog, User
from siach.org.rights import ROLES
from siach.talk import pictures
from siach.talk.models import Batch, Media, Mention, Mute, Post, SetAside
from siach.talk.queries.reach import authors_for, mentions_for, posts_for
from siach.talk.queries.stream import new_since, stream
from tests.talk.views import view_for
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db
OPEN = "לומיקה פתחה חנות בחיפה"
SECRET = "לומיקה, מספר הכרטיס שלי נגנב אצלכם, שירות גרוע"
REPLY = "תודה לומיקה, הסתדר"
PERIOD = "period=range&first=2026-11-01&last=2026-11-30"


@pytest.fixture
def reader(world: World) -> User:
    return world.join("rona", Membership.Role.READER)


@pytest.fixture
def heard(world: World) -> World:
    """A public post, a private message under it, and a public answer to that."""
    world.hear(said("open", OPEN, by="shop", at=NOW - timedelta(minutes=3)))
    world.hear(
        said(
            "secret",
            SECRET,
            by="whisperer",
            at=NOW - timedelta(minutes=2),
            parent="open",
            root="open",
            reason="mention",
            is_private=True,
        )
    )
    world.hear(said("reply", REPLY, by="shop", at=NOW - timedelta(minutes=1), parent="secret", root="open"))
    return world


def shown(client: Client, query: str = "") -> str:
    return client.get(f"/stream/?{PERIOD}&{query}").text


def keys(user: User, world: World, **asked: str) -> set[str]:
    return {card.post.key for card in stream(view_for(user, at=world.at, **asked)).cards}


def test_the_stream_lists_it_to_those_alone_who_read_the_inbox(heard: World, reader: User) -> None:
    assert keys(heard.dana, heard) == {"open", "secret", "reply"}
    assert keys(reader, heard) == {"open", "reply"}
    assert keys(reader, heard, q="לומיקה") == {"open", "reply"} and not keys(reader, heard, q="נגנב")
    assert stream(view_for(reader, at=heard.at, q="לומיקה")).total == 2
    assert stream(view_for(heard.dana, at=heard.at, q="לומיקה")).total == 3
    assert new_since(view_for(reader, at=heard.at), 0, at=heard.at) == 2
    assert new_since(view_for(heard.dana, at=heard.at), 0, at=heard.at) == 3
    assert stream(view_for(reader, at=heard.at)).total == 3, "numbers are numbers"

    for query in ("", "q=לומיקה", "q=נגנב"):
        page = shown(heard.client(reader), query)
        assert "נגנב" not in page.replace('value="נגנב"', "").replace("q=נגנב", "") and "Whisperer" not in page
    page = shown(heard.client(heard.dana))
    assert "נגנב" in page and page.count("הודעה פרטית") == 1
    assert REPLY in shown(heard.client(reader)), "the answer itself was said to everybody"


def test_its_own_pages_are_not_there_for_a_reader(
    heard: World, reader: User, settings: object, tmp_path: object
) -> None:
    settings.SIACH_HOME = tmp_path  # type: ignore[attr-defined]
    secret, first = Post.objects.get(key="secret"), Post.objects.get(key="open")
    client, dana = heard.client(reader), heard.client(heard.dana)
    mention = Mention.objects.get(post=secret)
    kept = Media.objects.create(org=heard.org, post=secret, sha256="0" * 64, kind="image/png", size=1)
    pictures.path_of(kept.sha256).parent.mkdir(parents=True)
    pictures.path_of(kept.sha256).write_bytes(b"x")
    pages = (("post", secret.pk), ("why", mention.pk), ("picture", pictures.token(kept.pk)))
    for address in (reverse(name, args=[pk]) for name, pk in pages):
        assert client.get(address).status_code == 404, address
        assert dana.get(address).status_code == 200, address
    assert client.get(reverse("share", args=[secret.pk])).status_code == 404
    assert client.post(reverse("mute_add"), {"author": secret.author_id}).status_code == 404
    around = client.get(reverse("post", args=[first.pk])).text
    assert "נגנב" not in around and "Whisperer" not in around and REPLY in around
    assert not ReadLog.objects.filter(by=reader).exists()
    assert set(authors_for(reader, "stream.read").values_list("handle", flat=True)) == {"shop.test"}

    Mute.objects.create(user=reader, author=secret.author, made_at=NOW)
    assert "Whisperer" not in client.get(reverse("muted")).text
    SetAside.objects.create(post=secret, batch=Batch.objects.latest("pk"), step="x", error="y", at=NOW)
    assert "נגנב" not in client.get(reverse("sources")).text
    assert "נגנב" in heard.client(heard.yael).get(reverse("sources")).text


@pytest.mark.parametrize(("language", "tag"), [("he", "הודעה פרטית"), ("en", "private message")])
def test_who_may_read_it_is_written_down_and_offered_no_way_to_hand_it_on(
    heard: World, language: str, tag: str
) -> None:
    heard.dana.language = language
    heard.dana.save()
    dana, secret, first = heard.client(heard.dana), Post.objects.get(key="secret"), Post.objects.get(key="open")
    page = dana.get(reverse("post", args=[secret.pk])).text
    assert "נגנב" in page and tag in page
    assert reverse("share", args=[secret.pk]) not in page and "data-print" not in page
    assert "data-print" in dana.get(reverse("post", args=[first.pk])).text
    assert dana.get(reverse("share", args=[secret.pk])).status_code == 404
    assert reverse("share", args=[secret.pk]) not in shown(dana) and reverse("share", args=[first.pk]) in shown(dana)
    dana.get(reverse("post", args=[secret.pk]))
    (look,) = ReadLog.objects.all()
    assert (look.by, look.what, look.person, look.subject) == (heard.dana, "message", secret.author_id, secret.pk)
    case = LedgerEntry.objects.filter(name="case.opened").latest("pk").subject_id
    assert tag in dana.get(reverse("case", args=[case])).text
    assert ReadLog.objects.filter(what="case", subject=case).count() == 1


def test_an_agency_reads_it_as_far_as_its_mandate_lends_the_inbox(heard: World) -> None:
    ido = heard.ido
    assert keys(ido, heard) == {"open", "secret", "reply"}
    Mandate.objects.filter(pk=heard.mandate.pk).update(data_scope="cases")
    assert "secret" in keys(ido, heard), "as narrow as the Stream is the Inbox"
    Mandate.objects.filter(pk=heard.mandate.pk).update(data_scope="brand", rights=["stream.read", "case.open"])
    assert keys(ido, heard) == {"open", "reply"}
    for right in ("stream.read", "case.open"):
        assert set(posts_for(ido, right).values_list("key", flat=True)) == {"open", "reply"}
        assert set(mentions_for(ido, right).values_list("post__key", flat=True)) == {"open", "reply"}
        assert set(authors_for(ido, right).values_list("handle", flat=True)) == {"shop.test"}
    page = shown(heard.client(ido), f"brand={heard.brand.pk}")
    assert "נגנב" not in page and "Whisperer" not in page and REPLY in page


def test_each_brand_by_its_own_right(heard: World, reader: User) -> None:
    """A reader at Lumika who answers for another organisation reads what is private there, and not here."""
    Membership.objects.create(user=reader, team=heard.other_org.teams.get(), role=Membership.Role.AGENT)
    there = {"brand": heard.other_brand, "org": heard.other_org}
    post = Post.objects.get(key="open")
    theirs = Post.objects.get(key="secret")
    theirs.pk, theirs.key, theirs.org = None, "theirs", heard.other_org
    theirs.save()
    of = Mention.objects.get(post=post)
    of.pk, of.post, of.brand, of.org = None, theirs, there["brand"], there["org"]
    of.save()
    assert keys(reader, heard, brand="all") == {"open", "reply", "theirs"}
    assert set(posts_for(reader, "stream.read").values_list("key", flat=True)) == {"open", "reply", "theirs"}


def test_words_of_danger_in_private_name_nobody_to_who_is_on_call(world: World) -> None:
    world.hear(said("d", "המנורה של לומיקה התחשמלתי ממנה, סכנה!", by="hurt", reason="mention", is_private=True))
    assert Notice.objects.filter(kind="case.unsafe").exists()
    page = world.client(world.yael).get(reverse("notices")).text
    assert "חשש לבטיחות: הודעה פרטית" in page and "Hurt" not in page


def test_what_was_heard_in_private_before_is_found_when_the_tables_move_forward(heard: World) -> None:
    heard.account.network = "mastodon"
    heard.account.save()
    Post.objects.update(network="mastodon", is_private=False)
    for key, visibility in (("open", "unlisted"), ("secret", "direct"), ("reply", "private")):
        Post.objects.filter(key=key).update(target={"visibility": visibility})
    with connection.cursor() as cursor:
        cursor.execute(import_module("siach.talk.migrations.0012_post_is_private").Migration.operations[1].sql)
    assert set(Post.objects.filter(is_private=True).values_list("key", flat=True)) == {"secret", "reply"}


def test_every_role_that_sees_words_beyond_the_stream_reads_the_inbox() -> None:
    """Evidence, Activity, approvals, requests of people and what was set aside ask for no more than these rights."""
    beyond = {"evidence.keep", "evidence.release", "activity.read", "approval.decide", "privacy.manage"}
    beyond |= {"source.manage", "case.open", "case.answer", "reading.correct", "author.mark", "org.manage"}
    for role, rights in ROLES.items():
        assert "inbox.read" in rights or not beyond & rights, role


def test_a_reader_costs_the_stream_one_question_more(heard: World, reader: User) -> None:
    def asked(user: User) -> int:
        client = heard.client(user)
        shown(client)
        with CaptureQueriesContext(connection) as spent:
            shown(client)
        return len(spent)

    legal = heard.join("lior", Membership.Role.SPOKESPERSON)
    assert asked(reader) <= asked(legal) + 1
