"""Words and addresses of what comes in. In a template: `{% load intake_words %}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

from siach.talk import connections, pictures
from siach.talk.places import BY_KEY
from siach.ui import charts
from siach.ui.templatetags.siach_ui import hour, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.utils.safestring import SafeString

    from siach.talk.models import Media

register = template.Library()


@register.filter
def network_label(network: str) -> str:
    """How people call a network: `{{ source.network|network_label }}`."""
    return connections.label(network)


@register.filter
def place_name(key: str) -> str:
    """A place of the check-list by its key."""
    return str(BY_KEY[key].name) if key in BY_KEY else key


@register.filter
def handle_at(handle: str, network: str) -> str:
    """A handle as it is written there: `{{ author.handle|handle_at:author.network }}`."""
    return connections.shown_handle(network, handle)


@register.filter
def picture_token(picture: Media) -> str:
    """The signed name of a picture, for its address: `{% url "picture" picture|picture_token %}`."""
    return pictures.token(picture.pk)


@register.filter
def moment(value: datetime | None, at: datetime) -> SafeString:
    """A moment as short as it is clear: "09:12" of the day of `at`, else with its date."""
    is_today = value is not None and timezone.localtime(value).date() == timezone.localtime(at).date()
    return hour(value) if is_today else when(value)


@register.simple_tag
def sparkline(values: Sequence[int]) -> SafeString:
    """A small line of counts, whose figure stands beside it."""
    return charts.sparkline(values)


@register.filter
def on_day(value: datetime) -> SafeString:
    """The day of a moment, by the clock of the brand."""
    return when(timezone.localtime(value).date())
