"""The commands, found by file name and read without importing, so that they list before anything is installed."""

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "commands"


@dataclass(frozen=True)
class Command:
    """One command: `for_developers` means that it needs what the tests and linters need."""

    name: str
    help: str
    for_developers: bool


def commands(folder: Path = FOLDER) -> dict[str, Command]:
    """Every command by name, with a hyphen where its file has an underscore. A file that opens with `_` is none."""
    files = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    return {command.name: command for command in map(_read, files)}


def listing(found: dict[str, Command]) -> str:
    """The commands and what they do, a line each."""
    width = max(map(len, found), default=0)
    return "\n".join(f"  {name:<{width}}  {command.help}" for name, command in found.items())


def _read(path: Path) -> Command:
    constants: dict[str, object] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            constants |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return Command(path.stem.replace("_", "-"), str(constants.get("HELP", "")), constants.get("FOR_DEVELOPERS") is True)
