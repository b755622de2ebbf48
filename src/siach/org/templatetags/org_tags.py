"""Sentences of the ledger about brands and approvals, linked for whoever may open them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from siach.org.models import Approval, Brand

register = template.Library()


@register.simple_tag(takes_context=True)
def brand_link(context: RequestContext, brand: Brand | None) -> SafeString:
    """`{% brand_link subject as name %}`: the name, linked to its settings; words for one that is gone."""
    if not brand:
        return format_html("{}", _("something erased since"))
    rights = getattr(context.get("request"), "rights", ())
    if "brand.manage" not in rights:
        return format_html("<bdi>{}</bdi>", brand.name)
    address = reverse("brand_edit", args=[brand.pk])
    return format_html('<a class="link" href="{}"><bdi>{}</bdi></a>', address, brand.name)


@register.simple_tag(takes_context=True)
def approval_link(context: RequestContext, approval: Approval | None) -> SafeString:
    """ ": brand" behind a sentence about an approval, linked for whoever may decide; nothing for one that is gone."""
    if not approval:
        return format_html("")
    named = format_html("<bdi>{}</bdi>", approval.brand.name)
    if "approval.decide" in getattr(context.get("request"), "rights", ()):
        named = format_html('<a class="link" href="{}">{}</a>', reverse("approval", args=[approval.pk]), named)
    return format_html(": {}", named)
