"""Calls to a person's browsers by Web Push. What is pushed names a kind and a link, no person and no words."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from webpush import WebPush, WebPushSubscription  # type: ignore[import-untyped]
from webpush.vapid import VAPID  # type: ignore[import-untyped]

from siach.org.models import PushKeys, PushSubscription
from siach.org.notices import outside, words
from siach.org.seal import LostKey, seal, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Notice, User

GONE = (404, 410)
LIFE = 12 * 3600
MOST_BROWSERS = 10


class NoBrowser(Exception):
    """What a browser handed in is no subscription; the message is for its person."""


@transaction.atomic
def subscribe(*, user: User, endpoint: str, p256dh: str, auth: str, agent: str, at: datetime) -> PushSubscription:
    """This browser may be called. The same one again becomes this person's; of more than ten the oldest goes."""
    if urlsplit(endpoint).scheme != "https" and not outside.local_allowed():
        raise NoBrowser(_("This browser does not support push notifications."))
    if len(endpoint) > 1000 or _length(p256dh) != 65 or _length(auth) != 16:
        raise NoBrowser(_("This browser does not support push notifications."))
    kept = {"user": user, "sealed": seal({"p256dh": p256dh, "auth": auth}), "agent": agent[:80], "made_at": at}
    browser, _is_new = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=kept)
    newest = PushSubscription.objects.filter(user=user).order_by("-made_at", "-pk").values_list("pk", flat=True)
    PushSubscription.objects.filter(pk__in=list(newest[MOST_BROWSERS:])).delete()
    return browser


def unsubscribe(*, browser: PushSubscription) -> None:
    browser.delete()


def call(browser: PushSubscription, notice: Notice) -> None:
    """Push one notice; a browser that is gone is forgotten. NetworkError when another try may do."""
    try:
        keys = unseal(bytes(browser.sealed))
        sender = _sender()
    except LostKey:
        browser.delete()
        return
    language = words.language_of(browser.user, notice)
    told = {
        "words": words.generic(notice, language),
        "language": language,
        "url": reverse("notice", args=[notice.pk]),
        "tag": f"notice-{notice.pk}",
    }
    where = WebPushSubscription.model_validate({"endpoint": browser.endpoint, "keys": keys})
    message = sender.get(json.dumps(told, ensure_ascii=False), where, subscriber=_contact())
    status = outside.post_bytes(browser.endpoint, message.encrypted, {k: str(v) for k, v in message.headers.items()})
    if status in GONE:
        browser.delete()
    elif not 200 <= status < 300:
        raise outside.NetworkError(f"the push service answered {status}", "retry_at")


def public_key() -> str:
    """Our public key as a browser wants it, made at the first asking."""
    return VAPID.get_application_server_key(load_pem_public_key(_keys().public.encode()))


def _sender() -> WebPush:
    keys = _keys()
    private = unseal(bytes(keys.sealed))["private"]
    return WebPush(private_key=private.encode(), public_key=keys.public.encode(), ttl=LIFE)


def _keys() -> PushKeys:
    found = PushKeys.objects.filter(pk=1).first()
    if found is not None:
        return found
    private, public, _key = VAPID.generate_keys()
    made = {"public": public.decode(), "sealed": seal({"private": private.decode()})}
    return PushKeys.objects.get_or_create(pk=1, defaults=made)[0]


def _contact() -> str:
    """An address for the push service's own people, as the standard asks; the host is what matters."""
    host = urlsplit(settings.SIACH_ADDRESS).hostname or "localhost"
    return f"siach@{host}"


def _length(key: str) -> int:
    """How many bytes a key of a browser has, -1 when it is none."""
    try:
        return len(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
    except ValueError:
        return -1
