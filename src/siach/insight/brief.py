"""The brief: the sentence at the head of Today, whose phrases are links, only of what exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from siach.insight.figures import feminine, masculine
from siach.ui.templatetags.siach_ui import ago, reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.insight.queries.today import Today

_TAG = re.compile(r"<[^<>]*>")


def brief(today: Today) -> SafeString:
    """How loud the talk is, then everything that presses, or that all is calm."""
    sentences = [_drill()] if any(brand.org.drill for brand in today.brands) else []
    sentences += [_volume(today)] if today.is_heard else []
    pressing = _pressing(today)
    if pressing:
        sentences.append(_said(_("%(what)s."), what=_joined(pressing)))
    elif not today.blind.sources:
        where = _link(reverse("first_source"), "good")
        text = _("No source is connected yet. %(open)sConnecting the first one%(close)s is the next step.")
        sentences.append(_said(text, **where))
    else:
        sentences.append(SafeString(_("All calm, nothing is waiting.")))
        if today.blind.heard_at:
            sentences.append(_said(_("Last heard: %(ago)s."), ago=ago(today.blind.heard_at, today.at)))
    return mark_safe(" ".join(sentences))


def _drill() -> SafeString:
    """What is told of next may be practice."""
    text = _("%(open)sA drill is running%(close)s, so part of this is practice.")
    return _said(text, **_link(reach("drills"), "warm"))


def _volume(today: Today) -> SafeString:
    brand = format_html("<bdi>{}</bdi>", today.brand.name) if today.brand else SafeString(_("our brands"))
    pulse, link = today.pulse, _link(reach("stream"), "warm" if today.pulse.level == "louder" else "")
    if pulse.level == "usual":
        return _said(_("Conversation about %(brand)s is in its usual range for this hour."), brand=brand)
    if pulse.level == "louder":
        text = _("Conversation about %(brand)s is %(open)sabove usual%(close)s for this hour.")
        return _said(text, brand=brand, **link)
    if pulse.level == "quieter":
        return _said(_("Conversation about %(brand)s is below usual for this hour."), brand=brand)
    if not pulse.total:
        return _said(_("Nothing was said about %(brand)s since midnight."), brand=brand)
    text = ngettext(
        "%(open)sOne mention%(close)s of %(brand)s since midnight.",
        "%(open)s%(n)s mentions%(close)s of %(brand)s since midnight.",
        pulse.total,
    )
    return _capital(_said(text, n=masculine(pulse.total), brand=brand, **link))


def _pressing(today: Today) -> list[SafeString]:
    """The clauses of what presses, the gravest first."""
    waits, inbox, sources = today.waiting, reach("inbox"), reach("sources")
    in_time = waits.cases if not waits.late and not waits.soon else 0
    counted = [
        (waits.grave, _grave_about if waits.topic else _grave, feminine, _link(inbox and f"{inbox}?priority=1", "hot")),
        (waits.unclear, _unclear, masculine, _link(inbox, "hot")),
        (waits.approvals, _asked, masculine, _link(reach("approvals"), "hot")),
        (waits.late, _late, feminine, _link(inbox, "hot")),
        (waits.soon, _soon, feminine, _link(inbox, "warm")),
        (in_time, _in_time, feminine, _link(inbox, "")),
        (waits.failed, _failed, masculine, _link(inbox, "warm")),
        (len(waits.deaf), _deaf, masculine, _link(sources, "warm")),
    ]
    topic = conditional_escape(waits.topic)
    return [_said(words(n), n=said(n), topic=topic, **link) for n, words, said, link in counted if n]


def _grave(n: int) -> str:
    return ngettext(
        "%(open)sone case%(close)s is about safety",
        "%(open)s%(n)s cases%(close)s are about safety",
        n,
    )


def _grave_about(n: int) -> str:
    return ngettext(
        "%(open)sone case%(close)s is about safety (<bdi>%(topic)s</bdi>)",
        "%(open)s%(n)s cases%(close)s are about safety (<bdi>%(topic)s</bdi>)",
        n,
    )


def _unclear(n: int) -> str:
    return ngettext(
        "it is unclear whether %(open)sone reply%(close)s was sent",
        "it is unclear whether %(open)s%(n)s replies%(close)s were sent",
        n,
    )


def _asked(n: int) -> str:
    return ngettext(
        "%(open)sone approval%(close)s is waiting for you",
        "%(open)s%(n)s approvals%(close)s are waiting for you",
        n,
    )


def _late(n: int) -> str:
    return ngettext(
        "%(open)sone case%(close)s is past its reply time",
        "%(open)s%(n)s cases%(close)s are past their reply time",
        n,
    )


def _soon(n: int) -> str:
    return ngettext(
        "%(open)sone case%(close)s is close to its reply deadline",
        "%(open)s%(n)s cases%(close)s are close to their reply deadline",
        n,
    )


def _in_time(n: int) -> str:
    return ngettext(
        "%(open)sone case%(close)s is waiting for a reply, in good time",
        "%(open)s%(n)s cases%(close)s are waiting for a reply, in good time",
        n,
    )


def _failed(n: int) -> str:
    return ngettext(
        "%(open)sone reply%(close)s was not sent",
        "%(open)s%(n)s replies%(close)s were not sent",
        n,
    )


def _deaf(n: int) -> str:
    return ngettext(
        "%(open)sone source%(close)s is not working",
        "%(open)s%(n)s sources%(close)s are not working",
        n,
    )


def _joined(clauses: Sequence[SafeString]) -> SafeString:
    """a, b, and c; in Hebrew the "and" clings to a word and takes a maqaf before a figure."""
    if len(clauses) == 1:
        return _capital(clauses[0])
    first, last = mark_safe(", ".join(clauses[:-1])), clauses[-1]
    figure = _TAG.sub("", last).lstrip()[:1].isdecimal()
    text = pgettext("before a figure", "%(first)s, and %(last)s") if figure else _("%(first)s, and %(last)s")
    return _capital(_said(text, first=first, last=last))


def _capital(sentence: SafeString) -> SafeString:
    """The first letter as a sentence begins; scripts without capitals stay as they are."""
    start = len(sentence) - len(re.sub(r"^(?:<[^>]*>)+", "", sentence))
    return mark_safe(sentence[:start] + sentence[start : start + 1].upper() + sentence[start + 1 :])


def _link(url: str, tone: str) -> dict[str, SafeString]:
    if not url:
        return {"open": SafeString("<b>"), "close": SafeString("</b>")}
    kind = format_html(' class="{}"', tone) if tone else SafeString()
    return {"open": format_html('<a{} href="{}">', kind, url), "close": SafeString("</a>")}


def _said(text: str, **parts: SafeString) -> SafeString:
    """Our own words with parts that are escaped unless they are markup of ours."""
    return mark_safe(text % {name: conditional_escape(part) for name, part in parts.items()})
