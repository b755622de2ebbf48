"""Charts: well-formed, isolated, free of styles, and the same numbers as a table."""

import datetime
import re
import time
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from siach.ui.charts import DayBar, bars_by_day, pulse, share_bar, sparkline

DAY = datetime.date(2026, 11, 24)
DAYS = [
    DayBar(DAY - datetime.timedelta(days=29 - i), (i % 7, 3 * i % 11, 2), href=f'?day={i}&x="<b>') for i in range(30)
]
USUAL = [(h * 1.0, h * 2.0 + 3) for h in range(24)]
HOSTILE = '"><script>אלומה & "בניו"'


def charts() -> dict[str, str]:
    return {
        "bars": bars_by_day("days", HOSTILE, HOSTILE, DAYS, current=DAY),
        "bars of one empty day": bars_by_day("one", "כותרת", "תיאור", [DayBar(DAY, (0, 0, 0))]),
        "pulse": pulse("pulse", HOSTILE, HOSTILE, [1, 5, 2, 9], USUAL, now_hour=3.4),
        "pulse without a past": pulse("new", "a", "b", []),
        "pulse of one hour": pulse("first", "a", "b", [3], now_hour=0.3),
        "sparkline": sparkline([1, 4, 2], HOSTILE),
        "sparkline of one": sparkline([0]),
        "share": share_bar([("neg", 0.3), ("neu", 0.5), ("pos", 0.4)], HOSTILE),
    }


@pytest.mark.parametrize("language", ["he", "en"])
@pytest.mark.parametrize("name", sorted(charts()))
def test_well_formed_without_styles_or_scripts(name: str, language: str) -> None:
    with translation.override(language):
        tree = _tree(charts()[name])
    for node in tree.iter():
        assert node.tag != "script"
        assert not {key for key in node.attrib if key == "style" or key.startswith("on")}


@pytest.mark.parametrize(("language", "mark"), [("he", "\u2067"), ("en", "\u2066")])
def test_every_label_is_isolated_in_a_container_that_runs_left_to_right(language: str, mark: str) -> None:
    with translation.override(language):
        for name in ("bars", "pulse"):
            tree = _tree(charts()[name])
            labels = [node.text or "" for node in tree.iter("text")]
            assert len(labels) >= 5
            assert all(label.startswith(mark) and label.endswith("\u2069") for label in labels)
            assert next(node for node in tree.iter("div") if "chart" in node.get("class", "")).get("dir") == "ltr"


def test_a_chart_is_named_and_described() -> None:
    tree = _tree(charts()["pulse"])
    outer = next(node for node in tree.iter("svg"))
    names = {node.get("id"): node.text for node in tree.iter() if node.get("id")}
    assert [names[uid] for uid in outer.get("aria-labelledby", "").split()] == [HOSTILE, HOSTILE]


def test_the_table_says_what_the_bars_say() -> None:
    with translation.override("en"):
        tree = _tree(bars_by_day("days", "t", "d", [DayBar(DAY, (1200, 30, 4)), DayBar(DAY, (0, 0, 7))]))
    rows = [[("".join(cell.itertext())) for cell in row] for row in tree.iter("tr")]
    assert rows == [
        ["Day", "Negative", "Neutral", "Positive", "Total"],
        ["24.11.2026", "0", "0", "7", "7"],
        ["24.11.2026", "1,200", "30", "4", "1,234"],
    ]


def test_bars_stand_on_the_floor_and_stay_under_the_top() -> None:
    tree = _tree(bars_by_day("days", "t", "d", DAYS))
    tops: dict[str, float] = {}
    for rect in tree.iter("rect"):
        if (kind := rect.get("class", "")) in {"chart-neg", "chart-neu", "chart-pos"} and rect.get("width") != "100%":
            y, height = float(rect.get("y", "")), float(rect.get("height", ""))
            assert y >= -0.01 and y + height <= 1000.01, kind
            tops[rect.get("x", "")] = min(tops.get(rect.get("x", ""), 1000.0), y)
    assert min(tops.values()) < 400


def test_the_band_is_named_below_the_drawing_where_no_line_can_cross_the_words() -> None:
    with translation.override("he"):
        tree = _tree(pulse("pulse", "t", "d", [1, 90, 2, 9], USUAL, now_hour=3.4))
    assert "הטווח הרגיל" not in " ".join(node.text or "" for node in tree.iter("text"))
    legend = next(node for node in tree.iter("p") if node.get("class") == "legend")
    assert (
        "".join(legend.itertext()) == "הטווח הרגיל" and 'class="chart-normal"' in ElementTree.tostring(legend).decode()
    )


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=24), st.floats(0, 24))
def test_a_pulse_never_overshoots_its_values(hours: list[float], now: float) -> None:
    path = next(
        node.get("d", "")
        for node in _tree(pulse("p", "t", "d", hours, now_hour=now)).iter("path")
        if node.get("class") == "chart-obs"
    )
    heights = [float(y) for _, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]
    top = max(1.0, *hours) * 1.08
    low, high = (1000 - max(hours) / top * 1000, 1000 - min(hours) / top * 1000)
    assert min(heights) >= low - 0.02 and max(heights) <= high + 0.02


@pytest.mark.parametrize(("hours", "points"), [([4, 9, 2], 2), ([4, 9, 11], 3), ([4, 1], 2)])
def test_an_hour_that_has_just_begun_is_no_fall(hours: list[float], points: int) -> None:
    path = next(node for node in _tree(pulse("p", "t", "d", hours, now_hour=2.1)).iter("path"))
    assert len(re.findall("[MC]", path.get("d", ""))) == points


def test_a_month_of_bars_is_drawn_in_a_few_milliseconds_and_kilobytes() -> None:
    began = time.perf_counter()
    html = bars_by_day("days", "t", "d", DAYS)
    assert time.perf_counter() - began < 0.05
    assert len(html) < 32_000


def _tree(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{html}</div>")
