"""The measures of the house, and the words on its screens. Each failure lists all its breaches."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from siach.commands import words
from siach.org.rights import RIGHTS
from tests import house
from tests.house import PUBLIC

# Hebrew that speaks to a man or a woman, or to both with a slash.
GENDERED = r"אלייך|אלי[ךכ]|\bאתה\b|\bהינך\b|\bאנא\s+(?:הקלד|בחר|לחץ|הזן)\b|[א-ת]/(?!או)[א-ת]{1,2}\b|[א-ת]\([א-ת]{1,2}\)"


def none(breaches: Iterable[str]) -> None:
    found = list(breaches)
    assert not found, "\n" + "\n".join(found)


def test_files_are_short() -> None:
    none(house.too_long_files())


def test_functions_are_short() -> None:
    none(house.too_long_functions())


def test_functions_branch_little() -> None:
    none(house.too_branched_functions())


def test_deeds_name_their_arguments() -> None:
    none(house.deeds_by_position())


def test_styles_know_no_left_and_right() -> None:
    none(house.physical_sides())


def test_pages_hold_no_code() -> None:
    none(house.inline_code())


def test_every_page_has_a_right_or_is_known_to_be_public() -> None:
    rights = {str(pattern.name): getattr(pattern.callback, "right", None) for pattern in _patterns(get_resolver())}
    none(f"{name} has no right" for name, right in rights.items() if right is None and name not in PUBLIC)
    none(f"{name}: there is no right {right}" for name, right in rights.items() if right and right not in RIGHTS)
    assert {name for name, right in rights.items() if not right} == PUBLIC


def test_every_word_is_translated() -> None:
    none(f"{app.name}: {word}" for app in words.apps() for word, _ in words.untranslated(app))


def test_a_word_has_one_translation() -> None:
    """All catalogues become one, so two translations of a word would hide each other."""
    said: dict[words.Key, dict[tuple[str, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for app in words.apps():
        for key, forms in words.translations(app).items():
            said[key][forms].append(app.name)
    none(f"{key}: {dict(forms)}" for key, forms in said.items() if len(forms) > 1)


def test_catalogues_begin_with_our_header_alone() -> None:
    files = [words.catalogue_file(app) for app in words.apps()]
    none(str(file) for file in files if not file.read_text(encoding="utf-8").startswith(f"{words.HEADER}\n"))


def test_translations_keep_their_placeholders() -> None:
    none(
        f"{app.name}: {message.id!r} -> {message.string!r}"
        for app in words.apps()
        for message in words.catalogue(app)
        if message.id and isinstance(message.id, str) and _gaps(message.id) != _gaps(str(message.string))
    )


def test_the_hebrew_speaks_to_everyone() -> None:
    none(
        f"{app.name}: {form}"
        for app in words.apps()
        for forms in words.translations(app).values()
        for form in forms
        if re.search(GENDERED, form)
    )


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            yield pattern


def _gaps(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}", text))
