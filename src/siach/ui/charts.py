"""Charts drawn on the server as SVG.

Colours come from CSS classes and every quantity is an SVG attribute, so the strict content policy, the dark
theme and print need nothing more. Curves and bars lie in a nested `<svg>` that stretches; labels lie on the
outer one at percentages, so type and strokes keep their size at any width. Every chart is `dir="ltr"` (time
runs left to right in both languages) and every label is isolated, so no Hebrew word reorders it.
"""

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext

from siach.ui.html import element, figure

RLI, LRI, PDI = "\u2067", "\u2066", "\u2069"

#: Classes of a stacked day from the bottom up.
SENTIMENTS = ("neg", "neu", "pos")

_Point = tuple[float, float]


@dataclass(frozen=True)
class DayBar:
    """One day: counts of negative, neutral and positive mentions; `href` opens the day's rows."""

    date: datetime.date
    counts: tuple[int, int, int]
    href: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts)


def bars_by_day(
    uid: str,
    title: str,
    desc: str,
    days: Sequence[DayBar],
    *,
    current: datetime.date | None = None,
) -> SafeString:
    """Stacked counts by day, with a legend and the same numbers as a table. `uid` is unique on the page;
    `current` marks the day that is filtered on. No days draw nothing."""
    if not days:
        return mark_safe("")
    top, ticks = _scale(max(day.total for day in days))
    width = 1000 / len(days)
    dates = [date_format(day.date) for day in days]
    stacks = "".join(
        _stack(day, date, index * width, width, top, day.date == current)
        for index, (day, date) in enumerate(zip(days, dates, strict=True))
    )
    lines = "".join(
        element("line", class_="chart-grid", x1="0", x2="100%", y1=_share(1 - v / top), y2=_share(1 - v / top))
        for v in ticks
    )
    labels = [_label(_number(v), "0", _share(1 - v / top), "end", dx=-8) for v in ticks]
    labels += [
        _label(f"{days[i].date:%d.%m}", _share((i + 0.5) / len(days)), "100%", "middle", dy=18)
        for i in _spaced(len(days), 5)
    ]
    role = "group" if any(day.href for day in days) else "img"
    drawing = _drawing(uid, title, desc, role, lines + _plot(stacks) + "".join(labels))
    foot = element("div", _keys(_sentiment_words()) + _day_table(days, dates), class_="chart-foot")
    return mark_safe(element("div", drawing, class_="chart days", dir="ltr") + foot)


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
    empty while too little is known). `now_hour` is the clock's hour with its fraction, where the line ends; while less
    was said in it than in the hour before, the line ends with that: an hour that has just begun is no fall."""
    top = max([1.0, *hours, *(high for _, high in usual)]) * 1.08
    line = [(x / 24 * 1000, 1000 - v / top * 1000) for x, v in zip(_at(hours, now_hour), hours, strict=True)]
    if now_hour is not None and len(line) > 2 and hours[-1] < hours[-2]:
        line.pop()
    shapes = _band(usual, top) if len(usual) > 1 else ""
    if len(line) > 1:
        shapes += element("path", class_="chart-obs", d=f"M{_curve(line)}")
    marks = ""
    if line:
        x, y = line[-1]
        marks = element("circle", class_="chart-now", cx=_share(x / 1000), cy=_share(y / 1000), r=4)
    for hour in (0, 6, 12, 18, 24):
        anchor = {0: "start", 24: "end"}.get(hour, "middle")
        marks += _label(f"{hour:02}:00", _share(hour / 24), "100%", anchor, dy=18)
    drawing = _drawing(uid, title, desc, "img", _plot(shapes) + marks)
    # The band is named below: inside, a loud day's line runs across the words.
    named = _keys({"normal": gettext("Usual range")}) if len(usual) > 1 else ""
    foot = element("div", named + _hour_table(hours, usual), class_="chart-foot")
    return mark_safe(element("div", drawing, class_="chart pulse", dir="ltr") + foot)


def sparkline(values: Sequence[float], label: str = "") -> SafeString:
    """A small line without axes; `label` is its text for a screen reader (empty: it only repeats a number)."""
    if not values:
        return mark_safe("")
    top = max([1.0, *values])
    step = 92 / max(1, len(values) - 1)
    points = [(2 + i * step, 26 - value / top * 22) for i, value in enumerate(values)]
    path = element("path", class_="spark-line", d=f"M{_curve(points)}") if len(points) > 1 else ""
    dot = element("circle", class_="spark-dot", cx=points[-1][0], cy=points[-1][1], r=2.4)
    return mark_safe(
        element(
            "svg",
            path + dot,
            class_="spark",
            viewBox="0 0 96 28",
            width=96,
            height=28,
            role="img" if label else None,
            aria_label=label or None,
            aria_hidden=None if label else "true",
        )
    )


def share_bar(shares: Iterable[tuple[str, float]], label: str) -> SafeString:
    """One bar cut into shares of 0 to 1, each with a class (neg, neu, pos, all), from the reading side."""
    cuts, at = element("rect", class_="share-gap", width=1000, height=10), 0.0
    for kind, share in shares:
        width = max(0.0, min(1.0 - at, share))
        if width:
            drawn = max(0.0, width * 1000 - 4)
            cuts += element("rect", class_=f"chart-{kind}", x=at * 1000, width=drawn, height=10)
        at += width
    shape = {"viewBox": "0 0 1000 10", "preserveAspectRatio": "none"}
    return mark_safe(element("svg", cuts, class_="share", role="img", aria_label=label, **shape))


def isolate(label: str) -> str:
    """A label that keeps its own order inside a chart."""
    return f"{RLI if get_language_bidi() else LRI}{escape(label)}{PDI}"


def _drawing(uid: str, title: str, desc: str, role: str, inner: str) -> str:
    """The outer SVG with its title and description."""
    named = element("title", escape(title), id=f"{uid}-t") + element("desc", escape(desc), id=f"{uid}-d")
    return element(
        "svg",
        named + inner,
        class_="chart-svg",
        role=role,
        aria_labelledby=f"{uid}-t {uid}-d",
        direction="ltr",
    )


def _plot(inner: str) -> str:
    shape = {"viewBox": "0 0 1000 1000", "preserveAspectRatio": "none"}
    return element("svg", inner, class_="chart-plot", **shape)


def _stack(day: DayBar, date: str, x: float, width: float, top: float, current: bool) -> str:
    """The stack of one day and the area that can be pointed at. Written out, because a quarter holds ninety."""
    words = escape(_day_words(day, date))
    hit = f'<rect class="chart-hit" x="{figure(x)}" y="0" width="{figure(width)}" height="1000"></rect>'
    inside = f"<title>{words}</title>{hit}"
    base, gap = 1000.0, min(6.0, width * 0.22)
    across = f'x="{figure(x + gap / 2)}" width="{figure(width - gap)}"'
    for kind, count in zip(SENTIMENTS, day.counts, strict=True):
        height = count / top * 1000
        base -= height
        if height:
            inside += f'<rect class="chart-{kind}" {across} y="{figure(base)}" height="{figure(height)}"></rect>'
    class_ = "chart-day is-on" if current else "chart-day"
    if day.href:
        return f'<a class="{class_}" href="{escape(day.href)}" aria-label="{words}">{inside}</a>'
    return f'<g class="{class_}">{inside}</g>'


def _day_words(day: DayBar, date: str) -> str:
    negative, neutral, positive = day.counts
    return gettext("%(date)s: %(total)s mentions, %(neg)s negative, %(neu)s neutral, %(pos)s positive") % {
        "date": date,
        "total": _number(day.total),
        "neg": negative,
        "neu": neutral,
        "pos": positive,
    }


def _sentiment_words() -> dict[str, str]:
    return {"neg": gettext("Negative"), "neu": gettext("Neutral"), "pos": gettext("Positive")}


def _keys(words: Mapping[str, str]) -> str:
    """The legend: what each class of shape stands for."""
    items = ""
    for kind, word in words.items():
        colour = element("rect", class_=f"chart-{kind}", width="100%", height="100%")
        key = element("svg", colour, class_="legend-key", aria_hidden="true")
        items += element("span", key + escape(word), class_="legend-item")
    return element("p", items, class_="legend")


def _at(hours: Sequence[float], now_hour: float | None) -> list[float]:
    """Where on the clock each hourly value stands; the last one stands at the present moment."""
    places = [float(hour) for hour in range(len(hours))]
    if now_hour is not None and len(places) > 1:
        places[-1] = max(places[-2] + 0.05, now_hour)
    return places


def _band(usual: Sequence[tuple[float, float]], top: float) -> str:
    step = 1000 / (len(usual) - 1)
    high = [(i * step, 1000 - h / top * 1000) for i, (_, h) in enumerate(usual)]
    low = [(i * step, 1000 - v / top * 1000) for i, (v, _) in enumerate(usual)]
    return element("path", class_="chart-normal", d=f"M{_curve(high)}L{_curve(low, back=True)}Z")


def _day_table(days: Sequence[DayBar], dates: Sequence[str]) -> str:
    heads = [gettext("Day"), *_sentiment_words().values(), gettext("Total")]
    rows = [
        [date, *(_number(count) for count in day.counts), _number(day.total)]
        for day, date in zip(reversed(days), reversed(dates), strict=True)
    ]
    return _table(heads, rows)


def _hour_table(hours: Sequence[float], usual: Sequence[tuple[float, float]]) -> str:
    heads = [gettext("Hour"), gettext("Mentions")] + ([gettext("Usual range")] if usual else [])
    rows = []
    for hour, value in enumerate(hours):
        row = [f"{hour:02}:00", _number(value)]
        if hour < len(usual):
            row.append(f"{_number(usual[hour][0])} … {_number(usual[hour][1])}")
        rows.append(row)
    return _table(heads, rows)


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """The same numbers for those who do not see the drawing, folded."""
    name = gettext("The numbers as a table")
    head = "".join(element("th", escape(text), scope="col") for text in heads)
    body = "".join(_row(*row) for row in rows)
    inside = element("thead", element("tr", head)) + element("tbody", body)
    table = element("table", inside, class_="table plain")
    scrolled = element("div", table, class_="table-wrap tall", tabindex="0", role="region", aria_label=name)
    return element("details", element("summary", escape(name)) + scrolled, class_="more-data")


def _row(first: str, *rest: str) -> str:
    cells = "".join(f'<td><bdi dir="ltr">{escape(cell)}</bdi></td>' for cell in rest)
    return f'<tr><th scope="row"><bdi dir="ltr">{escape(first)}</bdi></th>{cells}</tr>'


def _label(text: str, x: str, y: str, anchor: str, *, dx: float = 0, dy: float = 4) -> str:
    return element("text", isolate(text), class_="chart-tick", x=x, y=y, dx=dx, dy=dy, text_anchor=anchor)


def _scale(largest: float) -> tuple[float, list[float]]:
    """A round top above the largest value, and its round ticks above zero (three at most)."""
    rough = max(largest, 1) / 3
    power = 10 ** math.floor(math.log10(rough))
    step = math.ceil(next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough - 1e-9))
    count = max(1, math.ceil(largest / step))
    return float(step * count), [float(step * i) for i in range(1, count + 1)]


def _spaced(length: int, wanted: int) -> list[int]:
    """Indexes of at most `wanted` evenly spaced items."""
    if length <= wanted:
        return list(range(length))
    step = math.ceil(length / wanted)
    return sorted(range(length - 1 - step // 2, -1, -step))


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{figure(value * 100)}%"


def _curve(points: Sequence[_Point], *, back: bool = False) -> str:
    """A monotone cubic (Fritsch and Carlson 1980, harmonic tangents): it never overshoots, so a band's edges
    cannot cross. At least two points, x rising."""
    segments = list(_segments(points))
    if back:
        segments = [(d, c, b, a) for a, b, c, d in reversed(segments)]
    x, y = segments[0][0]
    parts = (" ".join(f"{figure(x)} {figure(y)}" for x, y in segment[1:]) for segment in segments)
    return f"{figure(x)} {figure(y)}C{'C'.join(parts)}"


def _segments(points: Sequence[_Point]) -> Iterator[tuple[_Point, _Point, _Point, _Point]]:
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(points)]
    inner = [0.0 if a * b <= 0 else 2 * a * b / (a + b) for a, b in pairwise(slopes)]
    tangents = [slopes[0], *inner, slopes[-1]]
    for index, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        third = (x1 - x0) / 3
        first, second = tangents[index], tangents[index + 1]
        yield (x0, y0), (x0 + third, y0 + first * third), (x1 - third, y1 - second * third), (x1, y1)
