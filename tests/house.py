"""How the house is measured: every function here gives the breaches as `place: what is wrong`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "siach"
FILE_LINES, FUNCTION_LINES, BRANCHES = 400, 50, 10
# Data, not prose to be read from the top.
UNMEASURED = ("migrations", "lexicon")
# Who is nobody yet may open these, and nothing else.
PUBLIC = {
    "accessibility",
    "account_login",
    "account_logout",
    "capture_in",
    "demo_begin",
    "demo_going",
    "enter",
    "first_run",
    "first_run_step",
    "forgotten",
    "forgotten_set",
    "health",
    "hook_in",
    "invitation",
    "mfa_authenticate",
    "offer",
    "outbox",
    "outside",
    "passkey_login",
    "push_in",
    "see_as_left",
    "set_language",
    "sso",
    "sso_back",
    "worker",
}
# Of those, what no browser posts to: known by a signature of the whole body (tests/talk/test_hooks.py and
# test_push_in.py), or by an address that nobody can guess (tests/talk/test_capture_address.py).
SIGNED = {"capture_in", "hook_in", "push_in"}
FORKS = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.With,
    ast.AsyncWith,
    ast.BoolOp,
    ast.comprehension,
    ast.match_case,
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    """Every Python file that is measured."""
    files = [ROOT / "siach", *SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    return [file for file in files if not set(UNMEASURED) & set(file.parts)]


def screens(*endings: str) -> list[Path]:
    """Templates, styles and scripts by their endings."""
    return [file for ending in endings for file in SOURCE.rglob(f"*.{ending}")]


def too_long_files() -> Iterator[str]:
    for file in [*sources(), *screens("html", "css", "js")]:
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES:
            yield f"{place(file)}: {lines} lines"


def too_long_functions() -> Iterator[str]:
    for file, function in functions():
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES:
            yield f"{place(file, function)}: {lines} lines"


def too_branched_functions() -> Iterator[str]:
    for file, function in functions():
        branches = 1 + sum(isinstance(node, FORKS) for node in ast.walk(function))
        if branches > BRANCHES:
            yield f"{place(file, function)}: {branches} branches"


def deeds_by_position() -> Iterator[str]:
    """What a person does (`by`) in a room, but could be called without naming what is what."""
    for file, function in functions(top_only=True):
        deed = any(argument.arg == "by" for argument in [*function.args.args, *function.args.kwonlyargs])
        in_actions = SOURCE in file.parents and "actions" in file.with_suffix("").parts
        if (
            deed
            and in_actions
            and not function.name.startswith("_")
            and (function.args.args or function.args.posonlyargs)
        ):
            yield place(file, function)


def physical_sides() -> Iterator[str]:
    """Declarations that mean left or right where start or end is meant."""
    for file in screens("css"):
        text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found.group().count("\n"), file.read_text(), flags=re.S)
        for found in re.finditer(r"(?<=[;{])\s*([-\w]+)\s*:([^;{}]*)", text):
            if re.search(r"\b(left|right)\b", found.group()):
                yield f"{place(file)}:{text.count(chr(10), 0, found.start(1)) + 1}: {found.group().strip()}"


def inline_code() -> Iterator[str]:
    """What the content policy would refuse: styles, handlers and scripts inside a page."""
    refused = r"\sstyle\s*=|\son[a-z]+\s*=|\shx-on|<style|javascript:|<script(?![^>]*\b(?:src=|type=.application/json))"
    for file in screens("html"):
        yield from _found(file, refused)
    for file in SOURCE.rglob("*.py"):
        yield from _found(file, r"""<\w[^>]*\s(?:style|on[a-z]+)=""")


def functions(*, top_only: bool = False) -> Iterator[tuple[Path, Function]]:
    for file in sources():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        nodes = tree.body if top_only else ast.walk(tree)
        for node in nodes:
            if isinstance(node, Function):
                yield file, node


def place(file: Path, function: Function | None = None) -> str:
    where = str(file.relative_to(ROOT))
    return f"{where}:{function.lineno} {function.name}" if function else where


def _found(file: Path, pattern: str) -> Iterator[str]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(pattern, line, flags=re.I):
            yield f"{place(file)}:{number}: {line.strip()[:80]}"
