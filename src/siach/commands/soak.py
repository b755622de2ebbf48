"""`./siach soak`: the seeded proofs with their full counts; docs/proofs.md tells what they prove."""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from siach.commands import ROOT, say
from siach.commands.test import fetch

HELP = "Kill a running Siach again and again, and see that nothing is lost or doubled."
FOR_DEVELOPERS = True


@dataclass(frozen=True)
class Proof:
    """Tests that run for SIACH_ROUNDS rounds: their files, their full count, and what they prove when they pass."""

    tests: tuple[str, ...]
    rounds: int
    proves: str


PROOFS = (
    Proof(
        ("tests/journeys/test_killed_import.py",),
        10,
        "{rounds} imports, each with worker, web, database and supervisor killed: exactly the rows of the file.",
    ),
    Proof(
        ("tests/journeys/killed_a_hundred_times.py",),
        100,
        "A large file imported while worker, web and database are killed {rounds} times: exactly its rows.",
    ),
    Proof(
        ("tests/journeys/full_disk.py", "tests/journeys/database_away.py"),
        3,
        "{rounds} imports on a disk that fills up, {rounds} whose database is gone for a minute: exactly their rows.",
    ),
    Proof(
        ("tests/talk/test_sending_killed.py", "tests/talk/test_sending_killed_mastodon.py"),
        50,
        "{rounds} times on two networks, a sender killed at each step of a send: never twice, and in doubt unclear.",
    ),
    Proof(
        ("tests/talk/test_races.py",),
        1000,
        "{rounds} holds against senders, {rounds} pairs who decide at once: nothing leaks, each is decided once.",
    ),
    Proof(
        ("tests/journeys/test_killed_drill.py",),
        6,
        "{rounds} drills, a kind each, played x60 while worker, web and database are killed: all heard once, scored.",
    ),
    Proof(
        ("tests/launch/test_restore_drill.py",),
        3,
        "{rounds} times, a Siach of 8,000 posts restored from its backup: the same row for row and byte for byte.",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    counts = ", ".join(str(proof.rounds) for proof in PROOFS)
    parser.add_argument("--rounds", type=int, metavar="N", help=f"rounds of every proof (default: {counts})")


def run(args: argparse.Namespace) -> int:
    if args.rounds is not None and args.rounds < 1:
        say("At least one round is needed.")
        return 2
    fetch()
    # A part that the machine lacks proves nothing: such a run fails.
    os.environ["SIACH_TEST_WHOLE"] = "1"
    held = [_holds(proof, args.rounds or proof.rounds) for proof in PROOFS]
    return 0 if all(held) else 1


def _holds(proof: Proof, rounds: int) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", *proof.tests]
    began = time.monotonic()
    env = os.environ | {"SIACH_ROUNDS": str(rounds)}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=sys.stderr)
    seconds = time.monotonic() - began
    verdict = "proved" if done.returncode == 0 else "NOT PROVED"
    print(f"{verdict} in {seconds:.0f} s: {proof.proves.format(rounds=rounds)}", flush=True)
    return done.returncode == 0
