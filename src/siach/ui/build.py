"""Cuts the typeface for the browser: FiraGO (SIL Open Font License) out of the pymupdf-fonts wheel, as one
woff2 per weight and script, with tabular figures kept. Done at set-up; nothing of it is committed."""

import hashlib
import io
import os
from pathlib import Path

from django.conf import settings

WEIGHTS = {400: "figo", 700: "figbo"}

#: Script -> the ranges its file carries; the style sheet repeats them as unicode-range.
SCRIPTS: dict[str, list[tuple[int, int]]] = {
    "latin": [
        *((0x20, 0x7E), (0xA0, 0xFF), (0x152, 0x153), (0x2010, 0x2015), (0x2018, 0x201E), (0x2022, 0x2022)),
        *((0x2026, 0x2026), (0x2030, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x20AC, 0x20AC)),
        *((0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2248)),
        *((0x2260, 0x2260), (0x2264, 0x2265)),
    ],
    "latin-ext": [(0x100, 0x151), (0x154, 0x17F), (0x18F, 0x18F), (0x1E00, 0x1EFF)],
    "hebrew": [(0x591, 0x5F4), (0x20AA, 0x20AA), (0xFB1D, 0xFB4F)],
    "arabic": [(0x600, 0x6FF), (0x750, 0x77F)],
    "cyrillic": [(0x400, 0x45F), (0x490, 0x491)],
}

#: The layout rules each file keeps. The Latin file holds the figures, and only Latin rules leave them lining
#: and of one width; FiraGO's Hebrew rules would make them old-style.
RULES = {
    "latin": ["latn"],
    "latin-ext": ["latn"],
    "hebrew": ["hebr"],
    "arabic": ["arab"],
    "cyrillic": ["cyrl"],
}

FEATURES = [
    *("kern", "mark", "mkmk", "ccmp", "locl", "calt", "liga", "rlig"),
    *("init", "medi", "fina", "isol", "tnum", "lnum"),
]

_STAMP = "stamp"


def fonts_folder() -> Path:
    """Where the cut fonts stand: `settings.SIACH_BUILD`/fonts, else .build/fonts of the checkout."""
    root = getattr(settings, "SIACH_BUILD", None) or Path(__file__).resolve().parents[3] / ".build"
    return Path(root) / "fonts"


def font_names() -> list[str]:
    """File names of all cuts."""
    return [f"firago-{script}-{weight}.woff2" for script in SCRIPTS for weight in WEIGHTS]


def build_fonts(folder: Path) -> None:
    """Cut every script and weight into `folder`. Does nothing where the same cut already stands; may be
    interrupted: each file is moved into place whole, the stamp comes last."""
    if is_built(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _STAMP).unlink(missing_ok=True)
    for weight, code in WEIGHTS.items():
        source = _source(code)
        for script, ranges in SCRIPTS.items():
            _put(folder / f"firago-{script}-{weight}.woff2", _cut(source, ranges, ["DFLT", *RULES[script]]))
    _put(folder / _STAMP, _recipe().encode())


def is_built(folder: Path) -> bool:
    """Whether `folder` holds the cut that this version asks for, whole."""
    try:
        return (folder / _STAMP).read_text() == _recipe() and all((folder / n).is_file() for n in font_names())
    except FileNotFoundError:
        return False


def _source(code: str) -> bytes:
    from pymupdf_fonts import myfont

    return bytes(myfont(code))


def _cut(source: bytes, ranges: list[tuple[int, int]], rules: list[str]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.layout_scripts = rules
    options.name_IDs = [0, 1, 2, 13, 14]
    options.hinting = False
    options.notdef_outline = True
    font = TTFont(io.BytesIO(source))
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for low, high in ranges for code in range(low, high + 1)])
    cutter.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    return out.getvalue()


def _put(path: Path, data: bytes) -> None:
    waiting = path.with_suffix(f".{os.getpid()}.part")
    waiting.write_bytes(data)
    waiting.replace(path)


def _recipe() -> str:
    from importlib.metadata import version

    parts = [version("pymupdf-fonts"), repr(WEIGHTS), repr(SCRIPTS), repr(RULES), repr(FEATURES)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
