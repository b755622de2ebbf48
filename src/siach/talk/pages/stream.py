"""Stream: what is being said?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET

from siach.calc import sentiment
from siach.language.reading import LANGUAGES
from siach.org.models import Brand, Topic
from siach.org.rights import needs
from siach.talk.asking import view_asked
from siach.talk.connections import label
from siach.talk.models import Mention, Part, Source
from siach.talk.queries import stream as queries
from siach.talk.queries.counts import (
    ALL,
    Slice,
    Tally,
    counts_by_day,
    counts_by_intent,
    counts_by_network,
    tally,
    tally_since,
)
from siach.talk.queries.filters import PERIODS, RANGE, Filters, View
from siach.talk.queries.listed import cursor_of
from siach.talk.queries.views import pins
from siach.talk.reading_words import EMOTION_WORDS, LANGUAGE_WORDS
from siach.ui.charts import DayBar, bars_by_day
from siach.ui.filtering import Choice, choice
from siach.ui.frame import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from siach.talk.queries.stream import Shown

PLACE = Place("stream", gettext_lazy("Stream"), icon="stream", order=20, key="D", right="stream.read")
CHART_LEAST = 14
CHART_MOST = 120
_USUAL = (Mention.Intent.COMPLAINT, Mention.Intent.QUESTION, Mention.Intent.PRAISE)


@needs("stream.read")
@require_GET
def stream(request: HttpRequest) -> HttpResponse:
    """The whole page; with htmx its `#stream` alone is taken out of it."""
    scope = queries.scope(request.user)  # type: ignore[arg-type]
    view = view_asked(request, scope)
    before = cursor_of(request.GET.get("before", ""))
    newest, heard = queries.newest_id(), _heard(view)
    shown = queries.stream(view, before=before)
    answer = render(
        request,
        "talk/stream.html",
        {
            "view": view,
            "filters": view.filters,
            "shown": shown,
            "at": view.at,
            "newest": newest,
            "is_first": before is None,
            "older_url": _older(view, shown),
            "top_url": "?" + view.filters.address(),
            "several_brands": len(view.brands) > 1,
            "unmuted_url": "?" + view.filters.address(muted="show"),
            "pins": pins(request.user, scope, request.brand, view.filters, at=view.at),  # type: ignore
            **_bar(view, heard, scope, request.brand),  # type: ignore[attr-defined]
            **_side(view, heard),
            "empty": None if shown.cards else _empty(request, view, shown, scope),
        },
    )
    answer["HX-Push-Url"] = request.path + "?" + view.filters.address()  # without the fields that ask nothing
    return answer


@needs("stream.read")
@require_GET
def stream_new(request: HttpRequest) -> HttpResponse:
    """How many mentions came since the page was drawn: a pill that loads them, or nothing."""
    view = view_asked(request, queries.scope(request.user))  # type: ignore[arg-type]
    after = request.GET.get("after", "")
    known = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    found = queries.new_since(view, known, at=view.at)
    words = ngettext("One new", "%(n)s new", found) % {"n": _capped(found, queries.MOST_NEW)}
    context = {"found": found, "words": words, "url": f"{reverse('stream')}?{view.filters.address()}"}
    return render(request, "talk/stream_new.html", context)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What counts tell of the period, whatever else is asked: the bar and the side both say it."""

    tones: Tally
    networks: dict[str, int]


def _heard(view: View) -> _Heard | None:
    """None of a brand that is open only in part: counts know no parts."""
    return None if view.is_narrow else _Heard(_tally(view), counts_by_network(view.brand_ids, *_days(view)))


# --- the bar of filters -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    is_on: bool
    count: int | None


def _bar(view: View, heard: _Heard | None, scope: Sequence[Brand], in_view: Brand | None) -> dict[str, Any]:
    filters = view.filters
    return {
        "brand_choice": _brands(filters, scope, in_view),
        "period_choice": _periods(view),
        "is_range": filters.period == RANGE,
        "tones": _tones(view, heard),
        "intents": _intents(view),
        "more_choices": _rarer(view, heard),
        "kept_fields": parse_qsl(filters.address()),
        "may_keep": filters.is_narrow or filters.period or filters.brand,
        "clear_url": "?" + Filters(brand=filters.brand, period=filters.period).address(),
    }


def _brands(filters: Filters, scope: Sequence[Brand], in_view: Brand | None) -> Choice:
    """The brand in view stands for itself; the others can be looked at without leaving it."""
    options: list[tuple[str, str]] = [(str(brand.pk), brand.name) for brand in scope if brand != in_view]
    rivals = any(brand.kind == Brand.Kind.RIVAL for brand in scope)
    if len(scope) > 1 and in_view:
        options.append(("own", _("Our brands")))
    if rivals:
        options += [("rival", _("Rival brands")), ("all", _("All brands, rivals too"))]
    none = in_view.name if in_view else _("Our brands")
    return choice(filters, "brand", _("Brand"), none, options)


def _periods(view: View) -> Choice:
    words = {
        "today": _("Today"),
        "24h": _("Last 24 hours"),
        "7": _("Last 7 days"),
        "30": _("Last 30 days"),
        "90": _("Last 90 days"),
    }
    options = [*((key, words[key]) for key in PERIODS), (RANGE, _("Custom dates"))]
    none = words["90"] if view.filters.q else words["30"]
    usual = "90" if view.filters.q else "30"
    return choice(view.filters, "period", _("Period"), none, [one for one in options if one[0] != usual])


def _tones(view: View, heard: _Heard | None) -> list[Chip]:
    """All, negative, neutral, positive; each with its count where counts can tell."""
    tones = None if view.filters.beyond_counts or not heard else heard.tones
    counts = {-1: tones.negative, 0: tones.neutral, 1: tones.positive} if tones else {}
    return _chips(view, "sentiment", Mention.Sentiment.choices, counts)


def _intents(view: View) -> list[Chip]:
    """The usual kinds, and of the others those that there are; all where counts cannot tell."""
    counts, chosen = dict[int, int](), view.filters.intent
    if not (view.filters.beyond_counts or view.is_narrow or view.since):
        only = view.filters.only()
        first, last = _days(view)
        counts = counts_by_intent(view.brand_ids, first, last, Slice(only.networks, only.sentiments))
    kinds = [(value, words) for value, words in Mention.Intent.choices if value]
    asked = [one for one in kinds if not counts or one[0] in _USUAL or counts.get(one[0]) or str(one[0]) == chosen]
    return _chips(view, "intent", asked, counts)[1:]


def _chips(view: View, name: str, choices: Iterable[tuple[int, Any]], counts: dict[int, int]) -> list[Chip]:
    """A chip for each value, after one that asks for none; pressing the chosen one again takes it back."""
    chosen = getattr(view.filters, name)
    chips = [Chip(pgettext("filter", "All"), "?" + view.filters.address(**{name: ""}), not chosen, None)]
    for value, words in choices:
        is_on = chosen == str(value)
        url = "?" + view.filters.address(**{name: "" if is_on else value})
        chips.append(Chip(capfirst(str(words)), url, is_on, counts.get(value, 0) if counts else None))
    return chips


def _rarer(view: View, heard: _Heard | None) -> list[Choice]:
    filters = view.filters
    everything = pgettext("filter", "All")
    networks = dict.fromkeys([*(heard.networks if heard else ()), filters.network])
    topics = Topic.objects.filter(brand__in=view.brand_ids).order_by("name", "pk")
    ways = [
        ("live", _("Heard live")),
        ("history", _("History")),
        ("captured", _("Added manually")),
    ]
    urgency = [("1", _("At least some")), ("2", _("At least high")), ("3", _("The highest"))]
    return [
        choice(filters, "network", _("Network"), everything, [(one, label(one)) for one in networks if one]),
        choice(filters, "language", _("Language"), everything, [(one, LANGUAGE_WORDS[one]) for one in LANGUAGES]),
        choice(filters, "part", _("Author's role"), everything, _as_text(Part.choices)),
        choice(filters, "urgency", _("Urgency"), everything, urgency),
        choice(filters, "emotion", _("Emotion"), everything, _as_text(EMOTION_WORDS.items())),
        choice(filters, "topic", _("Topic"), everything, [(str(topic.pk), topic.name) for topic in topics]),
        choice(filters, "via", _("Why it is about the brand"), everything, _as_text(Mention.Via.choices)),
        choice(filters, "heard", _("How it came in"), everything, ways),
    ]


def _as_text(choices: Iterable[tuple[object, Any]]) -> list[tuple[str, str]]:
    return [(str(value), capfirst(str(words))) for value, words in choices]


# --- beside the list --------------------------------------------------------------------------------------


def _days(view: View) -> tuple[date, date]:
    return (view.filters.day, view.filters.day) if view.filters.day else (view.first, view.last)


def _tally(view: View) -> Tally:
    """The period's mentions by tone, whatever tone is asked for."""
    only = replace(view.filters.only(), sentiments=())
    if view.since and not view.filters.day:
        return tally_since(view.brand_ids, view.since, view.at + timedelta(days=1), only)
    return tally(view.brand_ids, *_days(view), only)


def _side(view: View, heard: _Heard | None) -> dict[str, Any]:
    """The chart by day, the net of what was judged, and where it was said (counts know it by day only)."""
    if heard is None:
        return {"day_off_url": "?" + view.filters.address(day=None)}
    only, by_network = view.filters.only(), {} if view.since else heard.networks
    if by_network and only != ALL:
        by_network = counts_by_network(view.brand_ids, *_days(view), only)
    most = max(by_network.values(), default=0)
    return {
        "chart": _chart(view),
        "net": sentiment.net_sentiment(heard.tones.negative, heard.tones.positive),
        "networks": [
            (label(name), n, n / most, "?" + view.filters.address(network=name))
            for name, n in list(by_network.items())[:6]
        ],
        "day_off_url": "?" + view.filters.address(day=None),
    }


def _chart(view: View) -> SafeString:
    """Counts by day: the days of the period, at least two weeks of them, the latest 120 at most."""
    last = view.last
    first = min(view.first, last - timedelta(days=CHART_LEAST - 1))
    first = max(first, last - timedelta(days=CHART_MOST - 1))
    counts = counts_by_day(view.brand_ids, first, last, view.filters.only())
    within = f"?{view.filters.address(day=None)}&day=".replace("?&", "?")
    days = [
        DayBar(count.day, (count.negative, count.neutral, count.positive), _to_day(view, count.day, within))
        for count in counts
    ]
    words = _("%(total)s mentions from %(first)s to %(last)s. A day leads to its mentions.") % {
        "total": sum(day.total for day in days),
        "first": date_format(first, "SHORT_DATE_FORMAT"),
        "last": date_format(last, "SHORT_DATE_FORMAT"),
    }
    return bars_by_day("days", _("Mentions by day"), words, days, current=view.filters.day)


def _to_day(view: View, day: date, within: str) -> str:
    """The address of one day of the chart, `within` and the day; widening a period that does not hold it; again: of
    all days."""
    if day == view.filters.day:
        return "?" + view.filters.address(day=None)
    if view.first <= day <= view.last:
        return f"{within}{day}"
    first, last = min(day, view.first), max(day, view.last)
    return "?" + view.filters.address(day=day, period=RANGE, first=first, last=last)


def _older(view: View, shown: Shown) -> str:
    return f"?{view.filters.address(before=shown.older)}" if shown.older else ""


def _capped(found: int, most: int) -> str:
    return f"{most}+" if found > most else str(found)


# --- why it is empty --------------------------------------------------------------------------------------


def _empty(request: HttpRequest, view: View, shown: Shown, scope: Sequence[Brand]) -> dict[str, str]:
    """Why nothing is listed, and what to do about it: glyph, title, text, action, action_url."""
    filters = view.filters
    if shown.older:
        return {
            "glyph": "search",
            "title": _("None among those searched so far"),
            "text": _("This filter searches the newest mentions first; older ones have not been searched yet."),
            "action": _("Search further back"),
            "action_url": _older(view, shown),
        }
    if not Source.objects.filter(org__in={brand.org_id for brand in scope}).exists():
        return _no_source(request)
    if filters.is_narrow:
        return {
            "glyph": "filter",
            "title": _("No mentions match these filters"),
            "text": _("There may be more without the filters."),
            "action": _("Clear the filters"),
            "action_url": "?" + Filters(brand=filters.brand, period=filters.period).address(),
        }
    newest = queries.newest_said(view)
    if newest:
        day = timezone.localtime(newest).date()
        start = day - timedelta(days=29)
        return {
            "title": _("Quiet in this period"),
            "text": _("The latest mention was on %(day)s.") % {"day": date_format(day, "SHORT_DATE_FORMAT")},
            "action": _("Show the 30 days up to then"),
            "action_url": "?" + Filters(brand=filters.brand, period=RANGE, first=start, last=day).address(),
        }
    return {
        "title": _("All is quiet"),
        "text": _("Nothing was said in this period. New mentions will appear here by themselves."),
    }


def _no_source(request: HttpRequest) -> dict[str, str]:
    words = {
        "glyph": "sources",
        "title": _("Nothing is heard yet"),
        "text": _(
            "Siach is not listening anywhere yet. Start by connecting an account, importing a file or pasting a post."
        ),
    }
    if "source.manage" not in request.rights:  # type: ignore[attr-defined]
        return words
    return words | {"action": _("Connect a first source"), "page": "connect"}


urlpatterns = [
    path("stream/", stream, name="stream"),
    path("stream/new/", stream_new, name="stream_new"),
]
