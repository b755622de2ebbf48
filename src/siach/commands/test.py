"""`./siach test`: all tests, after fetching what they need."""

import argparse
import importlib
import os
import shutil
import subprocess
import sys

from siach.commands import ROOT, say
from siach.launch.home import cache_folder
from siach.launch.machine import chromium, tesseract

HELP = "Run the tests; what they need is fetched first. Words for pytest are passed on."
FOR_DEVELOPERS = True
PASSES_ON = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--whole", action="store_true", help="fail when this machine lacks something for a test")


def run(args: argparse.Namespace) -> int:
    if args.whole:
        os.environ["SIACH_TEST_WHOLE"] = "1"
    fetch()
    named = any((ROOT / word.split("::")[0]).is_file() for word in args.rest)
    # A few named files are through before a second process has made its database. A third one works while another
    # waits for a browser or a network.
    side_by_side = [] if named else ["-n", "3", "--dist", "loadgroup"]
    command = [sys.executable, "-m", "pytest", *side_by_side, *args.rest]
    os.chdir(ROOT)
    # In place of this process, so that Ctrl-C reaches pytest alone and its exit code is ours.
    os.execv(sys.executable, command)


def fetch() -> None:
    """Fetch what the tests need, as far as this machine can have it."""
    if not chromium():
        _install("chromium", "the browser tests")
    if browser := chromium():
        os.environ["SIACH_CHROMIUM"] = browser
    if not shutil.which("systemd-analyze"):
        _install("systemd", "the tests of the installation")
    if not tesseract():
        _install("tesseract-ocr tesseract-ocr-heb", "the tests of words in pictures")
    _install_networks()
    from siach.commands.words import compile_all

    compile_all()


def _install(packages: str, what_for: str) -> None:
    """Install packages of Debian's as root; another user is told how."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"This machine lacks what {what_for} need. Run: apt install {packages}")
        return
    say(f"Installing {packages} for {what_for}.")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages.split()]):
        done = subprocess.run(["apt-get", "-qq", *command], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        say(f"{packages} could not be installed: {done.stderr.strip()[-300:]}")


def _install_networks() -> None:
    """Fetch the real servers that the tests talk to. Without them, those tests are skipped by name."""
    if not (ROOT / "tests" / "networks" / "bluesky_server" / "server.py").exists():
        return
    sys.path.insert(0, str(ROOT))
    server = importlib.import_module("tests.networks.bluesky_server.server")
    try:
        server.install(cache_folder())
    except (OSError, server.Lacks) as error:
        say(f"The local Bluesky could not be installed: {error}")
