"""Charts drawn on the server as SVG.

Colours come from CSS classes and every quantity is an SVG attribute, so the strict content policy, the dark
theme and print need nothing more. Curves and bars lie in a nested `<svg>` that stretches; labels lie on the
outer one at percentages, so type and strokes keep their size at any width. Every chart is `dir="ltr"` (time
runs left to right in both languages) and every label is isolated, so no Hebrew word reorders it.
"""

import datetime
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext

RLI, LRI, PDI = "\u2067", "\u2066", "\u2069"

#: Classes of a stacked day from the bottom up, with their words.
SENTIMENTS = ("neg", "neu", "pos")


@dataclass(frozen=True)
class DayBar:
    """One day: counts of negative, neutral and positive mentions; `href` opens the day's rows."""

    date: datetime.date
    counts: tuple[int, int, int]
    href: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts)


def bars_by_day(uid: str, title: str, desc: str, days: Sequence[DayBar], *, current: datetime.date | None = None) -> SafeString:
    """Stacked counts by day, with a legend and the same numbers as a table. `uid` is unique on the page;
    `current` marks the day that is filtered on. No days draw nothing."""
    if not days:
        return mark_safe("")
    top, ticks = _scale(max(day.total for day in days))
    width = 1000 / len(days)
    plot = "".join(_day(day, index * width, width, top, day.date == current) for index, day in enumerate(days))
    labels = [_label("tick", _number(value), "0", _share(1 - value / top), "end", dx=-8) for value in ticks]
    labels += [
        _label("tick", f"{days[i].date:%d.%m}", _share((i + 0.5) / len(days)), "100%", "middle", dy=18)
        for i in _spaced(len(days), 5)
    ]
    lines = "".join(f'<line class="chart-grid" x1="0" x2="100%" y1="{_share(1 - v / top)}" y2="{_share(1 - v / top)}"/>' for v in ticks)
    svg = (
        f'<svg class="chart-svg" role="{"group" if any(d.href for d in days) else "img"}" aria-labelledby="{uid}-t {uid}-d"'
        f' direction="ltr"><title id="{uid}-t">{escape(title)}</title><desc id="{uid}-d">{escape(desc)}</desc>{lines}'
        f'<svg class="chart-plot" viewBox="0 0 1000 1000" preserveAspectRatio="none">{plot}</svg>{"".join(labels)}</svg>'
    )
    return mark_safe(f'<div class="chart days" dir="ltr">{svg}</div><div class="chart-foot">{_legend()}{_day_table(days)}</div>')


def pulse(
    uid: str,
    title: str,
    desc: str,
    hours: Sequence[float],
    usual: Sequence[tuple[float, float]] = (),
    *,
    now_hour: float | None = None,
) -> SafeString:
    """Today's counts by hour (one value per hour so far) on the usual band (low, high for each of 24 hours;
    empty while too little is known). `now_hour` is the clock's hour with its fraction, where the line ends."""
    top = max([1.0, *hours, *(high for _, high in usual)]) * 1.08
    end = now_hour if now_hour is not None else float(max(0, len(hours) - 1))
    at = [min(float(i), end) for i in range(len(hours))]
    if len(at) > 1:
        at[-1] = max(at[-2] + 0.05, end)
    line = [(x / 24 * 1000, 1000 - value / top * 1000) for x, value in zip(at, hours, strict=True)]
    parts = []
    if usual:
        high = [(i / (len(usual) - 1) * 1000, 1000 - h / top * 1000) for i, (_, h) in enumerate(usual)]
        low = [(i / (len(usual) - 1) * 1000, 1000 - v / top * 1000) for i, (v, _) in enumerate(usual)]
        parts.append(f'<path class="chart-normal" d="M{_curve(high)}L{_curve(low, back=True)}Z"/>')
    if len(line) > 1:
        parts.append(f'<path class="chart-obs" d="M{_curve(line)}"/>')
    dot = f'<circle class="chart-now" cx="{_share(line[-1][0] / 1000)}" cy="{_share(line[-1][1] / 1000)}" r="4"/>' if line else ""
    labels = [
        _label("tick", f"{hour:02}:00", _share(hour / 24), "100%", {0: "start", 24: "end"}.get(hour, "middle"), dy=18)
        for hour in (0, 6, 12, 18, 24)
    ]
    if usual:
        low_at, high_at = usual[int(len(usual) * 0.68)]
        labels.append(_label("tick", gettext("the usual range"), "68%", _share(1 - (low_at + high_at) / 2 / top), "middle", dy=4))
    svg = (
        f'<svg class="chart-svg" role="img" aria-labelledby="{uid}-t {uid}-d" direction="ltr"><title id="{uid}-t">'
        f'{escape(title)}</title><desc id="{uid}-d">{escape(desc)}</desc><svg class="chart-plot" viewBox="0 0 1000 1000"'
        f' preserveAspectRatio="none">{"".join(parts)}</svg>{dot}{"".join(labels)}</svg>'
    )
    return mark_safe(f'<div class="chart pulse" dir="ltr">{svg}</div>{_hour_table(hours, usual)}')


def sparkline(values: Sequence[float], label: str = "") -> SafeString:
    """A small line without axes; `label` is its text for a screen reader (empty: it only repeats a number)."""
    if not values:
        return mark_safe("")
    top = max(*values, 1) if len(values) > 1 else max(values[0], 1)
    step = 92 / max(1, len(values) - 1)
    points = [(2 + i * step, 26 - value / top * 22) for i, value in enumerate(values)]
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    path = f'<path class="spark-line" d="M{_curve(points)}"/>' if len(points) > 1 else ""
    x, y = points[-1]
    return mark_safe(
        f'<svg class="spark" viewBox="0 0 96 28" width="96" height="28" {role}>{path}'
        f'<circle class="spark-dot" cx="{_f(x)}" cy="{_f(y)}" r="2.4"/></svg>'
    )


def share_bar(shares: Iterable[tuple[str, float]], label: str) -> SafeString:
    """One bar cut into shares of 0 to 1, each with a class (neg, neu, pos, all), from the reading side."""
    out, at = [], 0.0
    for kind, share in shares:
        width = max(0.0, min(1.0 - at, share))
        if width:
            out.append(f'<rect class="chart-{escape(kind)}" x="{_f(at * 1000)}" width="{_f(width * 1000 - 4)}" height="10"/>')
        at += width
    return mark_safe(
        f'<svg class="share" role="img" aria-label="{escape(label)}" viewBox="0 0 1000 10" preserveAspectRatio="none">'
        f'<rect class="share-gap" width="1000" height="10"/>{"".join(out)}</svg>'
    )


def isolate(label: str) -> str:
    """A label that keeps its own order inside a chart."""
    return f"{RLI if get_language_bidi() else LRI}{escape(label)}{PDI}"


def _day(day: DayBar, x: float, width: float, top: float, current: bool) -> str:
    """The stack of one day and the area that can be pointed at."""
    words = _day_words(day)
    rects, base = [], 1000.0
    gap = min(6.0, width * 0.22)
    for kind, count in zip(SENTIMENTS, day.counts, strict=True):
        height = count / top * 1000
        if height:
            base -= height
            rects.append(
                f'<rect class="chart-{kind}" x="{_f(x + gap / 2)}" y="{_f(base)}" width="{_f(width - gap)}" height="{_f(height)}"/>'
            )
    inside = f'<title>{escape(words)}</title><rect class="chart-hit" x="{_f(x)}" y="0" width="{_f(width)}" height="1000"/>'
    inside += "".join(rects)
    on = " is-on" if current else ""
    if day.href:
        return f'<a class="chart-day{on}" href="{escape(day.href)}" aria-label="{escape(words)}">{inside}</a>'
    return f'<g class="chart-day{on}">{inside}</g>'


def _day_words(day: DayBar) -> str:
    negative, neutral, positive = day.counts
    return gettext("%(date)s: %(total)s mentions, %(neg)s negative, %(neu)s neutral, %(pos)s positive") % {
        "date": date_format(day.date),
        "total": _number(day.total),
        "neg": negative,
        "neu": neutral,
        "pos": positive,
    }


def _sentiment_words() -> dict[str, str]:
    return {"neg": gettext("Negative"), "neu": gettext("Neutral"), "pos": gettext("Positive")}


def _legend() -> str:
    items = "".join(
        f'<span class="legend-item"><svg class="legend-key" aria-hidden="true"><rect class="chart-{kind}" width="100%"'
        f' height="100%"/></svg>{escape(word)}</span>'
        for kind, word in _sentiment_words().items()
    )
    return f'<p class="legend">{items}</p>'


def _day_table(days: Sequence[DayBar]) -> str:
    rows = (
        (date_format(day.date), *(_number(count) for count in day.counts), _number(day.total)) for day in reversed(days)
    )
    return _table((gettext("Day"), *_sentiment_words().values(), gettext("Total")), rows)


def _hour_table(hours: Sequence[float], usual: Sequence[tuple[float, float]]) -> str:
    heads = [gettext("Hour"), gettext("Mentions")] + ([gettext("Usual range")] if usual else [])
    rows = (
        [f"{hour:02}:00", _number(value)] + ([f"{_number(usual[hour][0])} … {_number(usual[hour][1])}"] if hour < len(usual) else [])
        for hour, value in enumerate(hours)
    )
    return _table(heads, rows)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        "<tr>" + "".join(f'<{tag} class="num"><bdi dir="ltr">{escape(cell)}</bdi></{tag}>' for tag, cell in _cells(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<details class="more-data"><summary>{escape(gettext("The numbers as a table"))}</summary><div class="table-wrap tall"'
        f' tabindex="0" role="region" aria-label="{escape(gettext("The numbers as a table"))}"><table class="table plain">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _cells(row: Iterable[str]) -> Iterator[tuple[str, str]]:
    for index, cell in enumerate(row):
        yield ("th" if index == 0 else "td"), cell


def _label(kind: str, text: str, x: str, y: str, anchor: str, *, dx: float = 0, dy: float = 4) -> str:
    return f'<text class="chart-{kind}" x="{x}" y="{y}" dx="{_f(dx)}" dy="{_f(dy)}" text-anchor="{anchor}">{isolate(text)}</text>'


def _scale(largest: float) -> tuple[float, list[float]]:
    """A round top above the largest value, and two or three round ticks above zero."""
    rough = max(largest, 1) / 3
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1
    step = max(1, next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough - 1e-9))
    step = math.ceil(step)
    count = max(1, math.ceil(largest / step))
    return float(step * count), [float(step * i) for i in range(1, count + 1)]


def _spaced(length: int, wanted: int) -> list[int]:
    """Indexes of at most `wanted` evenly spaced items, the last one among them."""
    if length <= wanted:
        return list(range(length))
    step = math.ceil(length / wanted)
    return sorted(range(length - 1 - step // 2, -1, -step))


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{_f(value * 100)}%"


def _f(value: float) -> str:
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written in {"-0", ""} else written


def _curve(points: Sequence[tuple[float, float]], *, back: bool = False) -> str:
    """A monotone cubic (Fritsch and Carlson 1980, harmonic tangents): it never overshoots, so a band's edges
    cannot cross."""
    segments = list(_segments(points))
    if back:
        segments = [(d, c, b, a) for a, b, c, d in reversed(segments)]
    first = segments[0][0]
    path = "".join("C" + " ".join(f"{_f(x)} {_f(y)}" for x, y in segment[1:]) for segment in segments)
    return f"{_f(first[0])} {_f(first[1])}{path}"


_Point = tuple[float, float]


def _segments(points: Sequence[_Point]) -> Iterator[tuple[_Point, _Point, _Point, _Point]]:
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False)]
    inner = [0.0 if a * b <= 0 else 2 * a * b / (a + b) for a, b in zip(slopes, slopes[1:], strict=False)]
    tangents = [slopes[0], *inner, slopes[-1]]
    for index in range(len(points) - 1):
        (x0, y0), (x1, y1) = points[index], points[index + 1]
        third = (x1 - x0) / 3
        yield (x0, y0), (x0 + third, y0 + tangents[index] * third), (x1 - third, y1 - tangents[index + 1] * third), (x1, y1)
