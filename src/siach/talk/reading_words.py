"""The words of a reading, and which few of them stand beside a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from siach.language.reading import EMOTIONS, Emotion, Flag, Sign, is_sure, level, shift_of
from siach.talk.models import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.utils.functional import Promise

EMOTION_WORDS: dict[Emotion, str | Promise] = {
    "anger": pgettext_lazy("emotion", "anger"),
    "disgust": pgettext_lazy("emotion", "disgust"),
    "fear": pgettext_lazy("emotion", "fear"),
    "sadness": pgettext_lazy("emotion", "sadness"),
    "disappointment": pgettext_lazy("emotion", "disappointment"),
    "joy": pgettext_lazy("emotion", "joy"),
    "trust": pgettext_lazy("emotion", "trust"),
    "surprise": pgettext_lazy("emotion", "surprise"),
}
SIGN_WORDS: dict[Sign, str | Promise] = {
    "arousal": pgettext_lazy("sign", "heat"),
    "provokes": pgettext_lazy("sign", "may stir debate"),
    "outrage": pgettext_lazy("sign", "moral outrage"),
    "offensive": pgettext_lazy("sign", "offensive language"),
    "sarcasm": pgettext_lazy("sign", "sarcasm"),
}
FLAG_WORDS: dict[Flag, str | Promise] = {
    "first_person": pgettext_lazy("flag", "first-hand"),
    "collective": pgettext_lazy("flag", "in the name of a group"),
    "personal": pgettext_lazy("flag", "personal data"),
    "order": pgettext_lazy("flag", "an order number"),
    "place": pgettext_lazy("flag", "a branch or a town"),
    "strange": pgettext_lazy("flag", "a kind of text the reader has not learnt"),
}
ABOUT_WORDS: dict[int, str | Promise] = {
    0: pgettext_lazy("reading", "not about the brand"),
    1: pgettext_lazy("reading", "about the brand"),
}
LANGUAGE_WORDS: dict[str, str | Promise] = {
    "he": gettext_lazy("Hebrew"),
    "en": gettext_lazy("English"),
    "ar": gettext_lazy("Arabic"),
    "ru": gettext_lazy("Russian"),
    "und": gettext_lazy("Not known"),
}
MOST_TAGS = 3
#: An emotion is shown from here on, and sarcasm makes a sentiment doubtful; in sixteenths, as stored.
SHOWN = 8
#: What is likely to be answered and to make people take sides, in sixteenths.
STIRS = 10
_URGENT = 2


class Tag(NamedTuple):
    """A chip beside a text: its words, the probability (0 to 1) that stands with them, if any, its style (a class of
    `.tag`, or "") and its icon, or ""."""

    words: str
    share: float | None = None
    style: str = ""
    icon: str = ""


def value_word(field: str, code: int) -> str:
    """The word of a stored sentiment, intent, or of whether a post is about its brand."""
    if field == "about":
        return str(ABOUT_WORDS.get(code, code))
    labels = Mention.Sentiment if field == "sentiment" else Mention.Intent
    return str(labels(code).label) if code in labels.values else str(code)


def steps(signs: int, name: Emotion | Sign) -> int:
    """A value of packed signs as it is stored, 0 to 15."""
    return (signs >> shift_of(name)) & 15


def strongest(signs: int) -> Emotion | None:
    """The strongest emotion that is shown at all."""
    found = max(EMOTIONS, key=lambda name: steps(signs, name))
    return found if steps(signs, found) >= SHOWN else None


def is_unsure(mention: Mention) -> bool:
    """Whether the reader's sentiment is a doubt and no answer, and nobody has judged it since."""
    sure = is_sure(mention.confidence / 1000, level(mention.signs, "sarcasm"))
    return not sure and mention.corrected_by_id is None


def tags(mention: Mention) -> list[Tag]:
    """Tone and intent, and of the rest what weighs most: three at most. The others stand under "why"."""
    return [_tone(mention), *_others(mention)][:MOST_TAGS]


def aside(signs: int) -> list[str]:
    """What a line of plain words has room for: the strongest emotion, and whether it may stir."""
    emotion = strongest(signs)
    words = [str(EMOTION_WORDS[emotion])] if emotion else []
    return [*words, str(SIGN_WORDS["provokes"])] if steps(signs, "provokes") >= STIRS else words


def _tone(mention: Mention) -> Tag:
    tone, share = str(mention.get_sentiment_display()), mention.confidence / 1000
    if is_unsure(mention):
        if steps(mention.signs, "sarcasm") >= SHOWN:
            return Tag(_("not sure: %(tone)s, or sarcastic") % {"tone": tone})
        return Tag(_("not sure: %(tone)s") % {"tone": tone}, share)
    style = {-1: "neg", 1: "pos"}.get(mention.sentiment, "")
    return Tag(tone, None if mention.corrected_by_id else share, style)


def _others(mention: Mention) -> Iterator[Tag]:
    if mention.is_safety:
        yield Tag(_("safety"), None, "alarm", "alert")
    if mention.intent:
        yield Tag(str(mention.get_intent_display()))
    if steps(mention.signs, "provokes") >= STIRS:
        yield Tag(str(SIGN_WORDS["provokes"]), None, "hot")
    emotion = strongest(mention.signs)
    if emotion:
        yield Tag(str(EMOTION_WORDS[emotion]))
    if mention.urgency:
        yield Tag(_("urgency %(n)s of 3") % {"n": mention.urgency}, None, "hot" if mention.urgency >= _URGENT else "")
