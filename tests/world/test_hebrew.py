"""A linter for slips of Hebrew, over the word lists as they are written and over posts as they come out."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from siach.world import words
from siach.world.making import make
from siach.world.template import FORMS

LETTER = "[א-ת]"
#: Nouns whose gender everybody knows, and adjectives with both forms; a noun with the wrong one behind it is a slip.
FEMININE = [
    "חלה",
    "עוגה",
    "שקית",
    "שעה",
    "פעם",
    "תלונה",
    "הזמנה",
    "תשובה",
    "שכונה",
    "אפליקציה",
    "שמועה",
    "מדבקה",
    "חתיכה",
    "קופה",
    "אישה",
    "ילדה",
    "סבתא",
    "שנה",
]
MASCULINE = [
    "לחם",
    "סניף",
    "תור",
    "מחיר",
    "משלוח",
    "קופון",
    "סרטון",
    "מאפה",
    "שליח",
    "עובד",
    "פח",
    "שבוע",
    "חודש",
    "יום",
    "בוקר",
    "טעם",
    "בצק",
    "מקום",
    "כסף",
    "שירות",
]
PAIRS = [
    ("טוב", "טובה"),
    ("גדול", "גדולה"),
    ("קטן", "קטנה"),
    ("חדש", "חדשה"),
    ("ישן", "ישנה"),
    ("יקר", "יקרה"),
    ("טרי", "טרייה"),
    ("קר", "קרה"),
    ("שלם", "שלמה"),
    ("אחד", "אחת"),
    ("אחרון", "אחרונה"),
    ("ראשון", "ראשונה"),
    ("הזה", "הזאת"),
    ("פתוח", "פתוחה"),
    ("סגור", "סגורה"),
    ("מזויף", "מזויפת"),
    ("אמיתי", "אמיתית"),
    ("מלא", "מלאה"),
]
#: Words that are said twice on purpose.
TWICE = {"כן", "לא", "פרג", "מילה", "כמה", "רגע", "שמות", "ביס", "עוד", "סוף", "וואי", "תודה", "חצי", "אוקיי"}
#: What is written so by those who mean something else, where neither is meant here.
MEANT = {
    r"\bלא (?:לי|לך|לו|לה) (?:יש|אין)\b": "לא for לו",
    r"\bאמר(?:תי|ה|ו)? לא ש": "לא for לו",
    r"\bלו (?:יודע|יודעת|רוצה|היה|הייתה|היו|מצא|הגיע)": "לו for לא",
    r"\bעם (?:אני|אתה|את|הוא|היא|אתם|הם|יש|אין)\b": "עם for אם",
    r"\bאם (?:חמאה|שומשום|הילדים|קפה|כולם)\b": "אם for עם",
    r"\bעט\b": "עט for את",
}
RULES = {
    rf"(?<!{LETTER})({LETTER}+) \1(?!{LETTER})": "a word twice",
    r"  ": "two blanks",
    rf"[ךםןףץ]{LETTER}": "a final letter inside a word",
    rf"(?<!{LETTER}){LETTER}{{2,}}[כמנצ](?!{LETTER}|['״׳\"])": "a last letter that is not final",
    r"[,:;]{2,}|\?,|,\.|\.,|(?<!\.)\.\.\.\.": "marks that do not stand together",
    r" [,.?!:]": "a blank before a mark",
    rf"{LETTER}[A-Za-z]|[A-Za-z]{LETTER}": "two scripts in one word",
}
#: Behind את stands what is definite: an article, a possessive, a name, a pronoun, a construct of these; or it is "you".
DEFINITE = re.compile(
    r"את (?:ה|כל|זה|זאת|אלה|זו|מי|מה|עצמ|אותו|שני|של|שאר|נתוני|כולם|כולן|כולנו|אחי|\{|\[)"
    r"|את (?:אישור|תאריך|שתי|מחיר|סניפי|דעתכם|רשימת|מנהלת|מספר|דמי|איכות|סניף|שעות|פנייתך)"
    r"|את (?:יודעת|רוצה|שם|הורגת|אומרת|צריכה|לא)"
)


def test_the_lists_are_written_well() -> None:
    faults = [fault for name, text in _lists() for fault in _faults(name, text)]
    assert not faults, "\n" + "\n".join(faults)


def test_behind_the_sign_of_the_object_stands_something_definite() -> None:
    faults = [
        f"{name}: {text[found.start() :]}"
        for name, text in _lists()
        for found in re.finditer(rf"(?<!{LETTER})ו?את (?={LETTER})", text)
        if not DEFINITE.match(text[found.start() :].removeprefix("ו"))
    ]
    assert not faults, "\n" + "\n".join(faults)


def test_nouns_and_adjectives_agree() -> None:
    """A noun with an adjective of the other gender right behind it."""
    men, women = ("|".join(forms) for forms in zip(*PAIRS, strict=True))
    wrong = re.compile(rf"\bה?(?:(?:{'|'.join(FEMININE)}) ה?(?:{men})|(?:{'|'.join(MASCULINE)}) ה?(?:{women}))\b")
    faults = [f"{name}: {found.group()}: {text}" for name, text in _lists() if (found := wrong.search(text))]
    assert not faults, "\n" + "\n".join(faults)


def test_who_says_i_says_it_as_a_man_or_a_woman() -> None:
    """A present form of one gender behind "I" stands in a line of that gender, or beside its other form."""
    stems = [
        "יודע",
        "חושב",
        "אומר",
        "שואל",
        "מחפש",
        "בודק",
        "פותח",
        "כותב",
        "מוכן",
        "בטוח",
        "עובד",
        "לומד",
        "מבין",
        "מרגיש",
        "סומך",
        "מזועזע",
        "מאוכזב",
    ]
    forms = "|".join([*stems, *(f"{stem}ת" for stem in stems), "מוכנה", "בטוחה"])
    said = re.compile(rf"(?<!{LETTER})ו?אני (?:לא |כבר |גם |רק |עוד )*(?:{forms})(?!{LETTER})")
    faults = [
        f"{section.name}: {line.text}"
        for section in words.sections("he").values()
        for line in (*section.lines, *section.details)
        if not line.flags & {"m", "f", "af"} and said.search(line.text)
    ]
    assert not faults, "\n" + "\n".join(faults)


def test_every_word_that_agrees_has_four_forms_and_is_known() -> None:
    for lemma, forms in words.agreements().items():
        assert len(forms) == len(FORMS), lemma
    for section in words.sections("he").values():
        for line in (*section.lines, *section.details):
            asked = {piece.values[1] for piece in line.pieces if piece.kind == "agree"}
            assert asked <= words.agreements().keys(), line.text


def test_posts_come_out_well() -> None:
    """Of posts that bear no slip on purpose."""
    world = make(11, datetime(2027, 3, 30, 12, tzinfo=UTC), 2000)
    faults = [
        fault
        for one, truth in zip(world.said, world.truth, strict=True)
        if truth.language == "he" and "misspelt" not in truth.hard
        for fault in _faults(truth.kind, one.text)
    ]
    assert not faults, "\n" + "\n".join(faults[:40])


def test_no_slot_is_left_open() -> None:
    world = make(5, datetime(2026, 12, 20, 12, tzinfo=UTC), 1000)
    for one in world.said:
        assert not re.search(r"[{}\[\]<>|]|;;", one.text), one.text


def _lists() -> Iterator[tuple[str, str]]:
    for section in words.sections("he").values():
        for line in (*section.lines, *section.details):
            yield section.name, line.text
    yield from ((f"notes: {key}", text) for key, text in words.rows("he/notes.tsv"))


def _faults(name: str, text: str) -> Iterator[str]:
    plain = re.sub(r"[@#][\w.]+", "0", text)
    for rule, what in (RULES | MEANT).items():
        for found in re.finditer(rule, plain):
            if found.groups() and found.group(1) in TWICE:
                continue
            yield f"{name}: {what}: {found.group()!r} in: {text}"
