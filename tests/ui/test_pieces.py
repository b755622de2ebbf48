"""Pieces that Jinja draws within Django's pages: escaped, in the reader's language, with every name given."""

import pytest
from django.template import Context, engines
from django.template import Template as Page
from django.utils import translation
from jinja2 import UndefinedError

from siach.commands import words


def _drawn(source: str, **values: object) -> str:
    return engines["jinja2"].from_string(source).render(values)


def test_what_people_wrote_is_escaped_and_our_own_drawings_are_not() -> None:
    assert _drawn("<b>{{ name }}</b>", name="<i>&") == "<b>&lt;i&gt;&amp;</b>"
    assert "&lt;i&gt;" in _drawn("{% trans name=name %}In answer to {{ name }}:{% endtrans %}", name="<i>")
    assert _drawn('{{ "reply"|icon("s") }}{{ 1200|num }}').count("<svg") == 1


def test_words_follow_the_reader() -> None:
    said = []
    for language in ("he", "en", "he"):
        with translation.override(language):
            said.append(_drawn('{{ _("The words that decided") }}'))
    assert said[0] == said[2] != said[1] == "The words that decided"


def test_words_of_pieces_are_gathered() -> None:
    app = next(app for app in words.apps() if app.name == "talk")
    found = {str(message.id): message for message in words.used(app) if message.id}
    for sentence in ("The words that decided", "In answer to %(name)s:", "checked by <bdi>%(name)s</bdi>"):
        assert any("jinja2" in place for place, _line in found[sentence].locations)


def test_a_name_that_nobody_gave_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        _drawn("{{ nobody }}")


def test_a_page_draws_a_piece_with_what_it_knows() -> None:
    drawn = Page('{% piece "talk/tombstone.html" %}').render(Context({"post": {"gone_at": None}}))
    assert drawn.startswith('<p class="post-text meta">')
