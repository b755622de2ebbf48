"""A mailbox, from a real IMAP server and a false one: every mail once, nothing changed, nothing sent in the open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siach.networks.contract import FetchedPost, NetworkError, SourceSpec
from siach.networks.guard import ALLOW_LOCAL
from siach.networks.mail import connector as mail
from siach.networks.mail.connector import Connector
from tests.networks.mail_server import FAULTS, PASSWORD, USER, BadMail, MailServer, bad_mail, certificate, mail_server

ALL = SourceSpec("all")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEAD = "From: Rina <rina@x.example>\nTo: service@lumika.example\nDate: Tue, 24 Nov 2026 09:30:00 +0200\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("imap")) as made:
        yield made


@pytest.fixture
def trusted(server: MailServer, local: None, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.known))
    return server


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> str:
    return "".join(one for one in request.node.name if one.isalnum())


def answers(port: int, folder: str, **more: str) -> dict[str, str]:
    told = {"server": "localhost", "port": str(port), "name": USER, "password": PASSWORD, "folder": folder}
    return told | more


def connected(server: MailServer, folder: str) -> Connector:
    """Signed in already, to a folder that there is."""
    server.wire.create(folder)
    grant = mail.Grant({**answers(server.port, folder), "place": f"{USER}/{folder}"})
    return Connector(grant, clock=lambda: NOW, seconds=5)


def only(server: MailServer, folder: str, raw: str | bytes) -> FetchedPost:
    server.deliver(folder, raw, at=NOW)
    (post,) = connected(server, folder).fetch(ALL, {}).posts
    return post


def test_a_mail_is_a_private_post(trusted: MailServer, folder: str) -> None:
    post = only(
        trusted,
        folder,
        HEAD + "Subject: =?utf-8?B?157XoNeV16jXlA==?=\nMessage-ID: <1@x.example>\n"
        'Content-Type: text/plain; charset="utf-8"\n\nהמנורה הגיעה שבורה.\n\n-- \nרינה לוי\n03-5555555\n',
    )
    assert post.text == "מנורה\n\nהמנורה הגיעה שבורה." and post.is_private and post.reason == "mention"
    assert post.external_id == f"{USER}/{folder}:1@x.example" and post.parent_external_id is None
    assert (post.author.external_id, post.author.name) == ("rina@x.example", "Rina")
    assert post.said_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert "03-5555555" in str(post.raw["text"]), "the whole stays in raw"
    assert b"Seen" not in bytes(str(trusted.flags(folder)), "utf-8"), "and nothing is marked"


def test_an_answer_joins_its_thread_and_says_its_own_words_alone(trusted: MailServer, folder: str) -> None:
    post = only(
        trusted,
        folder,
        HEAD + "Subject: Re: lamp\nMessage-ID: <3@x.example>\nIn-Reply-To: <2@lumika.example>\n"
        "References: <1@x.example>\n <2@lumika.example>\n\nStill broken.\n\n"
        "On Mon, 23 Nov 2026 at 09:00, Lumika <service@lumika.example>\nwrote:\n\n> We are looking.\n> Lumika\n",
    )
    place = f"{USER}/{folder}"
    assert post.text == "Still broken."
    assert (post.parent_external_id, post.root_external_id) == (f"{place}:2@lumika.example", f"{place}:1@x.example")


def test_every_mail_comes_once_in_pages(trusted: MailServer, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MOST_MAILS", 2)
    trusted.deliver(folder, *[HEAD + f"Message-ID: <{one}@x>\n\nn{one}\n" for one in range(3)], at=NOW)
    heard, texts, cursor = connected(trusted, folder), [], {}
    for _page in range(2):
        page = heard.fetch(ALL, cursor)
        texts, cursor = texts + [post.text for post in page.posts], page.cursor
    assert texts == ["n0", "n1", "n2"] and not page.more and page.final
    assert page.not_before == NOW + timedelta(minutes=1)
    quiet = heard.fetch(ALL, cursor)
    assert quiet.posts == () and quiet.cursor == cursor
    trusted.deliver(folder, HEAD + "Message-ID: <4@x>\n\nn4\n", at=NOW)
    assert [post.text for post in heard.fetch(ALL, cursor).posts] == ["n4"]


def test_a_new_numbering_begins_anew(trusted: MailServer, folder: str) -> None:
    trusted.deliver(folder, HEAD + "Message-ID: <1@x>\n\na\n", HEAD + "Message-ID: <2@x>\n\nb\n", at=NOW)
    heard = connected(trusted, folder)
    page = heard.fetch(ALL, {})
    trusted.begin_anew(folder)
    trusted.deliver(folder, HEAD + "Message-ID: <2@x>\n\nb\n", at=NOW)
    again = heard.fetch(ALL, page.cursor)
    assert [post.text for post in again.posts] == ["b"] and again.cursor["validity"] != page.cursor["validity"]


def test_an_empty_folder_of_a_hebrew_name_is_listened_to(trusted: MailServer) -> None:
    from siach.networks.mail.box import encoded

    name = "פניות & תלונות"
    assert encoded("~peter/台北") == "~peter/&U,BTFw-"
    trusted.wire.create(f'"{encoded(name)}"')
    who = Connector(clock=lambda: NOW, seconds=5).sign_in(answers(trusted.port, name))
    assert (who.external_id, who.name) == (f"{USER}/{name}",) * 2  # type: ignore[union-attr]
    heard = Connector(who.grant, clock=lambda: NOW, seconds=5)  # type: ignore[union-attr]
    page = heard.fetch(ALL, {})
    assert page.posts == () and not page.more
    assert heard.fetch(ALL, page.cursor).cursor == page.cursor


@pytest.mark.parametrize(
    ("change", "then", "said"),
    [
        ({"password": "wrong"}, "never", "does not accept"),
        ({"folder": "nowhere"}, "never", "no such folder"),
        ({"port": "0"}, "never", "port"),
        ({"port": "x"}, "never", "port"),
        ({"server": "u:p@localhost"}, "never", "not a server address"),
        ({"server": "localhost:143"}, "never", "not a server address"),
    ],
)
def test_a_wrong_sign_in_says_what_is_wrong(trusted: MailServer, change: dict[str, str], then: str, said: str) -> None:
    with pytest.raises(NetworkError, match=said) as failure:
        Connector(seconds=3).sign_in(answers(trusted.port, "INBOX") | change)
    assert failure.value.then == then and PASSWORD not in failure.value.message


def test_a_password_that_no_longer_holds_asks_for_a_person(trusted: MailServer) -> None:
    changed = mail.Grant(answers(trusted.port, "INBOX", password="old", place="x"))
    with pytest.raises(NetworkError) as failure:
        Connector(changed, seconds=3).fetch(ALL, {})
    assert failure.value.then == "renew"


def test_a_certificate_that_nobody_knows_is_refused(server: MailServer, local: None) -> None:
    with pytest.raises(NetworkError, match="certificate") as failure:
        Connector(seconds=3).sign_in(answers(server.port, "INBOX"))
    assert failure.value.then == "never"


def test_an_inner_server_is_refused_before_connecting(bad: BadMail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_LOCAL, raising=False)
    with pytest.raises(NetworkError, match="private network") as failure:
        Connector(seconds=1).sign_in(answers(bad.port, "INBOX"))
    assert failure.value.then == "never" and bad.heard == []


@pytest.fixture
def bad(tmp_path: Path, local: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[BadMail]:
    known, secret = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    with bad_mail(known, secret) as made:
        yield made


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        *[(at, fault) for at in ("", "FETCH") for fault in FAULTS],
        *[(at, fault) for at in ("STARTTLS", "LOGIN", "EXAMINE") for fault in ("garbage", "closed")],
    ],
)
def test_no_fault_gets_through(bad: BadMail, at: str, fault: str) -> None:
    bad.at, bad.fault = at, fault
    heard = Connector(mail.Grant(answers(bad.port, "INBOX", password="secret", place="x")), seconds=0.3)
    with pytest.raises(NetworkError) as failure:
        heard.fetch(ALL, {})
    assert failure.value.then == "retry_at"


def test_nothing_is_said_before_the_connection_is_encrypted(bad: BadMail) -> None:
    bad.at, bad.fault = "STARTTLS", "closed"
    with pytest.raises(NetworkError):
        Connector(seconds=1).sign_in(answers(bad.port, "INBOX", password="secret"))
    assert not any(b"secret" in line for line in bad.heard)
