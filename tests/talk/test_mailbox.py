"""A mailbox's trip over a real IMAP server: connected by the page, heard in private, and out of its sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.care.models import Case
from siach.networks.guard import ALLOW_LOCAL
from siach.org.seal import seal, unseal
from siach.talk.actions import listening
from siach.talk.models import Account, Mention, Post, Source
from tests.networks.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.world import World

pytestmark = pytest.mark.django_db
WHERE = reverse("connect_network", args=["mail"])


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    with mail_server(tmp_path) as made:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.known))
        yield made


def hear(world: World, source: Source) -> int:
    Source.objects.filter(pk=source.pk).update(due_at=timezone.now())
    heard = listening.listen(source_id=source.pk, at=timezone.now())
    world.at = timezone.now()
    world.carry()
    source.refresh_from_db()
    return heard


def letter(id: str, words: str, *more: str) -> str:
    head = ["From: =?utf-8?B?16jXmdeg15Q=?= <rina@x.example>", f"Message-ID: <{id}@x.example>", *more]
    head += [f"Date: {format_datetime(timezone.now())}", "Content-Type: text/plain; charset=utf-8", "", words]
    return "\n".join(head)


def test_what_is_written_to_the_brand_is_heard_in_private(world: World, server: MailServer) -> None:
    yael, dana = world.client(world.yael), world.client(world.dana)
    told = {"f_server": "localhost", "f_port": str(server.port), "f_name": USER, "f_folder": "", "f_password": "no"}
    refused = yael.post(WHERE, told)
    assert refused.status_code == 422 and "השרת אינו מקבל את הכניסה" in refused.text and "localhost" in refused.text
    assert yael.post(WHERE, told | {"f_password": PASSWORD}).url == reverse("sources")
    account = Account.objects.get(network="mail")
    source = account.sources.get()
    assert (account.handle, source.kind, unseal(bytes(account.grant))["password"]) == (USER, "all", PASSWORD)
    assert USER in yael.get(reverse("sources")).text and PASSWORD not in yael.get(reverse("sources")).text

    hear(world, source)
    assert not Case.objects.filter(post__network="mail").exists(), "what lay there is history"
    Source.objects.filter(pk=source.pk).update(connected_at=timezone.now() - timedelta(minutes=5))
    server.deliver("INBOX", letter("1", "הגיע שבור ואף אחד לא עונה לי כבר שבוע"))
    assert hear(world, source) == 1
    post = Post.objects.get(key=f"{USER}:1@x.example")
    assert post.is_private and Mention.objects.get(post=post).via == Mention.Via.ADDRESSED
    case = Case.objects.get(post=post)
    shown = dana.get(reverse("case", args=[case.pk])).text
    assert "הגיע שבור" in shown and "רינה" in shown and ">rina@x.example<" in shown, "no @ stands before an address"
    assert "שיח רק מאזין כאן" in shown
    reader = world.client(world.join("roni", "reader"))
    assert "הגיע שבור" not in reader.get(reverse("stream")).text

    more = ("In-Reply-To: <1@x.example>", "References: <1@x.example>")
    server.deliver("INBOX", letter("2", "נו?\n\nOn Monday, Lumika <s@l.example> wrote:\n> סליחה\n", *more))
    server.deliver("INBOX", letter("1", "מישהו אחר משנה את המילים"))
    hear(world, source)
    answer = Post.objects.get(key=f"{USER}:2@x.example")
    assert (answer.thread, answer.parent, answer.text) == (post.thread, post, "נו?")
    post.refresh_from_db()
    assert "הגיע שבור" in post.text, "a Message-ID that is known changes nothing"

    Account.objects.update(grant=seal({**unseal(bytes(account.grant)), "password": "old"}))
    hear(world, source)
    shown = yael.get(reverse("sources")).text
    assert f"{WHERE}?account={account.pk}" in shown and "אינו מקבל את הכניסה" in shown
    form = yael.get(f"{WHERE}?account={account.pk}").text
    assert f'value="{USER}"' in form and 'value="INBOX"' in form and PASSWORD not in form
    again = yael.post(f"{WHERE}?account={account.pk}", told | {"f_password": PASSWORD})
    assert again.url == reverse("sources") and hear(world, source) == 0 and source.state == "live"
