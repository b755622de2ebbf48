"""Django's `translate`, `url`, `static` and `csrf_token`, answered from memory where they can only say the same again.

A page of the Stream asks them a thousand times. They are built in, so no template names this file.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context, Node, defaulttags
from django.template.base import Parser, Token, Variable
from django.templatetags import i18n
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

_NUMBERS = frozenset({int})
# Stand for the numbers of an address while its shape is learnt; no address holds one by itself.
_MARKS = (900_000_000_000_000_001, 900_000_000_000_000_002)


class _Constant(Node):
    """A sentence of the template itself: one answer a language."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.said: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if language not in self.said:
            self.said[language] = self.node.render(context)
        return self.said[language]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    node = i18n.do_translate(parser, token)
    asked = node.filter_expression
    is_constant = isinstance(asked.var, Variable) and asked.var.literal is not None and not asked.filters
    return node if node.asvar or node.message_context or not is_constant else _Constant(node)


def address(name: str, *args: Any) -> str:
    """`reverse(name, args=args)`; of pages that are numbered, the way there is looked up once."""
    if len(args) > len(_MARKS) or not _NUMBERS.issuperset(map(type, args)):
        return str(reverse(name, args=args))
    return _shape(name, len(args), get_script_prefix()).format(*args)


@lru_cache(maxsize=1_024)
def _shape(name: str, count: int, prefix: str) -> str:
    shape = str(reverse(name, args=_MARKS[:count])).replace("{", "{{").replace("}", "}}")
    for place, mark in enumerate(_MARKS[:count]):
        shape = shape.replace(str(mark), f"{{{place}}}")
    return shape


class _Address(defaulttags.URLNode):
    def render(self, context: Context) -> str:
        if self.kwargs:
            return super().render(context)
        args = [arg.resolve(context) for arg in self.args]
        try:
            found = address(self.view_name.resolve(context), *args)
        except NoReverseMatch:
            if not self.asvar:
                raise
            found = ""
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> Node:
    node = defaulttags.url(parser, token)
    return _Address(node.view_name, node.args, node.kwargs, node.asvar)


class _File(StaticNode):
    """Asks the storage itself, which keeps what it answered."""

    def url(self, context: Context) -> str:
        return str(staticfiles_storage.url(self.path.resolve(context)))


@register.tag
def static(parser: Parser, token: Token) -> Node:
    return _File.handle_token(parser, token)


class _Token(defaulttags.CsrfTokenNode):
    """The same field for every form of a page, drawn once."""

    def render(self, context: Context) -> str:
        token = context.get("csrf_token")
        return csrf_field(str(token)) if token else super().render(context)


@lru_cache(maxsize=8)
def csrf_field(token: str) -> SafeString:
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


@register.tag
def csrf_token(parser: Parser, token: Token) -> Node:
    return _Token()
