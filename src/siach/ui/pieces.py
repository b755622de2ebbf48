"""Pieces of a page that a long list draws again and again: templates in a room's folder `jinja2/`, by Jinja.

Django's own templates look every name up anew for each row, which of fifty cards made most of a page's time; Jinja
compiles a template to Python once. `docs/add-a-page.md` says when a piece belongs there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import truncatechars
from django.template.library import import_library
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined

from siach.ui.templatetags import siach_quick, siach_ui

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAGS = ("avatar", "bar", "heat", "icon", "reach", "ring")


def environment(*, libraries: Sequence[str], **options: Any) -> Environment:
    """What every piece knows: the filters of these tag libraries, our tags as filters of their first argument, and
    words by `_` and `trans`. A name that nobody gave is an error, and what is shown is escaped as Django does."""
    options |= {"undefined": StrictUndefined, "keep_trailing_newline": True, "extensions": ["jinja2.ext.i18n"]}
    made = Environment(**options)
    made.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]
    made.globals["_"] = _word
    for name in libraries:
        made.filters |= import_library(name).filters
    made.filters |= {name: getattr(siach_ui, name) for name in _TAGS}
    made.filters |= {"truncatechars": truncatechars, "url": siach_quick.address}
    return made


def _word(words: str) -> SafeString:
    return _said(words, get_language())


@lru_cache(maxsize=1_024)
def _said(words: str, language: str | None) -> SafeString:
    """A sentence of a piece itself, looked up once a language: a list says it fifty times."""
    return mark_safe(gettext(words))
