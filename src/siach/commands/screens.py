"""`./siach screens`: every page of the Siach that runs here, in both languages and themes, wide and on a phone; and
with `--docs` the pictures of the README and the docs, taken in the demo."""

import argparse
import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import groupby, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siach.commands import ROOT, django_setup, say
from siach.commands._walk import Answer, Screen, doors, named, walk
from siach.launch import CannotStart
from siach.launch.home import home_folder
from siach.launch.machine import chromium
from siach.launch.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from siach.commands._sheet import Look
    from siach.org.models import User

HELP = "Take pictures of every page of the running Siach, and one sheet of all."
FOR_DEVELOPERS = True
LANGUAGES = {"he": "he-IL", "en": "en-GB"}
THEMES = ("light", "dark")
WINDOWS = {1440: 900, 390: 844}
PATIENCE = 15_000  # milliseconds for one page

# What clings to the window would lie over the middle of a picture of the whole page. A sheet made in the page is let
# in by its policy; a style element is not.
SETTLE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".tabs, .top, .form-acts, .ask-acts, .queue-head, .compose { position: static !important }");
  document.adoptedStyleSheets = [sheet];
}"""


@dataclass
class Shown:
    """A page and what became of it: `pictures` by look, `trouble` in words."""

    name: str
    path: str
    folder: str
    pictures: dict[str, str | None] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pages", nargs="+", metavar="PAGE", help="only these, by name or address: inbox /stream/?q=x")
    parser.add_argument("--out", type=Path, default=ROOT / ".build" / "screens", help="the folder of the pictures")
    parser.add_argument("--email", help="see as this person (default: the owner)")
    parser.add_argument("--languages", nargs="+", choices=[*LANGUAGES], default=[*LANGUAGES])
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=[*THEMES])
    parser.add_argument("--widths", nargs="+", type=int, choices=[*WINDOWS], default=[*WINDOWS])
    parser.add_argument("--docs", action="store_true", help="take the docs' pictures instead, in the demo")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(args: argparse.Namespace) -> int:
    address = os.environ.get("SIACH_ADDRESS") or Running(home_folder()).address()
    if not address:
        raise CannotStart("Siach is not running on this data folder: start it with ./siach up.")
    program = chromium()
    if program is None:
        raise CannotStart("This machine lacks Chromium: name one in SIACH_CHROMIUM, or run: apt install chromium")
    django_setup()
    # Playwright keeps an event loop in this thread; Django takes that for a web server's.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    if args.docs:
        return _of_docs(program, address, args)
    from siach.commands._sheet import Look, Row, draw_sheet

    looks = [
        Look(language, theme, width, WINDOWS[width])
        for width, language, theme in product(args.widths, args.languages, args.themes)
    ]
    args.out.mkdir(parents=True, exist_ok=True)
    with _reader(args.email) as user:
        shown, missing = _take(program, address, user, looks, args)
    rows = [Row(f"{one.name}  {one.path}", _files(one, looks, args.out), "; ".join(one.trouble)) for one in shown]
    sheet = args.out / "sheet.png"
    draw_sheet(rows, looks, sheet)
    _tell(shown, missing, sheet, as_json=args.json)
    return 1 if any(None in one.pictures.values() for one in shown) else 0


def _of_docs(program: str, address: str, args: argparse.Namespace) -> int:
    from siach.commands import _docs
    from siach.demo.queries import demo_org, is_loaded, owner_of

    names = args.pages or [motif.name for motif in _docs.MOTIFS]
    org = demo_org()
    if org is None or not is_loaded(org):
        raise CannotStart("The demo is not loaded here. Load it first: ./siach demo")
    with (
        _browser(program, org.language) as browser,
        _reader(owner_of(org).email) as user,
        _docs.undisturbed(user),
        browser.new_context(base_url=address, device_scale_factor=_docs.SHARP) as inside,
    ):
        _enter(inside, user, address)
        files = _docs.take(inside, user, ROOT / "docs" / "pictures", names)
    told = {file.name: file.stat().st_size for file in files}
    print(json.dumps(told, indent=1) if args.json else f"{len(told)} pictures, {sum(told.values()) / 1000:,.0f} kB.")
    return 0


@contextlib.contextmanager
def _browser(program: str, language: str) -> "Iterator[Browser]":
    """A browser that speaks this language: its own words stand in fields for a date or a time."""
    from playwright.sync_api import sync_playwright

    spoken = LANGUAGES[language]
    # Chromium refuses its sandbox to root.
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[f"--lang={spoken}", *unboxed],
            env={**os.environ, "LANGUAGE": spoken.replace("-", "_")},
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def _reader(email: str | None) -> "Iterator[User]":
    """The person whose pages are shown; the language they chose is theirs again afterwards."""
    from siach.org.actions import choose_language
    from siach.org.models import Membership, User

    people = User.objects.filter(is_active=True).order_by("pk")
    owners = people.filter(memberships__role=Membership.Role.OWNER)
    user = (people.filter(email=email.lower()) if email else owners).first()
    if user is None:
        raise CannotStart(f"Nobody with the email {email} is here." if email else "Nobody is here yet: sign in first.")
    chosen = user.language
    try:
        yield user
    finally:
        choose_language(user=user, language=chosen)


def _take(
    program: str, address: str, user: "User", looks: "Sequence[Look]", args: argparse.Namespace
) -> tuple[list[Shown], list[tuple[str, str]]]:
    """The pictures of all pages, and the pages that have none."""
    from siach.org.actions import choose_language

    with _browser(program, looks[0].language) as browser:
        screens, outside, missing = _pages(browser, address, user, args.pages)
    shown = [Shown(screen.name, screen.path, screen.folder) for screen in [*screens, *outside]]
    for language, group in groupby(sorted(looks, key=lambda look: look.language), key=lambda look: look.language):
        choose_language(user=user, language=language)
        speaks = {"base_url": address, "locale": LANGUAGES[language]}
        with (
            _browser(program, language) as browser,
            browser.new_context(**speaks) as inside,  # type: ignore[arg-type]
            browser.new_context(**speaks) as stranger,  # type: ignore[arg-type]
        ):
            _enter(inside, user, address)
            for look in group:
                say(f"Taking {len(shown)} pictures: {look}.")
                _pictures(inside, shown[: len(screens)], look, args.out)
                _pictures(stranger, shown[len(screens) :], look, args.out)
    return shown, missing


def _pages(
    browser: "Browser", address: str, user: "User", wanted: Sequence[str] | None
) -> tuple[list[Screen], list[Screen], list[tuple[str, str]]]:
    """The pages behind the sign-in, those before it, and those that cannot be shown with why."""
    if wanted:
        return named(list(wanted)), [], []
    say("Following the links.")
    with browser.new_context(base_url=address) as inside, browser.new_context(base_url=address) as stranger:
        _enter(inside, user, address)
        found = walk(lambda path: _answer(inside, path))
        return found.screens, doors(lambda path: _answer(stranger, path)), found.missing


def _enter(context: "BrowserContext", user: "User", address: str) -> None:
    from siach.org.actions import sign_in_link

    link = sign_in_link(at=datetime.now(UTC), address=address, user=user)
    page = context.new_page()
    page.goto(link, timeout=PATIENCE)
    page.locator("main button").click()
    page.wait_for_url(lambda there: there != link)
    page.close()


def _answer(context: "BrowserContext", path: str) -> Answer:
    got = context.request.get(path, max_redirects=0, timeout=PATIENCE)
    kind = got.headers.get("content-type", "").partition(";")[0]
    return Answer(got.status, kind, got.text() if kind == "text/html" else "")


def _pictures(context: "BrowserContext", shown: Sequence[Shown], look: "Look", folder: Path) -> None:
    """One picture of each page; what goes wrong stands in its trouble."""
    page = context.new_page()
    for one in shown:
        said: list[str] = []
        page.on("pageerror", hear := lambda error, said=said: said.append(f"script: {error}"))
        page.on("console", listen := lambda line, said=said: said.append(line.text) if line.type == "error" else None)
        one.pictures[str(look)] = _picture(page, one, look, folder)
        page.remove_listener("pageerror", hear)
        page.remove_listener("console", listen)
        for words in said:
            _trouble(one, words)
    page.close()


def _picture(page: "Page", one: Shown, look: "Look", folder: Path) -> str | None:
    """The file of the picture within the folder, None where the page could not be shown."""
    from playwright.sync_api import Error

    file = folder / one.folder / f"{look}.png"
    file.parent.mkdir(exist_ok=True)
    try:
        page.emulate_media(color_scheme=look.theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": look.width, "height": look.height})
        answer: Any = page.goto(one.path, timeout=PATIENCE)
        page.evaluate("document.fonts.ready")
        if answer.status >= 400:
            _trouble(one, f"answers {answer.status}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            _trouble(one, f"{look}: wider than its window")
        page.evaluate(SETTLE)
        page.screenshot(path=file, full_page=True, animations="disabled")
    except Error as error:
        _trouble(one, f"{look}: {error.message.splitlines()[0]}")
        return None
    return str(file.relative_to(folder))


def _trouble(one: Shown, words: str) -> None:
    if words not in one.trouble:
        one.trouble.append(words)


def _files(one: Shown, looks: "Sequence[Look]", folder: Path) -> list[Path | None]:
    return [folder / name if (name := one.pictures[str(look)]) else None for look in looks]


def _tell(shown: Sequence[Shown], missing: Sequence[tuple[str, str]], sheet: Path, *, as_json: bool) -> None:
    if as_json:
        lacking = [{"name": name, "why": why} for name, why in missing]
        print(json.dumps({"sheet": str(sheet), "pages": [asdict(one) for one in shown], "missing": lacking}, indent=1))
        return
    for one in shown:
        for words in one.trouble:
            print(f"TROUBLE {one.name} {one.path}: {words}")
    for name, why in missing:
        print(f"not shown: {name}: {why}")
    print(f"{len(shown)} pages: {sheet}")
