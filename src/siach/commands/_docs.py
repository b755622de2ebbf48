"""The pictures of the README and the docs: which they are, and how they are taken in the demo."""

import contextlib
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from siach.org.models import User

#: Pixels of the file for each of the window, for screens that have them; and how much WebP may leave out.
SHARP, QUALITY = 1.5, 70
WIDE, PHONE = (1280, 800), (390, 780)
PATIENCE = 15_000  # milliseconds for one page


@dataclass(frozen=True)
class Motif:
    """One page in some looks (language, theme). From `path` each of `clicks` is a link to follow: the page is where
    they lead."""

    name: str
    path: str
    looks: tuple[tuple[str, str], ...]
    clicks: tuple[str, ...] = ()
    window: tuple[int, int] = WIDE


BOTH = (("he", "light"), ("en", "light"))
#: The customer of the demo whose answer waits for an approval.
CASE = '.queue-row:has-text("סמדר לב"), .queue-row:has-text("Smadar Lev")'
#: The whole set.
MOTIFS = (
    Motif("today", "/", (*BOTH, ("he", "dark"), ("en", "dark"))),
    Motif("case", "/inbox/", BOTH, clicks=(CASE,)),
    Motif("stream", "/stream/", BOTH),
    Motif("approval", "/approvals/", BOTH, clicks=(".ask-link",)),
    Motif("sources", "/sources/", BOTH),
    Motif("drill", "/demo/drills/", BOTH, clicks=("main tbody a",)),
    Motif("phone-today", "/", (("he", "light"), ("en", "dark")), window=PHONE),
    Motif("phone-case", "/inbox/", (("he", "dark"), ("en", "light")), clicks=(CASE,), window=PHONE),
)


@contextlib.contextmanager
def undisturbed(user: "User") -> Iterator[None]:
    """Without the offers that stand above Today until they are answered; what was put away for it comes back."""
    from siach.insight.actions import bring_back, put_away
    from siach.insight.models import PutAway
    from siach.org.rights import brands_for

    brands = list(brands_for(user, "today.read"))
    known = set(PutAway.objects.filter(user=user).values_list("brand_id", "what"))
    offers = [(brand, what) for brand in brands for what in PutAway.What.values if (brand.pk, what) not in known]
    for brand, what in offers:
        put_away(user=user, brand=brand, what=what, at=datetime.now(UTC))
    try:
        yield
    finally:
        for brand, what in offers:
            bring_back(user=user, brand=brand, what=what)


def name_of(motif: Motif, language: str, theme: str) -> str:
    return f"{motif.name}-{language}-{theme}.webp"


def take(inside: "BrowserContext", user: "User", folder: Path, names: Collection[str]) -> list[Path]:
    """The pictures of these motifs, as this signed-in person of the demo sees its pages; their files."""
    from siach.org.actions import choose_language

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for language in ("he", "en"):
        choose_language(user=user, language=language)
        page = inside.new_page()
        for motif, theme in _of(language, names):
            file = folder / name_of(motif, language, theme)
            with Image.open(io.BytesIO(_shot(page, motif, theme))) as picture:
                picture.convert("RGB").save(file, quality=QUALITY, method=6)
            files.append(file)
        page.close()
    return files


def _of(language: str, names: Collection[str]) -> Iterator[tuple[Motif, str]]:
    chosen = (motif for motif in MOTIFS if motif.name in names)
    return ((motif, theme) for motif in chosen for spoken, theme in motif.looks if spoken == language)


def _shot(page: "Page", motif: Motif, theme: str) -> bytes:
    """The first windowful of the page as a PNG."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    width, height = motif.window
    page.set_viewport_size({"width": width, "height": height})
    page.goto(motif.path, timeout=PATIENCE)
    for click in motif.clicks:
        page.goto(page.locator(click).first.get_attribute("href", timeout=PATIENCE) or "", timeout=PATIENCE)
    page.evaluate("document.fonts.ready")
    page.evaluate("scrollTo(0, 0)")
    return page.screenshot(animations="disabled")
