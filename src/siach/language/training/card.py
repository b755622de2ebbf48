"""The model card: what the embedded reader was trained on, under which licences, and how right it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from siach.language.model import load
from siach.language.training.scoring import Scores, scores
from siach.language.training.sets import CORPUS_LANGUAGES

_NAMES = {"he": "Hebrew", "en": "English", "ru": "Russian", "ar": "Arabic"}


def card(weights: Path, data: Path, day: date) -> str:
    """The card as Markdown, of the weights in a folder."""
    lines = [
        "# Model card: the embedded reader `linear`",
        "",
        f"Written by `./siach train` on {day.isoformat()}. Penalised logistic regression over hashed words, letter",
        "groups and counts by Siach's word lists; a file of weights for each language; no network, no other model.",
        "",
        "Meant for: reading short posts about brands, for people who see the words beside and can correct the reading.",
        "Not meant for: judging a person, or anything that nobody looks at.",
        "",
        "## Data",
        "",
        "| language | set | rows | licence | by |",
        "|---|---|---|---|---|",
    ]
    for language in CORPUS_LANGUAGES:
        header = load(weights / f"{language}.npz").header
        sets = header["sets"]
        counts = ", ".join(f"{name} {count:,}" for name, count in header["sources"].items())
        lines += [f"| {_NAMES[language]} | {name} | | {licence} | {credit} |" for name, licence, credit in sets]
        lines.append(f"| {_NAMES[language]} | *in all* | {header['rows']:,} ({counts}) | | |")
    lines += [
        "",
        "Handles, mail addresses and long numbers are masked before training; no row of a public set stands in Siach.",
        "",
        "## Scores",
        "",
        "On rows that were not trained on. ECE: expected calibration error, 15 bins. More: `./siach bench language`.",
        "",
        "| set | rows | accuracy | macro-F1 | AUC of negative | ECE |",
        "|---|---|---|---|---|---|",
        *(_line(one) for one in scores(data)),
        "",
        "## Limits",
        "",
        "- A post of a kind that no set holds is read with what the sets share, and is flagged so.",
        "- The survey's rows are no test: the word lists and their share were chosen with them in view.",
        "- Sarcasm lowers the confidence; it is often missed.",
        "- Emotions were judged by crowds on news comments of 2020 and by ourselves on invented posts.",
        "- The corpus was written by AI models for Siach: what it lacks, the reader has not learnt. Corrections tell.",
        "- English and Russian rest on word lists and on posts written for Siach alone.",
        "",
    ]
    return "\n".join(lines)


def _line(one: Scores) -> str:
    return f"| {one.name} | {one.rows:,} | {one.accuracy:.3f} | {one.f1:.3f} | {one.auc:.3f} | {one.ece:.3f} |"
