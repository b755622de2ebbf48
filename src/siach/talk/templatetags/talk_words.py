"""Words for stored codes, judgements of a reading, addresses of pictures. `{% load talk_words %}`."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from siach.talk import pictures
from siach.talk.models import Media, Mention, Part

register = template.Library()


@register.filter
def reading_word(code: int, field: str) -> str:
    """The word of a stored sentiment or intent: `{{ facts.was|reading_word:facts.field }}`."""
    return _reading_word(code, field, get_language())


@lru_cache(maxsize=64)
def _reading_word(code: int, field: str, language: str | None) -> str:
    labels = Mention.Sentiment if field == "sentiment" else Mention.Intent
    return str(labels(code).label) if code in labels.values else str(code)


@register.filter
def part_word(part: str) -> str:
    """The word of an author's part."""
    return str(Part(part).label) if part in Part.values else part


@register.filter
def picture_address(picture: Media) -> str:
    """The signed address of a picture that is kept."""
    return reverse("picture", args=[pictures.token(picture.pk)])


@register.filter
def judgements(mention: Mention) -> SafeString:
    """The buttons by which a person says what a post is, keys 1 to 7, what stands now marked as current."""
    return _judgements(mention.sentiment, mention.intent, get_language() or "")


@lru_cache(maxsize=64)
def _judgements(sentiment: int, intent: int, language: str) -> SafeString:
    """Drawn once for each of the few combinations: a page of the Stream shows fifty of them."""
    intents = [*Mention.Intent.choices[1:], Mention.Intent.choices[0]]
    context = {
        "sentiment": sentiment,
        "intent": intent,
        "tones": Mention.Sentiment.choices,
        "intents": intents,
    }
    return mark_safe(render_to_string("talk/judgements.html", context))
