"""Files that are not what they say: pictures with pages in them, tables that are programs, bombs."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from siach.talk.models import Import, Media, Post
from siach.talk.pictures import NotAPicture, look_at
from tests.security.walking import browser

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.world import World

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 12), "teal").save(out, kind)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size, every point of it the same."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 20_000)) + chunk(b"IEND", b"")


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return out.getvalue()


NO_PICTURES = {
    "a page": HTML,
    "a drawing with a script": SVG,
    "a drawing behind a mark": b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG,
    "a page with the first bytes of a PNG": b"\x89PNG\r\n\x1a\n" + HTML,
    "a script that is a GIF": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "a page with the first bytes of a JPEG": b"\xff\xd8\xff" + HTML,
    "a page with the first bytes of WebP": b"RIFF\x20\0\0\0WEBP" + HTML,
    "a PDF": b"%PDF-1.7\n1 0 obj\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run",
    "an archive": zipped("a.png", picture()),
    "a program": b"\x7fELF" + b"\0" * 64,
    "a TIFF": b"II*\0" + b"\0" * 64,
    "nothing": b"",
}


def test_what_is_no_picture_is_kept_nowhere(world: World) -> None:
    for what, data in NO_PICTURES.items():
        answer = captured(world, SimpleUploadedFile("seen.png", data, "image/png"))
        assert answer.status_code == 422, what
        assert not Media.objects.exists() and not Post.objects.exists(), what


def captured(world: World, *files: SimpleUploadedFile) -> HttpResponse:
    told = {
        "text": "המנורה מהבהבת",
        "place": "דיירי הרחוב",
        "network": "facebook_group",
        "said_at": "2026-11-24T09:00",
        "brand": world.brand.pk,
        "pictures": files,
    }
    return browser(world.noam).post("/capture/", told)


@pytest.mark.parametrize("tail", [HTML, SVG, zipped("a.html", HTML), b"<?php system('id'); ?>"])
def test_a_picture_with_more_behind_it_is_served_as_a_picture(world: World, tail: bytes) -> None:
    """The picture is real, so it is kept; what hangs behind it is never drawn as a page."""
    assert captured(world, SimpleUploadedFile("seen.html", picture() + tail, "text/html")).status_code == 302
    from siach.talk import pictures

    answer = browser(world.noam).get(f"/media/{pictures.token(Media.objects.get().pk)}/")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].endswith('.png"')


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1), (20_000, 4_000)]
)
def test_a_picture_of_endless_points_is_not_opened(width: int, height: int) -> None:
    with pytest.raises(NotAPicture):
        look_at(png_of(width, height))


def test_five_pictures_are_one_too_many(world: World) -> None:
    files = [SimpleUploadedFile(f"{n}.png", picture()) for n in range(5)]
    assert captured(world, *files).status_code == 422
    assert not Media.objects.exists()


def test_a_picture_beyond_the_limit_is_refused(settings: object) -> None:
    settings.SIACH_MEDIA_LIMIT = 1000  # type: ignore[attr-defined]
    with pytest.raises(NotAPicture):
        look_at(picture() + b"\0" * 1000)


NO_TABLES = {
    "a picture": picture(),
    "an archive": zipped("posts.csv", b"text,time\n" * 50),
    "a bomb": zipped("posts.csv", b"\0" * 30_000_000),
    "a compressed table": gzip.compress(b"text,time\nhello there,2026-11-20\n"),
    "a workbook": zipped("xl/workbook.xml", b"<workbook/>"),
    "a program": b"\x7fELF" + b"\0" * 200,
    "zeros": b"\0" * 10_000,
    "one endless line": b"a" * 200_000,
    "nothing but marks": b"\xef\xbb\xbf\xef\xbb\xbf",
}


def test_what_is_no_table_brings_no_posts(world: World) -> None:
    """Refused at once, or shown as columns that hold no post; never opened as anything else."""
    client = browser(world.noam)
    for what, data in NO_TABLES.items():
        answer = client.post("/sources/import/", {"file": SimpleUploadedFile("posts.csv", data, "text/csv")})
        assert answer.status_code in {302, 422}, what
        if answer.status_code == 302:
            assert client.get(answer.headers["Location"]).status_code == 200, what
        assert not Post.objects.exists(), what


@pytest.mark.parametrize(
    "page", [HTML, SVG, b'<a href="javascript:alert(1)">a,b</a>\n<script>alert(1)</script>,c\n' * 3]
)
def test_a_page_that_is_named_a_table_is_shown_as_text(world: World, page: bytes) -> None:
    client = browser(world.noam)
    answer = client.post("/sources/import/", {"file": SimpleUploadedFile("posts.csv", page, "text/csv")})
    shown = client.get(f"/sources/import/{Import.objects.get().pk}/") if answer.status_code == 302 else answer
    assert "<script>alert" not in shown.text and 'href="javascript:' not in shown.text


def test_what_is_handed_in_stands_outside_every_served_folder() -> None:
    from pathlib import Path

    assert not Path(settings.SIACH_HOME, "media").is_relative_to(settings.STATIC_ROOT)
