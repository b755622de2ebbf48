"""Template tags and filters of the look. In a template: `{% load siach_ui %}`."""

import datetime
import math
import zlib
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django import forms, template
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.template import Context, engines
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from siach.ui import text, undo
from siach.ui.html import element, figure
from siach.ui.icons import ICONS, MIRRORED
from siach.ui.templatetags.siach_quick import address, csrf_field

register = template.Library()

_RING = 2 * math.pi * 8
_SHRUB = (
    "M14 3.2a6 6 0 0 1 5.7 4.1 5.6 5.6 0 0 1 1.6 10.9 5.2 5.2 0 0 1-5.7 1.9V24.6l-4-4.3a5.2 5.2 0 0 1-4.9-2.1"
    "A5.6 5.6 0 0 1 8.3 7.3 6 6 0 0 1 14 3.2z"
)
_VEIN = "M15.3 20V12.6M15.3 16.4l3-2.6M15.3 14.8l-3.2-2.7"


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """A line icon, hidden from readers: `{% icon "reply" "s" %}` (s = small). Unknown names raise KeyError."""
    classes = " ".join(part for part in ("i", "flip" if name in MIRRORED else "", extra) if part)
    return _svg(ICONS[name], classes, 20, 20)


@register.simple_tag
def logo(size: int = 28) -> SafeString:
    """The mark: a shrub that is a speech bubble."""
    return _svg(element("path", d=_SHRUB) + element("path", class_="mast-vein", d=_VEIN), "mast-logo", 28, size)


@register.simple_tag
def heat(level: int) -> SafeString:
    """Five bars for a heat of 1 to 5, with the words for a screen reader."""
    level = max(1, min(5, int(level)))
    bars = ""
    for step in range(1, 6):
        height = 1.5 + 2.1 * step
        class_ = "heat-on" if step <= level else "heat-off"
        bars += element("rect", class_=class_, x=4 * (step - 1), y=12 - height, width=3, height=height, rx=1)
    shape = {"class_": f"heat h{level}", "viewBox": "0 0 19 12", "aria_hidden": "true"}
    words = gettext("heat %(level)s of 5") % {"level": level}
    drawn = element("svg", bars, width=22, height=14, **shape)
    return mark_safe(drawn + element("span", escape(words), class_="vh"))


@register.simple_tag
def ring(share: float, state: str = "") -> SafeString:
    """A clock as a ring: the share of the time still left (0 to 1), state "", "soon" or "late"."""
    share = max(0.0, min(1.0, float(share)))
    arcs = element("circle", class_="ring-track", cx=10, cy=10, r=8)
    if share:
        dashes = f"{figure(share * _RING)} {figure(_RING)}"
        turn = "rotate(-90 10 10)"
        arcs += element("circle", class_="ring-fill", cx=10, cy=10, r=8, stroke_dasharray=dashes, transform=turn)
    return _svg(arcs, f"ring {state}".strip(), 20, 18)


@register.simple_tag
def bar(share: float, label: str, state: str = "") -> SafeString:
    """A thin bar for a share of 0 to 1, read out as `label`; state "full" warms it."""
    width = 100 * max(0.0, min(1.0, float(share)))
    track = element("rect", class_="bar-track", width=100, height=8)
    fill = element("rect", class_="bar-fill", width=width, height=8)
    shape = {"viewBox": "0 0 100 8", "preserveAspectRatio": "none", "role": "img"}
    classes = f"bar {state}".strip()
    return mark_safe(element("svg", track + fill, class_=classes, aria_label=str(label), **shape))


@register.simple_tag
def interval(low: float, share: float, high: float) -> SafeString:
    """A share of 0 to 1 as a mark on its interval, along the whole scale. The figures stand beside it."""
    track = element("rect", class_="bar-track", y=5, width=200, height=2)
    span = element("rect", class_="interval-span", x=200 * low, y=2, width=200 * (high - low), height=8, rx=1)
    mark = element("rect", class_="interval-mark", x=200 * share - 1, width=2, height=12)
    return mark_safe(element("svg", track + span + mark, class_="interval", viewBox="0 0 200 12", aria_hidden="true"))


@register.simple_tag
def reach(name: str, *args: Any) -> str:
    """The address of a page by its url name, or "" where this installation has no such page:
    `{% reach "case" mark.object_id as url %}{% if url %}…`."""
    try:
        return address(name, *args) if name else ""
    except NoReverseMatch:
        return ""


@register.filter
def breakable(address: str) -> SafeString:
    """An address or a handle that a narrow column breaks behind its @ or before a dot, and inside a word only where
    nothing else helps."""
    return mark_safe(escape(address).replace("@", "@<wbr>").replace(".", "<wbr>."))


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


@register.simple_tag
def avatar(name: str, size: str = "", key: Any = "") -> SafeString:
    """A round sign for a person; size "", "lg" or "xs"; `key` keeps the tone when the name changes."""
    classes = f"av {avatar_tone(key or name)} {size}".strip()
    return mark_safe(f'<span class="{escape(classes)}" aria-hidden="true">{escape(initials(name))}</span>')


@register.simple_tag(takes_context=True)
def piece(context: Context, name: str, **more: Any) -> SafeString:
    """`{% piece "talk/part_tag.html" author=post.author %}`: drawn by Jinja, with all that the page round it knows."""
    values: dict[str, Any] = context.flatten() | more  # type: ignore[assignment]
    token = values.get("csrf_token")
    values["csrf_input"] = csrf_field(str(token)) if token else ""
    return mark_safe(engines["jinja2"].get_template(name).render(values))


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, optional: bool = False) -> dict[str, Any]:
    """One form field with its label, help and errors tied together for every reader.

    Boxes to tick never say that they are optional: that none is ticked is an answer."""
    widget = bound.field.widget
    many = isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))
    described = [f"{bound.auto_id}-{part}" for part in ("help", "error") if getattr(bound, _SAID[part])]
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if "dir" not in widget.attrs and (side := _side(widget)):
        attrs["dir"] = side
        if side == "auto":
            attrs["placeholder"] = widget.attrs.get("placeholder", " ")
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "many": many,
        "single_check": isinstance(widget, forms.CheckboxInput),
        "optional": optional or not (bound.field.required or isinstance(widget, forms.CheckboxSelectMultiple)),
    }


_SAID = {"help": "help_text", "error": "errors"}


def _side(widget: forms.Widget) -> str:
    """Codes and addresses are written from left to right; words find their own direction."""
    if isinstance(widget, (forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.NumberInput)):
        return "ltr"
    return "auto" if isinstance(widget, (forms.TextInput, forms.Textarea)) else ""


@register.filter
def message_tone(level_tag: str) -> str:
    """The class of a banner for a Django message level."""
    return {"error": "alarm", "warning": "warn"}.get(level_tag, "")


@register.filter
def undo_of(message: Message) -> undo.Undo | None:
    """The way back that a message offers: `{% with back=message|undo_of %}`."""
    return undo.undo_of(message)


@register.filter
def text_dir(value: str) -> str:
    """`<p dir="{{ post.text|text_dir }}">`"""
    return text.text_dir(value or "")


@register.filter
def rich_text(value: str) -> SafeString:
    """`{{ post.text|rich_text }}`: safe, isolated, with line breaks."""
    return text.rich_text(value or "")


@register.filter
def brief_text(value: str, letters: int = 160) -> SafeString:
    """`{{ post.text|brief_text:160 }}`: the beginning in one line, isolated, without links."""
    return text.brief_text(value or "", letters)


@register.filter
def quoted_text(value: str, letters: int = 160) -> SafeString:
    """`{{ case.said|quoted_text:96 }}`: the beginning in the quotation marks of its direction."""
    return text.quoted_text(value or "", letters)


@register.filter
def isolated(names: Iterable[object]) -> SafeString:
    """Names in a row, each apart from the comma behind it: `{{ waits|isolated }}`."""
    return format_html_join(", ", "<bdi>{}</bdi>", ((text.clean(str(name)),) for name in names))


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
    local = _local(value)
    return _time(local, _written(local))


@register.filter
def hour(value: datetime.datetime | None) -> SafeString:
    """HH:MM in the active zone, with the whole date as its title."""
    return mark_safe("–") if value is None else _time(local := _local(value), f"{local:%H:%M}")


@register.filter
def ago(value: datetime.datetime | None, at: datetime.datetime | None = None) -> SafeString:
    """How long ago, or in how long, in words of the page's language; after a week the date itself.

    `at` is the time to compare with (default: now)."""
    if value is None:
        return mark_safe("–")
    local, seconds = _local(value), ((at or timezone.now()) - value).total_seconds()
    return _time(local, _relative(seconds) or f"{local:%d.%m.%Y}")


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time in one unit: 45 sec, 12 min, 3 h, 2 days."""
    if seconds is None:
        return "–"
    amount = abs(float(seconds))
    if amount < 60:
        n = int(amount)
        return ngettext("%(n)s sec", "%(n)s sec", n) % {"n": n}
    if amount < 3600:
        n = int(amount // 60)
        return ngettext("%(n)s min", "%(n)s min", n) % {"n": n}
    if amount < 86400:
        n = int(amount // 3600)
        return ngettext("%(n)s h", "%(n)s h", n) % {"n": n}
    n = int(amount // 86400)
    return ngettext("one day", "%(n)s days", n) % {"n": n}


def _relative(seconds: float) -> str:
    if abs(seconds) < 45:
        return gettext("now")
    if abs(seconds) >= 7 * 86400:
        return ""
    return _away(max(1, int(abs(seconds) // 60)), seconds > 0, get_language())


@lru_cache(maxsize=4_096)
def _away(minutes: int, past: bool, language: str | None) -> str:
    length = duration(60 * minutes)
    return (gettext("%(length)s ago") if past else gettext("in %(length)s")) % {"length": length}


def _local(value: datetime.datetime | datetime.date) -> datetime.datetime | datetime.date:
    if isinstance(value, datetime.datetime) and value.tzinfo:
        return value.astimezone(timezone.get_current_timezone())
    return value


def _written(local: datetime.datetime | datetime.date) -> str:
    day = f"{local.day:02}.{local.month:02}.{local.year:04}"
    return f"{day} {local.hour:02}:{local.minute:02}" if isinstance(local, datetime.datetime) else day


def _time(local: datetime.datetime | datetime.date, shown: str) -> SafeString:
    return mark_safe(
        f'<time datetime="{local.isoformat()}" title="{_written(local)}"><bdi>{escape(shown)}</bdi></time>'
    )


def _svg(inner: str, classes: str, grid: int, size: int) -> SafeString:
    """A square drawing that says nothing to a screen reader."""
    box = f"0 0 {grid} {grid}"
    drawn = element("svg", inner, class_=classes, viewBox=box, width=size, height=size, aria_hidden="true")
    return mark_safe(drawn)
