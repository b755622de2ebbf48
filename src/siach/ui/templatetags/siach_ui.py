"""Template tags and filters of the look. In a template: `{% load siach_ui %}`."""

import datetime
import math
import zlib
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from siach.ui import text
from siach.ui.icons import ICONS, MIRRORED

register = template.Library()

_RING = 2 * math.pi * 8


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A line icon, hidden from readers: `{% icon "reply" "s" %}` (s = small). Unknown names raise KeyError."""
    classes = " ".join(part for part in ("i", "flip" if name in MIRRORED else "", extra) if part)
    return mark_safe(
        f'<svg class="{classes}" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{ICONS[name]}</svg>'
    )


@register.simple_tag
def logo(size: int = 28) -> SafeString:
    """The mark: a shrub that is a speech bubble."""
    return mark_safe(
        f'<svg class="mast-logo" viewBox="0 0 28 28" width="{size}" height="{size}" aria-hidden="true"><path d="M14'
        " 3.2a6 6 0 0 1 5.7 4.1 5.6 5.6 0 0 1 1.6 10.9 5.2 5.2 0 0 1-5.7 1.9V24.6l-4-4.3a5.2 5.2 0 0 1-4.9-2.1A5.6"
        ' 5.6 0 0 1 8.3 7.3 6 6 0 0 1 14 3.2z"/><path class="mast-vein" d="M15.3 20V12.6M15.3 16.4l3-2.6M15.3'
        ' 14.8l-3.2-2.7"/></svg>'
    )


@register.simple_tag
def heat(level: int) -> SafeString:
    """Five bars for a heat of 1 to 5, with the words for a screen reader."""
    level = max(1, min(5, int(level)))
    bars = "".join(
        f'<rect class="heat-{"on" if step <= level else "off"}" x="{4 * (step - 1)}" y="{12 - 1.5 - 2.1 * step:.2f}"'
        f' width="3" height="{1.5 + 2.1 * step:.2f}" rx="1"/>'
        for step in range(1, 6)
    )
    return format_html(
        '<svg class="heat h{}" viewBox="0 0 19 12" width="22" height="14" aria-hidden="true">{}</svg>'
        '<span class="vh">{}</span>',
        level,
        mark_safe(bars),
        gettext("heat %(level)s of 5") % {"level": level},
    )


@register.simple_tag
def ring(share: float, state: str = "") -> SafeString:
    """A clock as a ring: the share of the time still left (0 to 1), state "", "soon" or "late"."""
    share = max(0.0, min(1.0, float(share)))
    fill = (
        f'<circle class="ring-fill" cx="10" cy="10" r="8" stroke-dasharray="{share * _RING:.2f} {_RING:.2f}"'
        ' transform="rotate(-90 10 10)"/>'
        if share > 0
        else ""
    )
    return format_html(
        '<svg class="ring {}" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><circle class="ring-track"'
        ' cx="10" cy="10" r="8"/>{}</svg>',
        state,
        mark_safe(fill),
    )


@register.simple_tag
def bar(share: float, label: str, state: str = "") -> SafeString:
    """A thin bar for a share of 0 to 1, read out as `label`; state "full" warms it."""
    width = 100 * max(0.0, min(1.0, float(share)))
    return format_html(
        '<svg class="bar {}" role="img" aria-label="{}" preserveAspectRatio="none" viewBox="0 0 100 8">'
        '<rect class="bar-track" width="100" height="8"/><rect class="bar-fill" width="{}" height="8"/></svg>',
        state,
        label,
        f"{width:.2f}",
    )


@register.filter
def initials(name: str) -> str:
    """One or two letters for a person without a picture."""
    words = [w for w in (part.lstrip("@#_.") for part in text.clean(name).split()) if w[:1].isalnum()]
    if not words:
        return "·"
    first = words[0][:1]
    return (first + words[-1][:1] if len(words) > 1 else words[0][:2]).upper()


@register.filter
def avatar_tone(key: Any) -> str:
    """One of five tones, the same for the same name or id."""
    return "abcde"[zlib.crc32(str(key).encode("utf-8", "replace")) % 5]


@register.inclusion_tag("ui/avatar.html")
def avatar(name: str, size: str = "", key: Any = "") -> dict[str, str]:
    """A round sign for a person; size "", "lg" or "xs"; `key` keeps the tone when the name changes."""
    return {"letters": initials(name), "tone": avatar_tone(key or name), "size": size}


@register.inclusion_tag("ui/field.html")
def field(bound: Any, optional: bool = False) -> dict[str, Any]:
    """One form field with its label, help and errors tied together for every reader."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    described = [f"{bound.auto_id}-help"] if bound.help_text else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    attrs: dict[str, str] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if kind in {"text", "search"} or widget.__class__.__name__ == "Textarea":
        attrs.setdefault("dir", widget.attrs.get("dir", "auto"))
    elif kind in {"email", "url", "password", "number"}:
        attrs["dir"] = "ltr"
    many = getattr(widget, "use_fieldset", False) or widget.__class__.__name__ in {"RadioSelect", "CheckboxSelectMultiple"}
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "many": many,
        "single_check": kind == "checkbox" and not many,
        "optional": optional or not bound.field.required,
    }


@register.filter
def message_tone(level_tag: str) -> str:
    """The class of a banner for a Django message level."""
    return {"error": "alarm", "warning": "warn"}.get(level_tag, "")


@register.filter
def text_dir(value: str) -> str:
    """`<p dir="{{ post.text|text_dir }}">`"""
    return text.text_dir(value or "")


@register.filter
def rich_text(value: str) -> SafeString:
    """`{{ post.text|rich_text }}`: safe, isolated, with line breaks."""
    return text.rich_text(value or "")


@register.filter
def marked_text(value: str, spans: Any) -> SafeString:
    """`{{ post.text|marked_text:spans }}`; spans are (start, end), (start, end, kind) or `Span`."""
    return text.marked_text(value or "", spans or ())


@register.filter
def num(value: float | None) -> SafeString:
    """A whole number with thousands, isolated: 12,345. None is a dash."""
    return mark_safe(f'<bdi dir="ltr" class="num">{value:,.0f}</bdi>' if value is not None else "–")


@register.filter
def percent(share: float | None, digits: int = 0) -> SafeString:
    """A share of 0 to 1 as percents, isolated: 41%."""
    return mark_safe(f'<bdi dir="ltr" class="num">{100 * share:.{digits}f}%</bdi>' if share is not None else "–")


@register.filter
def signed(value: float | None, digits: int = 0) -> SafeString:
    """A change with its sign, isolated: +12 or a true minus and 3."""
    if value is None:
        return mark_safe("–")
    written = f"{abs(value):,.{digits}f}"
    sign = "" if float(written.replace(",", "")) == 0 else "+" if value > 0 else "\u2212"
    return mark_safe(f'<bdi dir="ltr" class="num">{sign}{written}</bdi>')


@register.filter
def when(value: datetime.datetime | datetime.date | None) -> SafeString:
    """dd.mm.yyyy HH:MM in the active zone (a plain date without the hour), as `<time>`."""
    if value is None:
        return mark_safe("–")
    return _time(value, _written(value))


@register.filter
def hour(value: datetime.datetime | None) -> SafeString:
    """HH:MM in the active zone, with the whole date as its title."""
    return mark_safe("–") if value is None else _time(value, f"{_local(value):%H:%M}")


@register.filter
def ago(value: datetime.datetime | None, at: datetime.datetime | None = None) -> SafeString:
    """How long ago, or in how long, in words of the page's language; after a week the date itself.

    `at` is the time to compare with (default: now)."""
    if value is None:
        return mark_safe("–")
    seconds = ((at or timezone.now()) - value).total_seconds()
    return _time(value, _relative(seconds) or f"{_local(value):%d.%m.%Y}")


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time in one unit: 45 sec, 12 min, 3 h, 2 days."""
    if seconds is None:
        return "–"
    amount = abs(float(seconds))
    if amount < 60:
        return gettext("%(n)s sec") % {"n": int(amount)}
    if amount < 3600:
        return gettext("%(n)s min") % {"n": int(amount // 60)}
    if amount < 86400:
        return gettext("%(n)s h") % {"n": int(amount // 3600)}
    days = int(amount // 86400)
    return ngettext("one day", "%(n)s days", days) % {"n": days}


def _relative(seconds: float) -> str:
    if abs(seconds) < 45:
        return gettext("now")
    if abs(seconds) >= 7 * 86400:
        return ""
    length = duration(max(60.0, abs(seconds)))
    return (gettext("%(length)s ago") if seconds > 0 else gettext("in %(length)s")) % {"length": length}


def _local(value: datetime.datetime | datetime.date) -> datetime.datetime | datetime.date:
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _written(value: datetime.datetime | datetime.date) -> str:
    local = _local(value)
    return f"{local:%d.%m.%Y %H:%M}" if isinstance(local, datetime.datetime) else f"{local:%d.%m.%Y}"


def _time(value: datetime.datetime | datetime.date, shown: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}"><bdi>{}</bdi></time>', _local(value).isoformat(), _written(value), shown
    )
