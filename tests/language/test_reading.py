"""The stored codes of readings."""

import pytest

from siach.language import reading


def test_codes_are_what_older_rows_hold() -> None:
    assert reading.LANGUAGES == ("und", "he", "en", "ar", "ru")
    assert reading.INTENTS[:4] == ("other", "complaint", "question", "praise")
    assert reading.INTENTS[4:8] == ("request", "defence", "attack", "boycott")
    assert reading.INTENTS[8:] == ("purchase", "spam", "news")
    assert reading.LABELS == ("negative", "neutral", "positive")


def test_codes_lead_there_and_back() -> None:
    assert [reading.language_of(reading.language_code(one)) for one in reading.LANGUAGES] == list(reading.LANGUAGES)
    assert [reading.intent_of(reading.intent_code(one)) for one in reading.INTENTS] == list(reading.INTENTS)
    assert [reading.sentiment_label(reading.sentiment_of(one)) for one in reading.LABELS] == list(reading.LABELS)
    assert reading.probability_of(reading.probability_code(0.1234)) == 0.123
    assert reading.probability_code(1.5) == 1000


def test_unknown_codes_are_refused_and_an_unknown_language_is_und() -> None:
    assert reading.language_code("fr") == 0
    with pytest.raises(IndexError):
        reading.language_of(-1)
    with pytest.raises(IndexError):
        reading.intent_of(len(reading.INTENTS))
    with pytest.raises(ValueError):
        reading.sentiment_label(2)
    with pytest.raises(ValueError):
        reading.intent_code("gossip")
