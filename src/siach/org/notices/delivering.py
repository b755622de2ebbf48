"""Taking notices to where they go: counted before each try, tried again a few times, dropped where nobody lives."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from siach.org import mail
from siach.org.models import NoticeDelivery, NoticeService, PushSubscription
from siach.org.notices import outside, push, words
from siach.org.notices.preferences import Channel
from siach.org.notices.reading import visible
from siach.org.seal import LostKey, unseal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

log = logging.getLogger(__name__)

PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30)]
AT_ONCE = 50


class Failed(Exception):
    """It was not taken; another try may do. The message is English and holds no secret."""


def deliver_due(*, at: datetime) -> int:
    """Take out what is due. Returns how many were tried."""
    due = NoticeDelivery.objects.filter(done_at=None, due_at__lte=at).order_by("due_at")
    return sum(deliver(delivery_id=pk, at=at) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def deliver(*, delivery_id: int, at: datetime) -> bool:
    delivery = _claim(delivery_id, at)
    if delivery is None:
        return False
    error = ""
    try:
        if not delivery.notice.org.is_demo and visible(delivery.notice.user).filter(pk=delivery.notice_id).exists():
            _BY[delivery.channel](delivery, at)
    except Failed as failed:
        error = str(failed)
        log.info("notice %s by %s: %s", delivery.notice_id, delivery.channel, error)
        if delivery.tries <= len(PAUSES):
            NoticeDelivery.objects.filter(pk=delivery.pk).update(error=error)
            return True
    NoticeDelivery.objects.filter(pk=delivery.pk).update(done_at=at, error=error)
    return True


@transaction.atomic
def _claim(delivery_id: int, at: datetime) -> NoticeDelivery | None:
    """Count the try before it is made: whoever falls in the middle leaves it to the next pause."""
    found = NoticeDelivery.objects.select_for_update(of=("self",), skip_locked=True)
    waiting = found.select_related("notice__user", "notice__org", "notice__brand")
    delivery = waiting.filter(pk=delivery_id, done_at=None, due_at__lte=at).first()
    if delivery is not None:
        delivery.due_at = at + PAUSES[min(delivery.tries, len(PAUSES) - 1)]
        delivery.tries += 1
        delivery.save(update_fields=["due_at", "tries"])
    return delivery


def _mail(delivery: NoticeDelivery, at: datetime) -> None:
    """Mail has tries of its own; where none is set up there is nothing to try."""
    notice = delivery.notice
    if not mail.is_set():
        return
    language = words.language_of(notice.user, notice)
    subject, text = words.letter(notice, language)
    mail.send(notice.user.email, subject, text, language, org=notice.org, at=at)


def _push(delivery: NoticeDelivery, at: datetime) -> None:
    browser = PushSubscription.objects.filter(pk=delivery.target_id, user=delivery.notice.user_id).first()
    if browser is None:
        return
    try:
        push.call(browser, delivery.notice)
    except outside.NetworkError as error:
        raise Failed(error.message) from error


def _service(delivery: NoticeDelivery, at: datetime) -> None:
    notice = delivery.notice
    service = NoticeService.objects.filter(pk=delivery.target_id, org=notice.org_id).first()
    if service is None:
        return
    try:
        address = unseal(bytes(service.sealed))["address"]
    except LostKey:
        NoticeService.objects.filter(pk=service.pk).update(error="the key ring that sealed its address is gone")
        return
    text = f"{words.generic(notice, notice.org.language)}\n{words.link(notice)}"
    taken = outside.say(address, "Siach", text)
    NoticeService.objects.filter(pk=service.pk).update(error="" if taken else "it did not take the last notice")
    if not taken:
        raise Failed("the service did not take it")


_BY: dict[str, Callable[[NoticeDelivery, datetime], None]] = {
    Channel.MAIL: _mail,
    Channel.PUSH: _push,
    Channel.SERVICE: _service,
}
