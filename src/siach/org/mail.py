"""Mail to one person: kept first, sent from a job, so that no page waits for a mail server and no failure is lost."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language_info

from siach.org.jobs import defer
from siach.org.models import Mail, Org
from siach.org.seal import LostKey, seal, unseal

if TYPE_CHECKING:
    from datetime import datetime

#: How long after each failed try the next one comes; after the last of them the mail is given up.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360)]
KEPT = timedelta(days=30)
RIGHT_TO_LEFT_MARK = "\u200f"


def is_set() -> bool:
    """Can this Siach send mail at all? Where not, links are shown to be copied."""
    return bool(settings.SIACH_MAIL_FROM)


@transaction.atomic
def send(
    to: str, subject: str, text: str, language: str, *, org: Org | None = None, at: datetime | None = None
) -> Mail:
    """Queue a text mail; it leaves once this transaction commits. `org` is whose owners see its state.

    `text` is in `language`, its paragraphs are lines. ValidationError where `to` is no address.
    """
    validate_email(to)
    now = at or timezone.now()
    row = Mail.objects.create(
        org=org,
        to=to,
        subject=_one_line(subject),
        language=language,
        sealed=seal({"text": text}),
        made_at=now,
        due_at=now,
    )
    defer("mail", queue="send", once=f"mail:{row.pk}", mail_id=row.pk)
    return row


def send_due(*, at: datetime) -> int:
    """Put every mail whose time has come back in the queue: what failed, and what a fall left."""
    due = Mail.objects.filter(state=Mail.State.QUEUED, due_at__lte=at).order_by("due_at").values_list("pk", flat=True)
    return sum(defer("mail", queue="send", once=f"mail:{pk}", mail_id=pk) for pk in due[:200])


def deliver(*, mail_id: int, at: datetime) -> None:
    """Hand one mail to the server. A refusal for good or too many failures end it; what was said is kept."""
    row = _claim(mail_id, at)
    if row is None:
        return
    if _is_of_demo(row):
        _give_up(row, "this is a demo: nothing of it leaves Siach")
        return
    try:
        _message(row, unseal(bytes(row.sealed))["text"]).send()
    except LostKey:
        _give_up(row, "the key ring that sealed this mail is gone")
    except (smtplib.SMTPException, OSError) as error:
        _failed(row, error)
    else:
        row.state, row.sent_at, row.sealed, row.error = Mail.State.SENT, at, b"", ""
        row.save(update_fields=["state", "sent_at", "sealed", "error"])


def drop_old(*, at: datetime) -> int:
    """Forget mails that were sent or given up thirty days ago."""
    ended = ~Q(state=Mail.State.QUEUED)
    return Mail.objects.filter(ended, made_at__lt=at - KEPT).delete()[0]


@transaction.atomic
def _claim(mail_id: int, at: datetime) -> Mail | None:
    """Count the try before it is made: whoever falls in the middle leaves the mail to the next pause."""
    waiting = Mail.objects.select_for_update(skip_locked=True)
    row = waiting.filter(pk=mail_id, state=Mail.State.QUEUED, due_at__lte=at).first()
    if row is None:
        return None
    row.due_at = at + PAUSES[min(row.tries, len(PAUSES) - 1)]
    row.tries += 1
    row.save(update_fields=["due_at", "tries"])
    return row


def _is_of_demo(row: Mail) -> bool:
    """Whether it is a demo's, or goes to somebody whom a demo invented."""
    invented = Org.objects.filter(is_demo=True, teams__memberships__user__email__iexact=row.to)
    return (row.org is not None and row.org.is_demo) or invented.exists()


def _failed(row: Mail, error: Exception) -> None:
    said, for_good = _said(error)
    if for_good or row.tries > len(PAUSES):
        _give_up(row, said)
        return
    row.error = said
    row.save(update_fields=["error"])


def _give_up(row: Mail, said: str) -> None:
    row.state, row.sealed, row.error = Mail.State.FAILED, b"", said
    row.save(update_fields=["state", "sealed", "error"])


def _said(error: Exception) -> tuple[str, bool]:
    """What the server said in one line, and whether it said it for good (a 5xx, as SMTP counts)."""
    code: int
    words: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        return _one_line(f"{type(error).__name__}: {error}", 300), False
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    # Wrong credentials are mended by whoever runs this Siach, not by the reader of the mail.
    return _one_line(f"{code} {text}", 300), 500 <= code < 600 and not isinstance(
        error, smtplib.SMTPAuthenticationError
    )


def _message(row: Mail, text: str) -> EmailMessage:
    headers = {"Auto-Submitted": "auto-generated", "Content-Language": row.language}
    return EmailMessage(row.subject, _directed(text, row.language), settings.SIACH_MAIL_FROM, [row.to], headers=headers)


def _directed(text: str, language: str) -> str:
    """Plain text carries no direction: a mark before each line of a right-to-left mail does, save before a link."""
    if not get_language_info(language)["bidi"]:
        return text
    lines = (line if not line or line.startswith("http") else RIGHT_TO_LEFT_MARK + line for line in text.split("\n"))
    return "\n".join(lines)


def _one_line(text: str, longest: int = 200) -> str:
    """Text for a header: nothing in it begins another one."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()[:longest]
