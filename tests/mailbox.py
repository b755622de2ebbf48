"""A real mail server on this machine, for tests: what it took, and what it shall refuse."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from siach.org import mail as mails
from siach.org.models import Mail
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from email.message import EmailMessage

    from pytest_django.fixtures import SettingsWrapper

SENDER = "siach@lumika.example"


class Mailbox:
    """`messages` as they arrived. `answer`: what it says instead of taking a mail, as "550 no such mailbox"."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.answer = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        self.receivers += envelope.rcpt_tos
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def deliver(self, *, at: datetime) -> None:
        """Do what the worker would: hand over every mail that is due."""
        for pk in Mail.objects.filter(state=Mail.State.QUEUED).order_by("pk").values_list("pk", flat=True):
            mails.deliver(mail_id=pk, at=at)

    @property
    def texts(self) -> list[str]:
        return [message.get_content().replace("\r\n", "\n") for message in self.messages]


@pytest.fixture
def mailbox(settings: SettingsWrapper) -> Iterator[Mailbox]:
    """Mail is set up, and its server listens here."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = False, ""
    settings.SIACH_MAIL_FROM = SENDER
    yield box
    controller.stop()
