"""The words of a screenshot, read where tesseract is: bounded, and never needed."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from siach.launch.machine import tesseract
from siach.talk import picture_words, pictures
from siach.ui import build
from tests.security.test_uploads import png_of
from tests.talk.test_capture import drawn
from tests.world import World

pytestmark = pytest.mark.django_db


def program(folder: Path, body: str) -> str:
    """A program that stands for tesseract."""
    path = folder / "reader"
    path.write_text(f"#!{sys.executable}\nimport sys, time\ndata = sys.stdin.buffer.read()\n{body}\n")
    path.chmod(0o755)
    return str(path)


def sent(world: World, data: bytes) -> tuple[int, str]:
    cache.clear()
    picture = SimpleUploadedFile("a.png", data, "image/png")
    answer = world.client(world.dana).post(reverse("capture_read"), {"picture": picture})
    return answer.status_code, answer.json()["text"]


def test_what_is_read_begins_the_text(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "assert data[1:4] == b'PNG'; sys.stdout.buffer.write('\\u200fהמנורה נשרפה\\n\\n ~ \\f'.encode())"
    stands_in = program(tmp_path, body)
    monkeypatch.setattr(picture_words, "tesseract", lambda: stands_in)
    assert sent(world, drawn("JPEG")) == (200, "המנורה נשרפה")
    assert 'data-read="/capture/read/"' in world.client(world.dana).get(reverse("capture")).text
    assert sent(world, png_of(60_000, 60_000)) == (400, "")
    assert sent(world, b"nothing") == (400, "")


def test_without_it_the_form_asks_for_the_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_words, "tesseract", lambda: None)
    assert sent(world, drawn()) == (200, "")
    page = world.client(world.dana).get(reverse("capture")).text
    assert "data-read=" not in page and 'data-read-said="nothing"' in page


def test_one_that_hangs_falls_or_eats_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_words, "MOST_SECONDS", 1)
    for body in ("time.sleep(60)", "sys.exit(3)", "x = bytearray(2**31); print('much')"):
        stands_in = program(tmp_path, body)
        monkeypatch.setattr(picture_words, "tesseract", lambda stands_in=stands_in: stands_in)
        began = time.monotonic()
        assert picture_words.words_in(drawn()) == "" and time.monotonic() - began < 10, body


@pytest.mark.skipif(tesseract() is None, reason="this machine lacks tesseract with Hebrew (apt: tesseract-ocr-heb)")
def test_hebrew_is_read_for_real(tmp_path: Path) -> None:
    build.build_fonts(build.fonts_folder())
    from fontTools.ttLib import TTFont

    font = TTFont(build.fonts_folder() / "firago-hebrew-400.woff2")
    font.flavor = None
    font.save(tmp_path / "hebrew.ttf")
    image = Image.new("L", (900, 160), 255)
    letters = ImageFont.truetype(str(tmp_path / "hebrew.ttf"), 56, layout_engine=ImageFont.Layout.BASIC)
    words = "המנורה שלכם נשרפה אתמול"
    ImageDraw.Draw(image).text((30, 40), words[::-1], font=letters, fill=0)
    out = io.BytesIO()
    image.save(out, "PNG")
    read = picture_words.words_in(out.getvalue())
    assert len(set(words.split()) & set(read.split())) >= 3, read
    assert pictures.is_picture(out.getvalue())
