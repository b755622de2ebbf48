"""Words of access reports and erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext_lazy, pgettext_lazy

from siach.talk.actions.forgetting import ERASED
from siach.talk.models import Mention, Part

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from siach.talk.models import Author

register = template.Library()

OUTCOMES: dict[str, str | Promise] = {
    "authors": pgettext_lazy("outcome", "Authors"),
    "posts": pgettext_lazy("outcome", "Posts"),
    "cases": pgettext_lazy("outcome", "Cases"),
    "replies": pgettext_lazy("outcome", "Replies"),
    "words": pgettext_lazy("outcome", "Other words to them"),
    "views": pgettext_lazy("outcome", "Saved views that name them"),
    "notes": pgettext_lazy("outcome", "Notes"),
    "consents": pgettext_lazy("outcome", "Answers about marketing text"),
    "drafts": pgettext_lazy("outcome", "Drafts"),
    "rows": pgettext_lazy("outcome", "Rows of files"),
    "files": pgettext_lazy("outcome", "Unfinished files"),
    "evidence": pgettext_lazy("outcome", "Copies as evidence"),
    "held": pgettext_lazy("outcome", "Not erased: under a legal hold"),
    "reports": pgettext_lazy("outcome", "Earlier access reports"),
}


@register.filter
def outcome_word(name: str) -> str:
    return str(OUTCOMES.get(name, name))


@register.filter
def part_name(part: str) -> str:
    return str(Part(part).label) if part in Part.values else part


@register.filter
def reading_word(code: str) -> str:
    """A sentiment or an intent by the name that a report stores."""
    for kind in (Mention.Sentiment, Mention.Intent):
        if code.upper() in kind.__members__:
            return str(kind[code.upper()].label)
    return code


@register.filter
def author_word(author: Author) -> str:
    """An author's name, or that it was erased."""
    return str(gettext_lazy("erased")) if author.external_id.startswith(ERASED) else str(author)
