"""`./siach train`: the weights of the embedded reader, made anew from their sets, and the card that tells of them."""

import argparse
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

from siach.commands import ROOT, say
from siach.language.training.sets import CORPUS_LANGUAGES
from siach.launch import CannotStart

HELP = "Train the embedded reader on its sets, and write its weights and its model card."
FOR_DEVELOPERS = True
WEIGHTS = ROOT / "src" / "siach" / "language" / "weights"
CARD = ROOT / "docs" / "model-card.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="the folder of the public sets, one folder each")
    parser.add_argument("--language", action="append", choices=CORPUS_LANGUAGES, help="only this one (default: all)")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go (default: into the product)")
    parser.add_argument("--date", type=date.fromisoformat, help="the date that the card names (default: today)")


def run(args: argparse.Namespace) -> int:
    if find_spec("sklearn") is None:
        raise CannotStart("Training needs scikit-learn, which the developers' packages hold: run ./siach lint once.")
    from siach.language.training.card import card
    from siach.language.training.making import make_and_save

    languages = args.language or list(CORPUS_LANGUAGES)
    for language in languages:
        say(f"Training {language}.")
        try:
            model, size = make_and_save(language, args.data, args.out)
        except FileNotFoundError as error:
            raise CannotStart(f"The set is not there: {error.filename}.") from error
        say(f"{language}: {model.header['rows']:,} rows, {len(model.bias)} outputs, {size / 1e6:.2f} MB.")
    if args.out == WEIGHTS:
        CARD.write_text(card(WEIGHTS, args.data, args.date or datetime.now(UTC).date()), "utf-8")
        say(f"The card is {CARD.relative_to(ROOT)}.")
    return 0
