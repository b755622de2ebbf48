"""The style sheets: no left or right, enough contrast, colours that the colour-blind tell apart."""

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest

import siach.ui

HOME = Path(siach.ui.__file__).parent
CSS = sorted((HOME / "static" / "ui" / "css").glob("*.css"))
TEMPLATES = sorted((HOME / "templates").rglob("*.html"))
Rgb = tuple[float, float, float]

PHYSICAL = re.compile(
    r"(?<![\w-])(?:left|right|top|bottom)\s*:|(?<![\w-])(?:margin|padding|border|inset|scroll-margin)-(?:left|right|top|bottom)"
    r"|text-align:\s*(?:left|right)|float:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius"
    r"|(?<![\w-])(?:min-|max-)?(?:width|height)\s*:"
)


@pytest.mark.parametrize("sheet", CSS, ids=lambda path: path.name)
def test_only_logical_properties(sheet: Path) -> None:
    bare = re.sub(r"/\*.*?\*/|@media[^{]*", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not PHYSICAL.findall(bare)


@pytest.mark.parametrize("sheet", CSS, ids=lambda path: path.name)
def test_every_token_used_is_defined_and_no_sheet_is_long(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    defined = set(re.findall(r"(--[\w-]+):", (HOME / "static/ui/css/tokens.css").read_text(encoding="utf-8")))
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined
    assert text.count("\n") <= 400


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_style_and_no_script_in_a_template(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_sheet_is_linked_by_a_template() -> None:
    linked = {
        name
        for template in HOME.parent.rglob("templates/**/*.html")
        for name in re.findall(r"ui/css/(\w+)\.css", template.read_text(encoding="utf-8"))
    }
    assert sorted(linked) == [path.stem for path in CSS]


TEXT_ON = {
    "ink": ("paper", "surface", "sunken", "hover", "brand-wash", "heat-wash", "alarm-wash", "mark"),
    "ink-2": ("paper", "surface", "sunken", "pill", "hover", "brand-wash", "heat-wash"),
    "ink-3": ("paper", "surface", "sunken", "hover"),
    "brand": ("paper", "surface", "sunken", "hover"),
    "brand-2": ("brand-wash", "surface"),
    "on-brand": ("brand", "brand-2"),
    "paper": ("ink",),
    "heat-ink": ("paper", "surface", "heat-wash"),
    "warn-ink": ("paper", "surface", "heat-wash"),
    "alarm": ("paper", "surface", "alarm-wash"),
    "on-alarm": ("alarm",),
    "pos-ink": ("paper", "surface", "pos-wash"),
    "neg-ink": ("paper", "surface", "neg-wash"),
    "surface": ("heat-ink",),
    **{f"tone-{tone}-ink": (f"tone-{tone}",) for tone in "abcde"},
}
MARKS = ("h1", "h2", "h3", "h4", "h5", "pos", "neu", "neg", "data", "brand", "alarm", "field")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_are_readable_on_every_ground(theme: str) -> None:
    tokens = _tokens(theme)
    low = {
        f"{ink} on {ground}": round(_contrast(tokens[ink], tokens[ground]), 2)
        for ink, grounds in TEXT_ON.items()
        for ground in grounds
        if _contrast(tokens[ink], tokens[ground]) < 4.5
    }
    assert low == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_are_seen_on_every_ground(theme: str) -> None:
    tokens = _tokens(theme)
    low = {
        f"{mark} on {ground}": round(_contrast(tokens[mark], tokens[ground]), 2)
        for mark in MARKS
        for ground in ("paper", "surface")
        if _contrast(tokens[mark], tokens[ground]) < 3
    }
    assert low == {}


# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
SIGHT = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


@pytest.mark.parametrize("sight", sorted(SIGHT))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colour_blind_tell_sentiments_and_heat_apart(theme: str, sight: str) -> None:
    tokens = _tokens(theme)
    assert _distance(tokens["pos"], tokens["neg"], sight) >= 11
    for cool, hot in pairwise(("h2", "h3", "h4", "h5")):
        assert _distance(tokens[cool], tokens[hot], sight) >= 5.3, (cool, hot)


def _tokens(theme: str) -> dict[str, Rgb]:
    """Linear RGB of every light-dark() pair of the tokens."""
    text = (HOME / "static" / "ui" / "css" / "tokens.css").read_text(encoding="utf-8")
    pair = re.compile(r"--([\w-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\)")
    found = {}
    for name, light, dark in pair.findall(text):
        lightness, chroma, *hue = map(float, (light if theme == "light" else dark).split())
        found[name] = _linear(lightness, chroma, hue[0] if hue else 0.0)
    assert len(found) == len(re.findall(r"--[\w-]+: light-dark\(", text))
    return found


def _linear(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return _clip(
        (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )
    )


def _clip(colour: Rgb) -> Rgb:
    red, green, blue = (min(1.0, max(0.0, part)) for part in colour)
    return red, green, blue


def _contrast(one: Rgb, other: Rgb) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _distance(one: Rgb, other: Rgb, sight: str) -> float:
    """OKLab distance times 100, as the colours are seen with this sight."""
    return 100 * math.dist(_oklab(_seen(one, sight)), _oklab(_seen(other, sight)))


def _seen(colour: Rgb, sight: str) -> Rgb:
    first, second, third = (sum(m * c for m, c in zip(row, colour, strict=True)) for row in SIGHT[sight])
    return _clip((first, second, third))


def _oklab(colour: Rgb) -> tuple[float, float, float]:
    red, green, blue = colour
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
