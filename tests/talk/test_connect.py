"""Connecting an account: the network's own sign-in, what it refuses, and the same account anew."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.org.actions import add_brand
from siach.org.models import LedgerEntry, Org
from siach.org.seal import seal, unseal
from siach.talk import connections
from siach.talk.actions.sources import connect
from siach.talk.connections import Consent, Field, NetworkError, SignedIn
from siach.talk.models import Account, Source
from tests.world import NOW, World

pytestmark = pytest.mark.django_db

ANSWERS = {"f_handle": "lumika.test", "f_password": " pass word ", "f_service": "https://bsky.social"}


class Network:
    """Stands for the network's own sign-in."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.who = "did:new"
        self.error: NetworkError | None = None
        self.consent: Consent | None = None

    def sign_in(self, network: str, answers: Mapping[str, str], *, org: Org) -> tuple[SignedIn, bytes]:
        self.asked.append((network, dict(answers)))
        if self.error:
            raise self.error
        if self.consent:
            raise connections.GoesOn(self.consent)
        grant = connections.Grant({"access": f"fresh {len(self.asked)}"})
        return SignedIn(self.who, "new.test", "New <b>", grant), seal(grant.data)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    monkeypatch.setattr(connections, "sign_in", network.sign_in)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return network


def address(world: World, account: Account | None = None) -> str:
    return reverse("connect_network", args=["bluesky"]) + (f"?account={account.pk}" if account else "")


def test_a_new_account_is_heard_at_once(world: World, network: Network) -> None:
    answer = world.client(world.yael).post(address(world), ANSWERS)
    assert answer.url == reverse("sources")
    assert network.asked == [
        ("bluesky", {"handle": "lumika.test", "password": " pass word ", "service": "https://bsky.social"})
    ]
    account = Account.objects.get(external_id="did:new")
    assert (account.brand, account.handle, account.state) == (world.brand, "new.test", "live")
    assert unseal(account.grant) == {"access": "fresh 1"}
    assert b"fresh" not in bytes(account.grant)
    assert [(source.kind, source.query) for source in account.sources.order_by("pk")] == [
        ("mentions", ""),
        ("search", "לומיקה"),
        ("search", "Lumika"),
    ]
    assert set(account.sources.values_list("state", "connected_at", "due_at")) == {("live", NOW, NOW)}
    entry = LedgerEntry.objects.get(name="account.connected")
    assert (entry.by, entry.facts) == (world.yael, {"network": "bluesky"})


def test_the_same_account_anew(world: World, network: Network) -> None:
    network.who = world.account.external_id
    Account.objects.update(state="broken", error="x")
    Source.objects.update(state="broken", failures=4, error="x")
    paused = Source.objects.create(
        org=world.org,
        brand=world.brand,
        account=world.account,
        network="bluesky",
        kind="search",
        query="x",
        state="paused",
        connected_at=NOW,
    )
    world.client(world.yael).post(address(world, world.account), ANSWERS)
    account = Account.objects.get()
    assert (account.pk, account.state, account.error) == (world.account.pk, "live", "")
    assert unseal(account.grant) == {"access": "fresh 1"}
    world.source.refresh_from_db()
    paused.refresh_from_db()
    assert (world.source.state, world.source.due_at, world.source.failures) == ("live", NOW, 0)
    assert (paused.state, Source.objects.count()) == ("paused", 2)
    assert LedgerEntry.objects.filter(name="account.reconnected").count() == 1


@pytest.mark.parametrize("language", ["he", "en"])
def test_a_refusal_is_said_and_the_password_is_not_sent_back(world: World, network: Network, language: str) -> None:
    world.yael.language = language
    world.yael.save()
    network.error = NetworkError("Bluesky does not accept this handle and app password.", "never")
    answer = world.client(world.yael).post(address(world), ANSWERS)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert ("does not accept this handle" in shown) == (language == "en")
    assert 'role="alert"' in shown and "lumika.test" in shown and "pass word" not in shown
    assert Account.objects.count() == 1


def test_an_unknown_refusal_is_quoted(world: World, network: Network) -> None:
    network.error = NetworkError("The server answered 418: <b>teapot</b>", "never")
    shown = world.client(world.yael).post(address(world), ANSWERS).content.decode()
    assert "418: &lt;b&gt;teapot&lt;/b&gt;" in shown


@pytest.mark.parametrize("missing", ["f_handle", "f_password"])
def test_what_is_missing_is_asked_for_here(world: World, network: Network, missing: str) -> None:
    assert world.client(world.yael).post(address(world), {**ANSWERS, missing: ""}).status_code == 422
    assert network.asked == []


def test_one_of_several_brands(world: World, network: Network) -> None:
    second = add_brand(org=world.org, name="אורית", by=world.noam, at=NOW)
    yael = world.client(world.yael)
    assert yael.post(address(world), ANSWERS).status_code == 422
    assert yael.post(address(world), {**ANSWERS, "brand": world.other_brand.pk}).status_code == 422
    yael.post(address(world), {**ANSWERS, "brand": second.pk})
    assert Account.objects.get(external_id="did:new").brand == second


def test_a_rival_has_no_account_of_ours(world: World, network: Network) -> None:
    assert world.client(world.yael).post(address(world), {**ANSWERS, "brand": world.rival.pk}).status_code == 302
    assert Account.objects.get(external_id="did:new").brand == world.brand


def test_the_same_account_of_two_organisations_is_two(world: World, network: Network) -> None:
    network.who = world.account.external_id
    connect(brand=world.other_brand, network="bluesky", answers={}, by=world.omer, at=NOW)
    assert Account.objects.filter(external_id=world.account.external_id).count() == 2


def test_where_one_goes(world: World) -> None:
    yael = world.client(world.yael)
    chooser = yael.get(reverse("connect")).text
    for network, name in (("bluesky", "Bluesky"), ("mastodon", "Mastodon")):
        assert reverse("connect_network", args=[network]) in chooser and f"<b>{name}</b>" in chooser
    assert yael.get(reverse("connect_network", args=["nothing"])).status_code == 404
    for language in ("he", "en"):
        world.yael.language = language
        world.yael.save()
        for where in (address(world), address(world, world.account)):
            shown = yael.get(where)
            assert shown.status_code == 200
            assert f'dir="{"rtl" if language == "he" else "ltr"}"' in shown.content.decode()


# --- a sign-in in two steps ------------------------------------------------------------------------------------

SERVER_ALONE = {"f_server": "social.example", "f_token": ""}
CONSENT = Consent("https://social.example/oauth/authorize?x=1", Field("code", "Code"), {"client_secret": "shh"})


def hidden(page: str) -> str:
    found = re.search(r'name="kept" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", ["he", "en"])
def test_a_sign_in_goes_on_at_the_network_and_ends_here(world: World, network: Network, language: str) -> None:
    world.yael.language = language
    world.yael.save()
    client, where = world.client(world.yael, language), reverse("connect_network", args=["mastodon"])
    form = client.get(where).text
    assert {"he": "אסימון גישה", "en": "Access token"}[language] in form and 'name="f_server"' in form
    network.consent = CONSENT
    page = client.post(where, SERVER_ALONE).text
    assert f'href="{CONSENT.url}"' in page and "shh" not in page
    assert {"he": "יש לאשר בעמוד של", "en": "Approve on the page of"}[language] in page
    network.consent, network.error = None, NetworkError("This server does not accept the sign-in.", "never")
    refused = client.post(where, {"kept": hidden(page), "code": "old"})
    assert refused.status_code == 422
    assert {"he": "השרת אינו מקבל את הכניסה", "en": "does not accept the sign-in"}[language] in refused.text
    network.error = None
    assert client.post(where, {"kept": hidden(refused.text), "code": ""}).status_code == 422
    assert client.post(where, {"kept": hidden(refused.text), "code": "fresh"}).url == reverse("sources")
    assert network.asked[-1] == ("mastodon", {"client_secret": "shh", "code": "fresh"})
    account = Account.objects.get(network="mastodon")
    assert account.brand == world.brand and account.sources.count() == 3
    shown = client.get(reverse("sources")).text
    assert "Mastodon" in shown and "@new.test" in shown


def test_what_was_kept_is_good_for_its_own_brand_and_network_alone(world: World, network: Network) -> None:
    where = reverse("connect_network", args=["mastodon"])
    network.consent = CONSENT
    kept = hidden(world.client(world.yael).post(where, SERVER_ALONE).text)
    network.consent = None
    told = {"kept": kept, "code": "x"}
    assert world.client(world.omer).post(where, told).status_code == 404
    assert world.client(world.dana).post(where, told).status_code == 404
    assert world.client(world.yael).post(address(world), told).status_code == 404
    for made_up in ("", "nonsense", seal({"a": "b"}).decode()):
        assert world.client(world.yael).post(where, {"kept": made_up, "code": "x"}).status_code == 404
    assert not Account.objects.filter(network="mastodon").exists()


def test_an_outsider_and_an_agent_connect_nothing_of_ours(world: World, network: Network) -> None:
    omer, dana = world.client(world.omer), world.client(world.dana)
    assert omer.get(address(world, world.account)).status_code == 404
    assert omer.post(address(world, world.account), ANSWERS).status_code == 404
    assert dana.get(address(world)).status_code == 404
    assert dana.post(address(world), ANSWERS).status_code == 404
    assert network.asked == []
