"""What was just done, with its way back: a message of the next page that becomes a toast with an undo."""

import json
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

SECONDS = 20


@dataclass(frozen=True)
class Undo:
    """Where the undo is sent, and its fields."""

    url: str
    fields: dict[str, str]
    seconds: int = SECONDS


def offer_undo(request: HttpRequest, text: str, url: str, **fields: str) -> None:
    """Say on the next page what was done, and offer the POST that takes it back."""
    messages.success(request, text, extra_tags=json.dumps({"url": url, "fields": fields}))


def undo_of(message: Message) -> Undo | None:
    """The undo that a message offers; None for a plain one."""
    try:
        offered = json.loads(message.extra_tags or "")
        return Undo(offered["url"], offered["fields"])
    except (ValueError, TypeError, KeyError):
        return None
