"""A folder is all a connector takes, as docs/add-a-connector.md says: here examples/pigeon, and a server of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from siach import networks
from siach.care import actions as care
from siach.care.models import Case
from siach.networks import registry
from siach.networks.contract import Grant, NetworkError
from siach.networks.guard import ALLOW_LOCAL
from siach.talk.actions import listening, sending
from siach.talk.models import Account, Outgoing, Post, Source
from tests.networks import test_contract as suite
from tests.networks.bad_server import FAULTS, BadServer
from tests.world import World

NAME = "pigeon"
SAID = "לומיקה, המנורה הגיעה שבורה ואיש לא עונה לי"


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder stands where connectors are looked for."""
    folder = Path(__file__).parent / "examples"
    monkeypatch.setattr(registry, "FOLDERS", [*registry.FOLDERS, folder])
    monkeypatch.setattr(networks, "__path__", [*networks.__path__, str(folder)])
    monkeypatch.setitem(suite.GRANTS, NAME, lambda url: Grant({"server": url, "key": "refresh"}))
    registry.names.cache_clear()
    yield
    registry.names.cache_clear()
    registry.load.cache_clear()


@pytest.fixture
def server(bad: BadServer, monkeypatch: pytest.MonkeyPatch) -> BadServer:
    """Pigeon's server: it holds one letter, and keeps what is sent to it, once for a key."""
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    letter = {"id": "7", "author": "noa", "text": SAID, "at": datetime.now(UTC).timestamp()}
    kept: dict[str, dict[str, Any]] = {}

    def letters(params: Any, body: Any) -> object:
        if body is None:
            after = int(params["after"][0])
            return {"letters": [letter] if after < 7 else [], "last": 7}
        return kept.setdefault(body["key"], body | {"id": str(100 + len(kept))})

    bad.answers["/me"] = lambda params, body: {"id": "1", "handle": "lumika", "name": "לומיקה"}
    bad.answers["/letters"] = letters
    bad.answers["/letters/sent"] = lambda params, body: kept.get(params["key"][0], {"absent": True})
    bad.any = {"kept": kept}
    return bad


@pytest.mark.parametrize(
    "check",
    [
        suite.test_declares_what_it_is,
        suite.test_tells_its_limits_rights_cost_and_keeping,
        suite.test_without_a_grant_everything_asks_to_sign_in,
        suite.test_too_long_text_is_refused_in_words,
    ],
)
def test_the_suite_takes_it(check: Any) -> None:
    check(NAME)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("hang", "drip")])
def test_no_fault_of_its_network_gets_through(fault: str, bad: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    made = networks.load(NAME)(suite.GRANTS[NAME](bad.url), sleep=lambda _: None)
    suite.test_reads_never_let_a_fault_through(made, bad, fault)
    suite.test_writes_never_let_a_fault_through(made, bad, fault)


@pytest.mark.django_db
@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answered, and nobody heard so"])
def test_one_posts_trip(lost: bool, world: World, server: BadServer) -> None:
    yael = world.client(world.yael)
    assert "Pigeon" in yael.get(reverse("connect")).text, "it is offered"
    form = reverse("connect_network", args=[NAME])
    assert 'name="f_key"' in yael.get(form).text
    assert yael.post(form, {"f_server": server.url, "f_key": "secret"}).url == reverse("sources")
    account = Account.objects.get(network=NAME)
    source = account.sources.get(kind=Source.Kind.MENTIONS)
    Source.objects.filter(pk=source.pk).update(connected_at=timezone.now() - timedelta(hours=1))
    listening.listen(source_id=source.pk, at=timezone.now())
    world.carry()
    assert SAID in world.client(world.dana).get(reverse("stream")).text

    post = Post.objects.get(network=NAME)
    reply = care.answer(
        case=Case.objects.get(post=post), post=post, body="סליחה, בודקים", by=world.dana, at=timezone.now()
    )
    Outgoing.objects.update(not_before=timezone.now())
    if lost:
        server.spoil("reset", "/letters")
    for minutes in range(0, 8, 2):
        sending.send(outgoing_id=reply.outgoing_id, at=timezone.now() + timedelta(minutes=minutes))
    reply.outgoing.refresh_from_db()
    assert (reply.outgoing.state, reply.outgoing.external_id) == (Outgoing.State.SENT, "100")
    assert [(one["to"], one["text"]) for one in server.any["kept"].values()] == [("7", "סליחה, בודקים")]  # type: ignore[attr-defined]


def test_a_wrong_key_is_told_in_words(bad: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    bad.spoil("unauthorised")
    with pytest.raises(NetworkError) as failure:
        networks.load(NAME)().sign_in({"server": bad.url, "key": "x"})
    assert failure.value.then == "renew"
