"""A contact sheet: many pictures of pages in one, a row for each page and a column for each way of looking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HEIGHT = 230  # pixels of a small picture
GAP = 10
LABEL = 22
PAPER, INK, QUIET, ALARM = "#eef1ef", "#14211c", "#65726c", "#b3261e"


@dataclass(frozen=True)
class Look:
    """One way of looking at a page. `width` and `height` are the window's, in pixels."""

    language: str
    theme: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"

    @property
    def small(self) -> int:
        """The width of its small picture."""
        return round(self.width * HEIGHT / self.height)


@dataclass(frozen=True)
class Row:
    """A page on the sheet: its name and, look by look, the file of its picture or None with why there is none."""

    name: str
    pictures: Sequence[Path | None]
    trouble: str = ""


def draw_sheet(rows: Sequence[Row], looks: Sequence[Look], file: Path) -> None:
    """Write the sheet as a PNG. A page with trouble says so in red beside its name."""
    width = GAP + sum(look.small + GAP for look in looks)
    step = LABEL + HEIGHT + GAP
    sheet = Image.new("RGB", (width, LABEL + GAP + step * len(rows)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for look, x in _columns(looks):
        pen.text((x, GAP), str(look) if look.small > 160 else f"{look.language}-{look.theme[:1]}", QUIET, font)
    for index, row in enumerate(rows):
        top = LABEL + GAP + index * step
        pen.text((GAP, top + 2), row.name, INK, font)
        if row.trouble:
            pen.text((GAP * 3 + pen.textlength(row.name, font), top + 2), row.trouble[:200], ALARM, font)
        for (look, x), picture in zip(_columns(looks), row.pictures, strict=True):
            _place(sheet, pen, picture, look, x, top + LABEL)
    sheet.save(file, optimize=True)


def _columns(looks: Iterable[Look]) -> Iterable[tuple[Look, int]]:
    x = GAP
    for look in looks:
        yield look, x
        x += look.small + GAP


def _place(sheet: Image.Image, pen: ImageDraw.ImageDraw, file: Path | None, look: Look, x: int, y: int) -> None:
    """The first windowful of a picture, small, in a hairline; a cross where there is none."""
    frame = (x - 1, y - 1, x + look.small, y + HEIGHT)
    if file is None:
        pen.line((x, y, x + look.small, y + HEIGHT), ALARM)
        pen.line((x, y + HEIGHT, x + look.small, y), ALARM)
    else:
        with Image.open(file) as whole:
            seen = whole.convert("RGB").crop((0, 0, look.width, look.height))
        sheet.paste(seen.resize((look.small, HEIGHT), Image.Resampling.LANCZOS), (x, y))
    pen.rectangle(frame, outline="#c9d1cd" if file else ALARM)
