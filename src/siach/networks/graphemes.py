"""Counting letters as a reader sees them (extended grapheme clusters, Unicode annex 29).

Networks limit text in graphemes: an emoji family or a Hebrew letter with its points is one. Where the
annex needs tables that Python does not carry (Indic conjuncts, prepended marks) this counts one too many
rather than one too few.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_PICTURES = ((0x2190, 0x2BFF), (0x1F000, 0x1F1E5), (0x1F200, 0x1F3FA), (0x1F400, 0x1FAFF))
_MORE_PICTURES = frozenset("\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299")
_CONTROLS = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))


def count(text: str) -> int:
    """How many graphemes stand in the text."""
    total = 0
    before = ""
    picture = False  # a pictograph, and nothing but its extensions since
    flags = 0
    for letter in text:
        joined = _joined(before, letter, picture, flags)
        total += not joined
        flags = flags + 1 if _is_flag(letter) else 0
        picture = _is_picture(letter) or (picture and joined and _extends(letter))
        before = letter
    return total


def _joined(before: str, letter: str, picture: bool, flags: int) -> bool:
    """Whether no boundary stands between the two letters."""
    if not before:
        return False
    if _is_control(before) or _is_control(letter):
        return (before, letter) == ("\r", "\n")
    return (
        _extends(letter)
        or _is_spacing(letter)
        or (before == _JOINER and picture and _is_picture(letter))
        or (_is_flag(letter) and flags % 2 == 1)
        or _hangul_joined(before, letter)
    )


def _extends(letter: str) -> bool:
    code = ord(letter)
    return (
        unicodedata.category(letter) in ("Mn", "Me")
        or letter in (_JOINER, "\u200c")
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _is_spacing(letter: str) -> bool:
    return unicodedata.category(letter) == "Mc"


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in _CONTROLS and not _extends(letter)


def _is_picture(letter: str) -> bool:
    code = ord(letter)
    return letter in _MORE_PICTURES or any(first <= code <= last for first, last in _PICTURES)


def _is_flag(letter: str) -> bool:
    return 0x1F1E6 <= ord(letter) <= 0x1F1FF


def _hangul(letter: str) -> str:
    code = ord(letter)
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""


def _hangul_joined(before: str, letter: str) -> bool:
    after = {"L": ("L", "V", "LV", "LVT"), "V": ("V", "T"), "LV": ("V", "T"), "LVT": ("T",), "T": ("T",)}
    return _hangul(letter) in after.get(_hangul(before), ())
