"""Bytes of a feed or a mail as text: by what they say of themselves, within the charsets that are really text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: Python's own codecs hold compressors and UTF-7 too, in which markup hides.
_TEXT = re.compile(
    r"utf-(8|16|32)(-[bl]e)?|ascii|iso8859-\d+|cp\d{3,4}|koi8-[ru]|mac-\w+|gb(2312|k|18030)|big5|shift_jis|euc_\w+|tis-620"
)
_HEBREW_RUN = re.compile(rb"[\xe0-\xfa]{3}")


def decode(body: bytes, hints: Iterable[str] = ()) -> str:
    """The text of these bytes: by their mark, the first fitting hint, as UTF-8, else by what is usual here."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    known = [name for name in map(codec_of, hints) if name]
    for name in [*known, "utf-8"]:
        try:
            return body.decode(name)
        except UnicodeError:
            continue
    narrow = [name for name in known if not name.startswith("utf")]
    usual = "cp1255" if _HEBREW_RUN.search(body) else "cp1252"
    return body.decode(narrow[0] if narrow else usual, "replace")


def codec_of(name: str) -> str:
    """Python's name of a charset; "" for what is none. Hebrew's "-i" and "-e" only say how it is shown."""
    plain = re.sub(r"(?i)^(iso[-_]8859[-_][68])[-_][ie]$", r"\1", name.strip().strip("\"'"))
    try:
        found = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return ""
    return found if _TEXT.fullmatch(found) else ""
