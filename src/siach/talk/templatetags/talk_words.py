"""Words for the codes that the ledger keeps of talk. In a template: `{% load talk_words %}`."""

from __future__ import annotations

from django import template

from siach.talk.models import Mention, Part

register = template.Library()


@register.filter
def reading_word(code: int, field: str) -> str:
    """The word of a stored sentiment or intent: `{{ facts.was|reading_word:facts.field }}`."""
    labels = Mention.Sentiment if field == "sentiment" else Mention.Intent
    return str(labels(code).label) if code in labels.values else str(code)


@register.filter
def part_word(part: str) -> str:
    """The word of an author's part."""
    return str(Part(part).label) if part in Part.values else part
