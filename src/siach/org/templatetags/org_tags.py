"""Sentences of the ledger about brands and approvals, linked for whoever may open them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from siach.org.models import Membership, User

if TYPE_CHECKING:
    from datetime import datetime

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
        return SafeString()
    named = format_html("<bdi>{}</bdi>", approval.brand.name)
    if "approval.decide" in getattr(context.get("request"), "rights", ()):
        named = format_html('<a class="link" href="{}">{}</a>', reverse("approval", args=[approval.pk]), named)
    return format_html(": {}", named)


@register.filter
def user_name(user_id: int | None) -> str:
    """The name of a person, "" for nobody and for who is gone: the ledger keeps only ids."""
    return (User.objects.filter(pk=user_id).values_list("name", flat=True).first() or "") if user_id else ""


_BROWSERS = ("Firefox", "Edg", "OPR", "SamsungBrowser", "Chrome", "Safari")
_DEVICES = ("Android", "iPhone", "iPad", "Windows", "Mac", "CrOS", "Linux")


@register.filter
def agent(header: str) -> str:
    """A browser and its device by the names they give themselves: "Chrome, Android"."""
    browser = next((name for name in _BROWSERS if name in header), "")
    device = next((name for name in _DEVICES if name in header), "")
    names = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung", "Mac": "macOS", "CrOS": "ChromeOS"}
    return ", ".join(names.get(name, name) for name in (browser, device) if name) or _("a browser")


@register.filter
def role(code: str) -> str:
    """The label of a role's code."""
    return str(Membership.Role(code).label) if code in Membership.Role.values else code


@register.filter
def moment(written: str) -> datetime | None:
    """An ISO time of a proof as a time."""
    return parse_datetime(written)
