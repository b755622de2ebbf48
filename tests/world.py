"""The cast of the tests: who they are, what they run, and posts for them to hear.

Dana answers, Noam owns, Yael manages the brand, Ido leads the agency, which helps Lumika and runs Tamrina, a client
of its own. Omer is an outsider and appears in every test of a page.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from siach.org.actions import add_brand
from siach.org.models import Brand, Mandate, Membership, Org, Team, User
from siach.org.rights import MANDATED
from siach.org.seal import seal
from siach.talk.actions.taking import Taken, take_in
from siach.talk.connections import FetchedAuthor, FetchedMetrics, FetchedPost
from siach.talk.models import Account, Batch, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)
PASSWORD = "a quiet morning paper"


def said(
    id: str,
    text: str,
    *,
    by: str = "fan",
    at: datetime = NOW,
    parent: str | None = None,
    root: str | None = None,
    reason: str = "search",
    **more: object,
) -> FetchedPost:
    """A post as a connector would hand it over."""
    return FetchedPost(
        external_id=id,
        url=f"https://social.example/{id}",
        text=text,
        said_at=at,
        author=FetchedAuthor(external_id=f"did:{by}", handle=f"{by}.test", name=by.title(), followers=120),
        parent_external_id=parent,
        root_external_id=root,
        reason=reason,  # type: ignore[arg-type]
        raw={"id": id, "text": text},
        target={"uri": id, "cid": f"cid-{id}"},
        metrics=more.pop("metrics", FetchedMetrics()),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


@dataclass
class World:
    org: Org
    brand: Brand
    rival: Brand
    account: Account
    source: Source
    dana: User
    noam: User
    yael: User
    ido: User
    omer: User
    other_org: Org
    other_brand: Brand
    agency: Org
    agency_team: Team
    mandate: Mandate
    led_brand: Brand
    at: datetime = NOW
    _clients: dict[int, Client] = field(default_factory=dict)

    def client(self, user: User, language: str = "he") -> Client:
        """A browser in which this person is signed in."""
        client = Client(headers={"accept-language": language})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def join(self, name: str, role: str) -> User:
        """One more person of Lumika's own team."""
        return _person(name, Team.objects.get(org=self.org, memberships__user=self.noam), role)

    def hear(self, *posts: FetchedPost, source: Source | None = None, at: datetime | None = None) -> Taken:
        """Take posts in and carry them through the whole pipeline."""
        taken = take_in(posts, source=source or self.source, at=at or self.at)
        self.carry(taken.batches)
        return taken

    def carry(self, batches: Iterable[int] | None = None) -> None:
        from siach.background import PIPELINE
        from siach.talk.actions.carrying import carry

        open_ones = Batch.objects.filter(done_at__isnull=True).order_by("pk").values_list("pk", flat=True)
        for pk in open_ones if batches is None else batches:
            carry(pk, PIPELINE, at=self.at)


#: What the agency that helps at the peak may do: answer, and see what it answers to.
HELPS = ("today.read", "stream.read", "inbox.read", "case.open", "case.answer", "reading.correct")


def lend(brand: Brand, team: Team, *, by: User | None = None, **more: object) -> Mandate:
    """A mandate on a brand, in force since long ago and without an end, as `more` does not say otherwise."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    told: dict[str, object] = {
        "rights": list(HELPS),
        "data_scope": Mandate.Scope.BRAND,
        "since": long_ago,
        "agreement": "DPA-17",
        "agreed_on": long_ago.date(),
        "granted_by": by,
        "granted_at": long_ago,
        "accepted_at": long_ago,
        "code_digest": secrets.token_hex(32),
        "code_until": long_ago,
    }
    return Mandate.objects.create(org=brand.org, brand=brand, team=team, **(told | more))


def _person(name: str, team: Team, role: str) -> User:
    user = User.objects.create_user(f"{name}@example.test", None, name=name.title())
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture
def world(db: None) -> World:
    """Lumika (לומיקה), a fictional maker of lamps, its rival Bronil, and somebody else's organisation."""
    since = NOW - timedelta(days=30)
    org = Org.objects.create(name="לומיקה")
    team = Team.objects.create(org=org, name="לומיקה")
    other = Org.objects.create(name="פרוטל")
    elsewhere = Team.objects.create(org=other, name="פרוטל")
    noam = _person("noam", team, Membership.Role.OWNER)
    brand = add_brand(org=org, name="לומיקה", names=["Lumika", "@lumika.test"], by=noam, at=since)
    rival = add_brand(org=org, name="ברוניל", names=["Bronil"], kind=Brand.Kind.RIVAL, by=noam, at=since)
    account = Account.objects.create(
        org=org,
        brand=brand,
        network="bluesky",
        external_id="did:lumika",
        handle="lumika.test",
        grant=seal({"access": "a", "refresh": "r", "service": "http://localhost:1"}),
        connected_at=since,
    )
    source = Source.objects.create(
        org=org,
        brand=brand,
        account=account,
        network="bluesky",
        kind=Source.Kind.MENTIONS,
        connected_at=since,
    )
    omer = _person("omer", elsewhere, Membership.Role.OWNER)
    agency = Org.objects.create(name="סוכנות ארגמן", kind=Org.Kind.AGENCY)
    agency_team = Team.objects.create(org=agency, name="מוקד ארגמן", kind=Team.Kind.AGENCY)
    led = add_brand(org=Org.objects.create(name="תמרינה"), name="תמרינה", names=["Tamrina"], by=None, at=since)
    lend(led, agency_team, mode=Mandate.Mode.LEADS, rights=sorted(MANDATED))
    return World(
        org=org,
        brand=brand,
        rival=rival,
        account=account,
        source=source,
        noam=noam,
        dana=_person("dana", team, Membership.Role.AGENT),
        yael=_person("yael", team, Membership.Role.MANAGER),
        ido=_person("ido", agency_team, Membership.Role.LEAD),
        omer=omer,
        other_org=other,
        other_brand=add_brand(org=other, name="פרוטל", by=omer, at=since),
        agency=agency,
        agency_team=agency_team,
        mandate=lend(brand, agency_team, by=noam),
        led_brand=led,
    )
