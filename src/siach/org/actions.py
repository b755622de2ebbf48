"""Deeds on ourselves: coming in, the first organisation, brands and their names, goals."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.models import Brand, Goal, Hold, Membership, Org, SignInLink, Team, User
from siach.org.queries import first_owner, has_people
from siach.ui.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

LINK_LIFE = timedelta(hours=12)
#: Stands in the session of whoever came by a link while nobody was here.
FIRST_RUN = "first_run"
DEFAULT_GOALS: dict[str, tuple[str, int]] = {
    Goal.Layer.PRESERVE: (Goal.Measure.POSITIVE_MENTIONS, 50),
    Goal.Layer.IMPROVE: (Goal.Measure.NET_SENTIMENT, 10),
    Goal.Layer.SERVE: (Goal.Measure.ANSWERED_SHARE, 80),
}


class Refused(Exception):
    """A deed that cannot be done; the message says why in the reader's language."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in_link(*, at: datetime, address: str, user: User | None = None) -> str:
    """A link that signs its first visitor in, once, within twelve hours.

    Without a user: the first owner's, or, while nobody exists, the one that opens the first run.
    """
    user = user or first_owner()
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(digest=_digest(token), user=user, made_at=at, expires_at=at + LINK_LIFE)
    return address.rstrip("/") + reverse("enter", args=[token])


@transaction.atomic
def use_link(*, token: str, at: datetime) -> SignInLink:
    """Spend a one-time link. Refused when it was used, ran out, or never was."""
    link = SignInLink.objects.select_for_update().filter(digest=_digest(token)).first()
    if link is None or not link.is_open(at=at):
        raise Refused(_("This link was already used or has expired. Whoever runs this Siach can print a new one."))
    if link.user is None and has_people():
        raise Refused(_("Siach is already set up. Sign in with your email and password."))
    link.used_at = at
    link.save(update_fields=["used_at"])
    return link


@transaction.atomic
def found_org(*, name: str, owner: Mapping[str, str], language: str, at: datetime, zone: str = "") -> Org:
    """The first organisation with its in-house team and its owner (`email`, `name`, `password`). Of a demo beside it
    nobody is in it.

    Where an import came before anybody, its one organisation becomes this one and keeps what it holds.
    """
    user = new_person(owner, language=language)
    org = _waiting_org() or Org()
    org.name, org.language, org.zone = name, language, zone or org.zone
    org.save()
    team = Team.objects.create(org=org, name=name)
    Membership.objects.create(user=user, team=team, role=Membership.Role.OWNER)
    record("org.founded", org, by=user, at=at, org=org)
    return org


def new_person(told: Mapping[str, str], *, language: str) -> User:
    """A person with `email`, `name` and `password`. Refused for a weak password, or an address that is here."""
    email = told["email"].strip().lower()
    try:
        validate_password(told["password"], User(email=email, name=told["name"]))
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    try:
        with transaction.atomic():
            return User.objects.create_user(email, told["password"], name=told["name"], language=language)
    except IntegrityError as error:
        raise Refused(_("Somebody with this email is already here. Sign in instead.")) from error


def _waiting_org() -> Org | None:
    """The one organisation without a member, locked; None when there is none or it is not the only one. A demo that is
    being removed is nobody's to take over."""
    peopled = Membership.objects.values("team__org")
    orgs = list(Org.objects.select_for_update().filter(is_demo=False).exclude(pk__in=peopled)[:2])
    return orgs[0] if len(orgs) == 1 else None


def choose_language(*, user: User, language: str) -> None:
    """The language in which this person reads every page; their own switch, so the ledger keeps none of it."""
    user.language = language
    user.save(update_fields=["language"])


def choose_keys(*, user: User, is_on: bool, moved: Mapping[str, str]) -> None:
    """The single letters of this person: all on or off, and which of them stand elsewhere (place -> place).

    Their own switch, so the ledger keeps none of it. Refused when two deeds would hang on one key.
    """
    places = {code: moved.get(code, code) for code in KEYS}
    if len(set(places.values())) < len(places):
        raise Refused(_("Two of these use the same letter."))
    user.keys = {"off": not is_on, "moved": {code: place for code, place in places.items() if place != code}}
    user.save(update_fields=["keys"])


def change_password(*, user: User, password: str) -> None:
    """A person's own password; it ends their sessions in other browsers. Refused when it is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])


def _tidy(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word.strip()[:120] for word in words if word.strip()))


@transaction.atomic
def add_brand(
    *,
    org: Org,
    name: str,
    names: Iterable[str] = (),
    exclusions: Iterable[str] = (),
    kind: str = Brand.Kind.OWN,
    languages: Iterable[str] = (),
    by: User | None,
    at: datetime,
) -> Brand:
    """A brand to listen for, with its hold, which is off. Its own name always counts among its names."""
    if not name.strip():
        raise Refused(_("A brand needs a name."))
    if Brand.objects.filter(org=org, name=name.strip()).exists():
        raise Refused(_("A brand with this name is already here."))
    brand = Brand.objects.create(
        org=org,
        name=name.strip()[:120],
        names=_tidy([name, *names]),
        exclusions=_tidy(exclusions),
        kind=kind,
        languages=list(languages) or [org.language],
        zone=org.zone,
    )
    Hold.objects.create(brand=brand)
    record("brand.added", brand, by=by, at=at, org=org, brand=brand)
    return brand


@transaction.atomic
def extend_brand(
    *,
    brand: Brand,
    kind: str,
    names: Iterable[str] = (),
    exclusions: Iterable[str] = (),
    languages: Iterable[str] = (),
    by: User,
    at: datetime,
) -> Brand:
    """Make a brand that an import brought one of this kind, heard by these ways of writing too."""
    brand = Brand.objects.select_for_update().select_related("org").get(pk=brand.pk)
    brand.kind, brand.zone = kind, brand.org.zone
    brand.languages = list(languages) or brand.languages
    brand.save(update_fields=["kind", "zone", "languages"])
    return rename_brand(
        brand=brand, names=[*brand.names, *names], exclusions=[*brand.exclusions, *exclusions], by=by, at=at
    )


@transaction.atomic
def rename_brand(
    *,
    brand: Brand,
    names: Iterable[str],
    exclusions: Iterable[str],
    required: Iterable[str] | None = None,
    forbidden: Iterable[str] | None = None,
    by: User,
    at: datetime,
) -> Brand:
    """Change the ways a brand is written, and the words beside its name that say whether it is meant (None: as they
    are). Posts heard from now on are matched by these."""
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    brand.names, brand.exclusions = _tidy([brand.name, *names]), _tidy(exclusions)
    brand.required = brand.required if required is None else _tidy(required)
    brand.forbidden = brand.forbidden if forbidden is None else _tidy(forbidden)
    brand.save(update_fields=["names", "exclusions", "required", "forbidden"])
    record("brand.names_changed", brand, by=by, at=at, org=brand.org, brand=brand)
    return brand


@transaction.atomic
def set_goal(*, brand: Brand, layer: str, target: int, aim: str = "", by: User, at: datetime) -> Goal:
    """The goal of one layer, replacing the one before it."""
    measure, _default = DEFAULT_GOALS[layer]
    goal, _made = Goal.objects.update_or_create(
        brand=brand,
        layer=layer,
        defaults={"measure": measure, "target": target, "aim": aim[:300], "since": at},
    )
    record("goal.set", goal, by=by, at=at, org=brand.org, brand=brand, layer=layer, target=target)
    return goal
