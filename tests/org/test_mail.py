"""Mail by a real server: what arrives, what a refusal leaves, and that nothing in it becomes a header."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.org import mail as mails
from siach.org.models import Mail
from tests.mailbox import SENDER, Mailbox
from tests.world import NOW


def test_a_mail_waits_for_its_job_and_arrives(db: None, mailbox: Mailbox) -> None:
    row = mails.send("dana@example.test", "הזמנה", "שלום\nSiach\nhttps://siach.example/x", "he", at=NOW)
    assert row.state == Mail.State.QUEUED and not mailbox.messages
    assert ProcrastinateJob.objects.filter(task_name="mail", args={"mail_id": row.pk}).exists()
    assert "שלום".encode() not in bytes(row.sealed)
    mails.deliver(mail_id=row.pk, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.sent_at, bytes(row.sealed), row.error) == (Mail.State.SENT, NOW, b"", "")
    (message,) = mailbox.messages
    assert (message["To"], message["From"], message["Subject"]) == ("dana@example.test", SENDER, "הזמנה")
    assert message["Content-Language"] == "he" and message["Auto-Submitted"] == "auto-generated"
    assert mailbox.texts[0].split("\n")[:3] == ["\u200fשלום", "\u200fSiach", "https://siach.example/x"]
    mails.deliver(mail_id=row.pk, at=NOW)
    assert len(mailbox.messages) == 1


def test_english_runs_from_the_left(db: None, mailbox: Mailbox) -> None:
    mails.send("dana@example.test", "Invitation", "Hello", "en", at=NOW)
    mailbox.deliver(at=NOW)
    assert mailbox.texts == ["Hello\n"]


def test_a_refusal_for_good_ends_it_and_is_kept(db: None, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such mailbox"
    row = mails.send("gone@example.test", "s", "t", "en", at=NOW)
    mailbox.deliver(at=NOW)
    row.refresh_from_db()
    assert (row.state, row.error, bytes(row.sealed)) == (Mail.State.FAILED, "550 no such mailbox", b"")


def test_a_passing_failure_is_tried_again_after_a_pause(db: None, mailbox: Mailbox) -> None:
    mailbox.answer = "451 come back later"
    row = mails.send("dana@example.test", "s", "t", "en", at=NOW)
    mailbox.deliver(at=NOW)
    row.refresh_from_db()
    assert (row.state, row.error, row.due_at) == (Mail.State.QUEUED, "451 come back later", NOW + timedelta(minutes=1))
    mailbox.answer = ""
    mailbox.deliver(at=NOW + timedelta(seconds=30))
    assert not mailbox.messages
    ProcrastinateJob.objects.all().delete()
    assert mails.send_due(at=NOW) == 0
    assert mails.send_due(at=NOW + timedelta(minutes=2)) == 1
    mailbox.deliver(at=NOW + timedelta(minutes=2))
    assert len(mailbox.messages) == 1


def test_an_absent_server_is_given_up_in_the_end(db: None, mailbox: Mailbox, settings: object) -> None:
    settings.EMAIL_PORT = 1  # type: ignore[attr-defined]
    row = mails.send("dana@example.test", "s", "t", "en", at=NOW)
    at = NOW
    for _try in range(len(mails.PAUSES) + 1):
        at += timedelta(hours=7)
        mailbox.deliver(at=at)
    row.refresh_from_db()
    assert row.state == Mail.State.FAILED and "ConnectionRefusedError" in row.error
    assert mails.drop_old(at=NOW + timedelta(days=31)) == 1


@pytest.mark.parametrize(
    "to", ["a@example.test\r\nBcc: b@example.test", "nobody", "a@example.test, b@example.test", ""]
)
def test_an_address_that_is_none_is_refused(db: None, to: str) -> None:
    with pytest.raises(ValidationError):
        mails.send(to, "s", "t", "en", at=NOW)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(max_size=80), text=st.text(max_size=80))
def test_no_text_becomes_a_header_or_another_mail(subject: str, text: str) -> None:
    row = Mail(subject=mails._one_line(f"x{subject}\r\nBcc: omer@example.test"), language="en", to="dana@example.test")
    raw = mails._message(row, f"{text}\n.\nBcc: omer@example.test").message().as_bytes()
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    assert b"\nbcc:" not in head.lower()
    assert row.subject == "" or len(row.subject.splitlines()) == 1
