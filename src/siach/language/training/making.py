"""A language's model, from its sets to its file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from siach.language.model import Model, save
from siach.language.training.fitting import Settings, train
from siach.language.training.sets import SETS, Row, rows_of

# What scores are divided by before they become probabilities: by domain ("" is one not learnt), and of intents.
TEMPERATURES: dict[str, dict[str, float]] = {"he": {"": 0.5, "person": 0.9, "service": 0.8, "intent": 0.8}}
# How much the word lists count beside a model, by domain and for intents: the more, the less it was taught there.
# `read`: they are read in full, not by their tallies.
LISTS: dict[str, dict[str, float]] = {
    "he": {"": 0.4, "service": 0.4, "intent": 0.15},
    "en": {"": 0.6, "intent": 0.5, "read": 1},
    "ru": {"": 0.4, "intent": 0.3, "read": 1},
}
# Where there are no domains the head for strangers is the only one, and is held down less.
SETTINGS = {
    "ar": Settings(stranger_strength=2.0),
    "en": Settings(stranger_strength=1.0),
    "ru": Settings(stranger_strength=1.0),
}


def made(language: str, rows: list[Row]) -> Model:
    """The model of a language from rows."""
    return train(rows, _header(language, rows), SETTINGS.get(language))


def _header(language: str, rows: list[Row]) -> dict[str, Any]:
    """What a model's file tells of itself."""
    sources = Counter(row.source for row in rows)
    return {
        "language": language,
        "rows": len(rows),
        "sources": dict(sorted(sources.items())),
        "sets": [[one.name, one.licence, one.credit] for one in SETS if one.language == language],
        "temperatures": TEMPERATURES.get(language, {}),
        "lists": LISTS.get(language, {}),
    }


def make_and_save(language: str, data: Path, folder: Path) -> tuple[Model, int]:
    """Train on all rows and write the file: the model and the file's size in bytes. FileNotFoundError for a set."""
    model = made(language, rows_of(language, data))
    path = folder / f"{language}.npz"
    with path.open("wb") as file:
        save(model, file)
    return model, path.stat().st_size
