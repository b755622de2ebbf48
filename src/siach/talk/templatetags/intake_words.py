"""Words and addresses of what comes in. In a template: `{% load intake_words %}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from siach.talk import connections, pictures
from siach.talk.actions.capturing import NETWORKS

if TYPE_CHECKING:
    from siach.talk.models import Media

register = template.Library()


@register.filter
def network_label(network: str) -> str:
    """How people call a network: `{{ source.network|network_label }}`."""
    return str(NETWORKS[network]) if network in NETWORKS else connections.label(network)


@register.filter
def picture_token(picture: Media) -> str:
    """The signed name of a picture, for its address: `{% url "picture" picture|picture_token %}`."""
    return pictures.token(picture.pk)
