"""`./siach words`: every word on the screen, gathered, and its translation built. Needs no GNU gettext."""

import argparse
import io
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from siach.commands import say

HELP = "Gather the words of all pages into the Hebrew catalogues, list what is untranslated, and compile."
SOURCE = Path(__file__).resolve().parent.parent
JINJA = "jinja2"  # the folder of pieces
SHARED = "ui"  # words that many rooms use may be translated once, here
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """msgid ""
msgstr ""
"Language: he\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"
"""
Key = tuple[str, str | None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a translation is missing")
    parser.add_argument("--json", action="store_true", help="print what is missing as JSON")


def run(args: argparse.Namespace) -> int:
    if not args.check:
        for app in apps():
            update(app)
        compile_all()
    missing = {app.name: sorted(word for word, _ in untranslated(app)) for app in apps()}
    if args.json:
        print(json.dumps(missing, ensure_ascii=False, indent=1))
    else:
        for name, words in missing.items():
            for word in words:
                print(f"{name}: {word}")
        total = sum(map(len, missing.values()))
        say(f"{total} words wait for a translation." if total else "Every word is translated.")
    return 1 if args.check and any(missing.values()) else 0


def apps() -> list[Path]:
    """The folders of our Django apps."""
    return sorted(path.parent for path in SOURCE.glob("*/apps.py"))


def catalogue_file(app: Path) -> Path:
    return app / "locale" / "he" / "LC_MESSAGES" / "django.po"


def catalogue(app: Path) -> Catalog:
    """The Hebrew catalogue of an app; an empty one when it has none."""
    file = catalogue_file(app)
    text = file.read_bytes() if file.exists() else HEADER.encode()
    return read_po(io.BytesIO(text), locale="he")


def used(app: Path) -> Catalog:
    """Every word that the Python files and templates of an app put on the screen."""
    found = Catalog(locale="he", charset="utf-8")
    screens = [*app.rglob("templates/**/*.html"), *app.rglob("templates/**/*.txt"), *app.rglob(f"{JINJA}/**/*.html")]
    for file in sorted([*app.rglob("*.py"), *screens]):
        for line, words, context in _extract(file):
            found.add(words, locations=[(str(file.relative_to(SOURCE.parent)), line)], context=context)
    return found


def untranslated(app: Path) -> list[Key]:
    """What an app uses and neither its own catalogue nor the shared one translates."""
    known = translations(app).keys() | translations(SOURCE / SHARED).keys()
    return [key for key in _keys(used(app)) if key not in known]


def translations(app: Path) -> dict[Key, tuple[str, ...]]:
    """What an app's catalogue says, complete entries only."""
    said: dict[Key, tuple[str, ...]] = {}
    for message in _said(catalogue(app)):
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or [""])
        if all(forms) and not message.fuzzy:
            said[_key(message.id, message.context)] = forms
    return said


def update(app: Path) -> None:
    """Bring an app's catalogue in step with its words: translations stay, unused words go, shared ones stay out."""
    own, have = catalogue(app), translations(app)
    shared = {} if app.name == SHARED else translations(SOURCE / SHARED)
    words = Catalog(locale="he", charset="utf-8")
    for message in _said(used(app)):
        key = _key(message.id, message.context)
        if key in have or key not in shared:
            words.add(message.id, locations=message.locations, context=message.context)
    if app.name == SHARED:
        for message in _said(own):  # other apps may use it
            words.add(message.id, context=message.context)
    own.update(words, no_fuzzy_matching=True)
    if not len(own):
        return
    out = io.BytesIO()
    write_po(out, own, width=100, ignore_obsolete=True, include_lineno=False, omit_header=True)
    file = catalogue_file(app)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"{HEADER}\n".encode() + out.getvalue().strip() + b"\n")


def compile_all() -> None:
    """Make the .mo of every catalogue that changed since it was last compiled."""
    for app in apps():
        source = catalogue_file(app)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns):
            continue
        aside = target.with_suffix(f".{os.getpid()}")
        with aside.open("wb") as file:
            write_mo(file, catalogue(app))
        aside.replace(target)


def _extract(file: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    text = file.read_text(encoding="utf-8")
    is_piece = JINJA in file.parts
    if file.suffix != ".py" and not is_piece:
        from django.utils.translation.template import templatize

        text = templatize(text, origin=str(file))
    method: Any = babel_extract if is_piece else "python"
    for line, words, _comments, context in extract(
        method, io.BytesIO(text.encode()), KEYWORDS, options={"silent": "false"}
    ):
        yield line, words, context


def _keys(words: Catalog) -> list[Key]:
    return [_key(message.id, message.context) for message in _said(words)]


def _said(words: Catalog) -> Iterator[Message]:
    """The messages without the header, which stands under the empty one."""
    return (message for message in words if message.id)


def _key(word: str | Sequence[str], context: str | None) -> Key:
    return (word if isinstance(word, str) else word[0], context)
