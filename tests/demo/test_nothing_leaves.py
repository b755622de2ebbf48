"""Nothing of a demo leaves Siach: no sign-in, no connector, no mail, no push, no call to a service."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail as outbox
from django.utils import timezone

from siach.demo import queries
from siach.demo.actions.founding import found
from siach.org import mail
from siach.org.models import Mail, NoticeDelivery, NoticeService, PushSubscription, User
from siach.org.notices import delivering, outside, push, tell
from siach.org.notices.preferences import Channel
from siach.org.seal import seal
from siach.talk import connections
from siach.talk.actions.sources import connect, pause, resume
from siach.talk.connections import NetworkError
from siach.talk.models import Account, Source
from siach.world.making import FEWEST
from tests.demo.test_demo import signed_in
from tests.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner() -> User:
    return queries.owner_of(found(end=NOW, posts=FEWEST, at=NOW))


def account_of(owner: User) -> Account:
    """An account with a grant that a connector could use."""
    org = owner.memberships.get().team.org
    return Account.objects.create(
        org=org,
        brand=org.brands.get(kind="own"),
        network="bluesky",
        external_id="did:aluma",
        handle="aluma.test",
        grant=seal({"access": "a", "refresh": "r", "service": "http://localhost:1"}),
        connected_at=NOW,
    )


def test_nobody_signs_in_to_a_network_for_it(owner: User) -> None:
    brand = owner.memberships.get().team.org.brands.get(kind="own")
    for ask in (
        lambda: connections.sign_in("bluesky", {"handle": "a", "password": "b"}, org=brand.org),
        lambda: connect(brand=brand, network="bluesky", answers={}, by=owner, at=NOW),
    ):
        with pytest.raises(NetworkError) as error:
            ask()
        assert (error.value.then, error.value.message) == ("never", connections.IS_DEMO)


def test_its_accounts_speak_and_hear_on_the_pretend_network_alone(
    owner: User, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of(owner)
    source = Source.objects.create(
        org=account.org, brand=account.brand, account=account, network="bluesky", kind="mentions", connected_at=NOW
    )

    def load(network: str) -> None:
        raise AssertionError(f"{network} was reached for")

    monkeypatch.setattr(connections, "load", load)
    connections.check_text(account, "x", None)
    assert connections.fetch(source).posts == ()
    with connections.connected(account) as link:
        sent = link.send("x", None, str(uuid.uuid4()))
    assert sent.url.startswith("https://bluesky.example/")
    with pytest.raises(ValueError, match="is no demo"):
        connections.stage_of(world.org)


def test_its_sources_are_never_due_even_resumed(owner: User) -> None:
    account = account_of(owner)
    source = Source.objects.create(
        org=account.org, brand=account.brand, network="bluesky", kind="search", query="x", connected_at=NOW
    )
    pause(source=source, by=owner, at=NOW)
    assert resume(source=source, by=owner, at=NOW).due_at is None


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_pages_that_connect_say_why_not(owner: User, language: str) -> None:
    owner.language = language
    owner.save()
    client = signed_in(owner.memberships.get().team.org, language)
    words = "networks are simulated" if language == "en" else "הרשתות מדומות"
    for page in ("/sources/connect/", "/sources/connect/bluesky/", "/sources/connect/mail/"):
        answer = client.get(page).text
        assert words in answer and 'type="password"' not in answer, page
    refused = client.post(
        "/sources/connect/bluesky/", {"f_handle": "a", "f_password": "b", "f_server": "https://x.example"}
    )
    assert refused.status_code == 422 and not Account.objects.exists()


def test_no_mail_of_it_is_handed_to_a_server(owner: User, world: World) -> None:
    org = owner.memberships.get().team.org
    of_it = mail.send("guest@example.test", "x", "x", "en", org=org, at=NOW)
    to_it = mail.send(owner.email.upper(), "x", "x", "en", at=NOW)
    others = mail.send(world.noam.email, "x", "x", "en", org=world.org, at=NOW)
    for row in (of_it, to_it, others):
        mail.deliver(mail_id=row.pk, at=NOW)
        row.refresh_from_db()
    assert [row.state for row in (of_it, to_it, others)] == [Mail.State.FAILED, Mail.State.FAILED, Mail.State.SENT]
    assert "demo" in of_it.error and [one.to for one in outbox.outbox] == [[world.noam.email]]


def test_no_notice_of_it_goes_out_by_any_way(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    org = owner.memberships.get().team.org
    said: list[object] = []
    monkeypatch.setattr(outside, "say", lambda *told: said.append(told))
    monkeypatch.setattr(push, "call", lambda *told: said.append(told))
    monkeypatch.setattr(mail, "send", lambda *told, **more: said.append(told))
    browser = PushSubscription.objects.create(
        user=owner, endpoint="https://p.example", sealed=b"", agent="", made_at=NOW
    )
    room = NoticeService.objects.create(
        org=org, name="x", network="x", sealed=seal({"address": "json://x.example"}), least_level=1, made_at=NOW
    )
    brand = org.brands.get(kind="own")
    notice = tell(
        "hold.set", to=[owner], org=org, brand=brand, level=4, subject=brand, url=("today", {}), at=NOW, by=owner.pk
    )[0]
    targets = {Channel.MAIL: 0, Channel.PUSH: browser.pk, Channel.SERVICE: room.pk}
    for channel, target in targets.items():
        NoticeDelivery.objects.create(notice=notice, channel=channel, target_id=target, due_at=NOW)
    assert delivering.deliver_due(at=NOW) == len(targets)
    assert said == [] and not NoticeDelivery.objects.filter(done_at=None).exists()
