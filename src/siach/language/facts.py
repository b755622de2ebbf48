"""Facts that stand in a text by their form: personal data, an order's number, a branch or town."""

from __future__ import annotations

import re

from siach.language.reading import Flag

_DIGITS = re.compile(r"\d{4}|@\w")
_PERSONAL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}\.\w"  # a mail address
    r"|(?<![\d#-])(?:\+972[- ]?|0)\d{1,2}[- ]?\d{3}[- ]?\d{4}(?!\d)"  # a telephone
    r"|(?:ת\.?\s?ז\.?|תעודת זהות|ID|паспорт|هوية)\D{0,12}\d{8,9}(?!\d)"
    r"|(?<!\d)(?:\d{4}[- ]?){3}\d{4}(?!\d)"  # a card
)
_ORDER = re.compile(
    r"(?:הזמנה|הזמנתי|משלוח|קריאה|פנייה|חשבונית|פוליסה|order|ticket|booking|invoice|заказ\w?|طلب)[^\d\n]{0,16}#?\d{4,12}(?!\d)"
    r"|(?<!\w)#\d{4,12}(?!\w)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?<!\w)[ושהבלמכ]{0,2}(?:סניף|סניפי|קניון|תחנת|שלוחת)\s+\w"
    r"|(?<!\w)(?:branch|store|outlet|location)\s+(?:in|on|at|of)\s+\w|(?<!\w)(?:in|at) the \w{2,20} (?:branch|store)"
    r"|(?<!\w)(?:филиал|магазин)\w{0,3}\s+(?:в|на)\s+\w|(?<!\w)(?:ال)?فرع\s+\w",
    re.IGNORECASE,
)
_TOWNS = (
    "ירושלים|תל אביב|חיפה|ראשון לציון|ראשלצ|פתח תקווה|פתח תקוה|אשדוד|נתניה|באר שבע|בני ברק|חולון|רמת גן|אשקלון|רחובות|"
    "בת ים|בית שמש|כפר סבא|הרצליה|חדרה|מודיעין|נצרת|לוד|רמלה|רעננה|רהט|גבעתיים|הוד השרון|נהריה|עכו|אילת|טבריה|צפת|"
    "כרמיאל|עפולה|יבנה|דימונה|אום אל פחם|נס ציונה|רמת השרון|ערד|יקנעם|זכרון יעקב|קרית גת|קרית אתא|קרית ביאליק|"
    "קרית מוצקין|קרית אונו|קרית שמונה|קריית גת|קריית אתא|קריית ביאליק|קריית מוצקין|קריית אונו|קריית שמונה"
)
_TOWN = re.compile(rf"(?<!\w)[ושהבלמכ]{{0,2}}(?:{_TOWNS.replace(' ', '[- ]')})(?!\w)")
_OPENING = "סניף סניפי קניון תחנת שלוחת branch store outlet location филиал магазин магазине магазина فرع الفرع"
_BEFORE = ("", "ב", "ל", "מ", "ה", "ו", "ש", "כ", "מה", "וב", "של", "שב", "מב")
_LIMIT = 4_000


def place_words() -> tuple[str, ...]:
    """Words without one of which no text tells a place: the last words of towns, and what opens the name of a branch,
    in Hebrew behind its prefixes."""
    towns = dict.fromkeys(town.split()[-1] for town in _TOWNS.split("|"))
    return tuple(f"{before}{word}" for word in (*towns, *_OPENING.split()) for before in _BEFORE)


def facts(text: str, *, place: bool = True) -> frozenset[Flag]:
    """Which of `personal`, `order` and `place` stand in a text, as far as its first 4,000 characters tell. Without
    `place` a place is not looked for."""
    text = text[:_LIMIT]
    found: set[Flag] = set()
    if _DIGITS.search(text):
        if _PERSONAL.search(text):
            found.add("personal")
        if _ORDER.search(text):
            found.add("order")
    if place and (_PLACE.search(text) or _TOWN.search(text)):
        found.add("place")
    return frozenset(found)
