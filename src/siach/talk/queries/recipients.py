"""Who processes for an organisation, as Settings > Privacy names it: agencies by their agreements, services by their
names. Nothing here is secret: no address that lets somebody in, no password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from siach.org import oidc
from siach.org.models import Mandate, NoticeService, PushSubscription
from siach.talk.connections import label
from siach.talk.models import Account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.org.models import Org

#: How long an agency whose mandate ended is still named.
NAMED_AFTER = timedelta(days=365)

_NETWORK = pgettext_lazy("recipient", "networks with connected accounts")
_MAIL = pgettext_lazy("recipient", "mail server")
_PROVIDER = pgettext_lazy("recipient", "single sign-on")
_NOTICES = pgettext_lazy("recipient", "notices to a room")
_PUSH = pgettext_lazy("recipient", "notices to browsers, with no person and no words")


@dataclass(frozen=True, slots=True)
class Service:
    """A service outside that is in use: its name, and what for. `is_shared`: set for all of this Siach."""

    name: str
    use: Promise
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Recipients:
    processors: tuple[Mandate, ...]
    services: tuple[Service, ...]


def recipients(org: Org, *, at: datetime) -> Recipients:
    """Mandates in force, the newest first, then those that ended within a year; and the services."""
    told = Mandate.objects.filter(org=org, accepted_at__isnull=False, since__lte=at)
    told = told.filter(Q(ended_at=None) | Q(ended_at__gte=at - NAMED_AFTER)).select_related("brand", "team__org")
    shown = sorted(told, key=lambda one: (one.ended_at is not None, -one.since.timestamp(), one.pk))
    return Recipients(tuple(shown), tuple(dict.fromkeys(_services(org))))


def _services(org: Org) -> Iterator[Service]:
    networks = Account.objects.filter(org=org).order_by("network").values_list("network", flat=True).distinct()
    yield from (Service(str(label(name)), _NETWORK) for name in networks)
    rooms = NoticeService.objects.filter(org=org).order_by("network").values_list("network", flat=True).distinct()
    yield from (Service(name, _NOTICES) for name in rooms)
    browsers = PushSubscription.objects.filter(user__memberships__team__org=org)
    hosts = {urlsplit(one).hostname or "" for one in browsers.values_list("endpoint", flat=True)}
    yield from (Service(host, _PUSH) for host in sorted(hosts - {""}))
    if settings.SIACH_MAIL_FROM:
        yield Service(settings.EMAIL_HOST, _MAIL, is_shared=True)
    if oidc.name():
        issuer = urlsplit((settings.SIACH_OIDC or {}).get("issuer", "")).hostname or ""
        yield Service(oidc.name() if issuer == oidc.name() else f"{oidc.name()} ({issuer})", _PROVIDER, is_shared=True)
