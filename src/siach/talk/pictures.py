"""Pictures that people hand in: what they really are, how they look, and where their bytes stand."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SALT = "siach.talk.picture"
HELD_FOR = 24 * 3600
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
MOST_PIXELS = 60_000_000
_MAGIC = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"))


class NotAPicture(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture. `look`: its dHash, 64 bits as a signed integer."""

    data: bytes = field(repr=False)
    sha256: str
    kind: str
    look: int


def look_at(data: bytes) -> Picture:
    """Check what was handed in: its size, its magic bytes, and that it can really be drawn."""
    if len(data) > settings.SIACH_MEDIA_LIMIT:
        raise NotAPicture(_("A picture may have %(most)s MB at most.") % {"most": settings.SIACH_MEDIA_LIMIT // 2**20})
    kind = _sniffed(data)
    if kind is None:
        raise NotAPicture(_("This file is no picture. JPEG, PNG, WebP and GIF can be kept."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise NotAPicture(_("This picture is too large to be opened."))
                look = _dhash(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise NotAPicture(_("This picture is too large to be opened.")) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture(_("This picture is damaged and cannot be opened.")) from error
    return Picture(data, hashlib.sha256(data).hexdigest(), KINDS[kind], look)


def is_picture(data: bytes) -> bool:
    """Whether the first bytes are those of a kind that is kept."""
    return _sniffed(data) is not None


def _sniffed(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def _dhash(image: Image.Image) -> int:
    """Difference hash: whether each of 8 x 8 points is darker than the one beside it (Krawetz, 2013)."""
    small = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    points = small.tobytes()
    bits = 0
    for place in range(72):
        if place % 9 < 8:
            bits = bits << 1 | (points[place] < points[place + 1])
    return bits - 2**64 if bits >= 2**63 else bits


def token(pk: int) -> str:
    """The signed name of a picture's row, for its address."""
    return signing.dumps(pk, salt=SALT)


def pk_of(token: str) -> int | None:
    """The row behind a signed name; None for a name that we did not sign."""
    try:
        return int(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return None


def held_token(sha256: str, user: int) -> str:
    """The signed name of a picture that waits for its form, good for its own person and for a day."""
    return signing.dumps([sha256, user], salt=f"{SALT}.held")


def held(token: str, user: int) -> bytes | None:
    """A picture that waits; None where the name is not ours, not this person's, or past its time."""
    try:
        sha256, owner = signing.loads(token, salt=f"{SALT}.held", max_age=HELD_FOR)
        return path_of(sha256).read_bytes() if owner == user else None
    except (signing.BadSignature, OSError):
        return None


def read(digests: Iterable[str]) -> list[bytes]:
    """The bytes of these pictures, as far as they are still here."""
    paths = [path_of(digest) for digest in digests]
    return [path.read_bytes() for path in paths if path.is_file()]


def small(data: bytes) -> str:
    """A checked picture as a small one that a page can hold: a data address."""
    with Image.open(io.BytesIO(data)) as image:
        image.thumbnail((160, 160))
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=70)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def folder() -> Path:
    return Path(settings.SIACH_HOME) / "media"


def path_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def keep(picture: Picture) -> None:
    """Write the bytes, once, whole or not at all."""
    path = path_of(picture.sha256)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.write_bytes(picture.data)
    aside.replace(path)


def kept() -> Iterator[Path]:
    """Every file of the media folder."""
    yield from (path for path in folder().glob("??/*") if path.is_file())
