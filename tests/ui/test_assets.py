"""Fonts, static files and their weight."""

import gzip
import io
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template import Context, Template
from django.test import override_settings
from fontTools.ttLib import TTFont

import siach.ui
from siach.ui import build

STATIC = Path(siach.ui.__file__).parent / "static" / "ui"

NEEDED = {
    "hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת׳״־₪" + "ְֱֲֳִֵֶַָֹֻּׁׂ",
    "latin": "AaZz09 .,:;!?–…·“”‘’€%+\u2212←→↑↓",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي؟،ًّ",
    "cyrillic": "АаЯяЁёЖжЩщЪъ",
}


@pytest.fixture(scope="module")
def fonts() -> Path:
    """The fonts of this machine's build, or cut now."""
    build.build_fonts(build.fonts_folder())
    return build.fonts_folder()


@pytest.mark.parametrize("script", sorted(NEEDED))
@pytest.mark.parametrize("weight", sorted(build.WEIGHTS))
def test_every_letter_is_in_the_file_of_its_script(fonts: Path, script: str, weight: int) -> None:
    font = TTFont(fonts / f"firago-{script}-{weight}.woff2")
    assert [char for char in NEEDED[script] if ord(char) not in font.getBestCmap()] == []


def test_figures_are_of_one_width_and_lining(fonts: Path) -> None:
    font = TTFont(fonts / "firago-latin-400.woff2")
    features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert "tnum" in features
    assert {record.ScriptTag for record in font["GSUB"].table.ScriptList.ScriptRecord} <= {"DFLT", "latn"}


def test_the_sheet_asks_for_exactly_the_built_files_and_their_ranges() -> None:
    sheet = (STATIC / "css" / "fonts.css").read_text(encoding="utf-8")
    asked = dict(re.findall(r"fonts/(firago-[\w-]+\.woff2)\".*?unicode-range: ([^;]+);", sheet))
    assert sorted(asked) == sorted(build.font_names())
    for name, ranges in asked.items():
        script = name.removeprefix("firago-").rsplit("-", 1)[0]
        wanted = [f"U+{a:04X}" if a == b else f"U+{a:04X}-{b:04X}" for a, b in build.SCRIPTS[script]]
        assert ranges.split(", ") == wanted, name


def test_a_built_folder_is_left_alone_and_a_torn_one_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[int] = []
    monkeypatch.setattr(build, "_cut", lambda *given: cuts.append(1) or b"cut")
    build.build_fonts(tmp_path)
    build.build_fonts(tmp_path)
    assert len(cuts) == len(build.font_names())
    (tmp_path / build.font_names()[0]).unlink()
    assert not build.is_built(tmp_path)
    build.build_fonts(tmp_path)
    assert build.is_built(tmp_path)


def test_htmx_comes_out_of_its_wheel() -> None:
    found = finders.find("ui/vendor/htmx.js")
    assert found and "htmx" in Path(found).read_text(encoding="utf-8")[:200]
    assert not finders.find("ui/vendor/other.js")


def test_all_files_can_be_collected_hashed_and_compressed(fonts: Path, tmp_path: Path) -> None:
    hashed = {"BACKEND": "siach.ui.finders.HashedStatic"}
    named = Template("{% static 'ui/js/siach.js' %}")
    with override_settings(STATIC_ROOT=tmp_path, STORAGES={"staticfiles": hashed}, SIACH_BUILD=fonts.parent):
        assert named.render(Context()) == "/static/ui/js/siach.js"
        call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
        assert re.fullmatch(r"/static/ui/js/siach\.[0-9a-f]{12}\.js", named.render(Context()))
    entry = next((tmp_path / "ui" / "js").glob("siach.*.js")).read_text(encoding="utf-8")
    assert re.findall(r'import ?"\./keys\.[0-9a-f]{12}\.js"', entry)
    sheet = next((tmp_path / "ui" / "css").glob("fonts.*.css")).read_text(encoding="utf-8")
    assert re.search(r"firago-hebrew-400\.[0-9a-f]{12}\.woff2", sheet)
    assert (tmp_path / "ui" / "vendor" / "htmx.js").is_file()


def test_a_first_visit_is_light(fonts: Path) -> None:
    """Bounds of the design: own scripts 20 kB, all but the page itself 95 kB (the page has 5 more). What a page brings
    for itself alone weighs on its own visitors: the heaviest of them is counted."""
    base = STATIC.parents[1] / "templates" / "ui" / "base.html"
    always = _named(base)
    pages = [_named(page) - always for page in STATIC.parents[2].glob("*/templates/*/*.html") if page != base]
    heaviest = max(sum(map(_packed, own)) for own in pages)
    htmx = _packed(Path(str(finders.find("ui/vendor/htmx.js"))))
    letters = sum((fonts / f"firago-{s}-{w}.woff2").stat().st_size for s in ("hebrew", "latin") for w in build.WEIGHTS)
    assert {path.suffix for path in always} == {".css", ".js"} and heaviest > 2_000
    assert sum(_packed(path) for path in (STATIC / "js").glob("*.js")) <= 20_000
    assert sum(map(_packed, always)) + heaviest + htmx + letters <= 95_000


def _named(page: Path) -> set[Path]:
    """The sheets and scripts of ours that a template names, with the scripts that these import."""
    found = {STATIC / name for name in re.findall(r"static 'ui/((?:css|js)/[\w-]+\.\w+)'", page.read_text("utf-8"))}
    waiting = [path for path in found if path.suffix == ".js"]
    while waiting:
        script = waiting.pop()
        new = {script.parent / name for name in re.findall(r'"\./([\w-]+\.js)"', script.read_text("utf-8"))} - found
        found |= new
        waiting += new
    return found


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6))
