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
from siach.talk.reading_words import LANGUAGE_WORDS, value_word

register = template.Library()

_Kind = Mention.Intent
_KEYED = (_Kind.COMPLAINT, _Kind.QUESTION, _Kind.PRAISE, _Kind.REQUEST, _Kind.ATTACK, _Kind.BOYCOTT)


@register.filter
def reading_word(code: int, field: str) -> str:
    """The word of a stored value of a reading: `{{ facts.was|reading_word:facts.field }}`."""
    return _reading_word(code, field, get_language())


@lru_cache(maxsize=64)
def _reading_word(code: int, field: str, language: str | None) -> str:
    return value_word(field, code)


@register.filter
def language_word(code: str) -> str:
    """The name of a language by its code."""
    return str(LANGUAGE_WORDS.get(code, LANGUAGE_WORDS["und"]))


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
    """The buttons by which a person says what a post is, what stands now marked as current. Keys 1 to 3 for the tone, 4
    to 9 for the kinds that ask most of us, 0 for a post that is not about the brand."""
    return _judgements(mention.sentiment, mention.intent, mention.is_about, get_language() or "")


@lru_cache(maxsize=64)
def _judgements(sentiment: int, intent: int, is_about: bool, language: str) -> SafeString:
    """Drawn once for each of the few combinations: a page of the Stream shows fifty of them."""
    keys: dict[int, int] = {intent: key for key, intent in enumerate(_KEYED, 4)}
    rest = [intent for intent in Mention.Intent if intent and intent not in keys]
    context = {
        "sentiment": sentiment,
        "intent": intent,
        "is_about": is_about,
        "tones": Mention.Sentiment.choices,
        "intents": [(one.value, one.label, keys.get(one)) for one in (*_KEYED, *rest, Mention.Intent.OTHER)],
    }
    return mark_safe(render_to_string("talk/judgements.html", context))
