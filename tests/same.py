"""Two databases and two data folders, compared row by row and file by file.

Left out is the one line in which a restore tells of itself in each organisation's record.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from siach.launch.backup import FOLDERS
from siach.launch.dump import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Numbered by the restore's own line; made by the first page or by the restore, whichever comes first.
UNSHAPED = ("org_ledgerentry_id_seq", "django_cache")
_SHAPE = """
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND probin IS NULL
UNION ALL SELECT 'sequence ' || sequencename || ' ' || coalesce(last_value, 0) FROM pg_sequences
UNION ALL SELECT 'extension ' || extname FROM pg_extension
ORDER BY 1
"""


@dataclass(frozen=True)
class Snapshot:
    """`tables`: name to its rows as text, sorted; `shape`: indexes, constraints and so on; `files`: path to hash."""

    tables: dict[str, list[str]]
    shape: list[str]
    files: dict[str, str]


def snapshot(dsn: str, home: Path) -> Snapshot:
    with psycopg.connect(dsn) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        tables = {
            name: [
                row
                for (row,) in connection.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')  # type: ignore
                if ",org.restored," not in row
            ]
            for (name,) in names
            if name not in LEFT_OUT
        }
        shape = [_plain(line) for (line,) in connection.execute(_SHAPE) if not any(name in line for name in UNSHAPED)]
    return Snapshot(tables, shape, dict(_files(home)))


def _plain(line: str) -> str:
    """PostgreSQL writes the casts in a condition otherwise once it has read its own words again."""
    return re.sub(r"::(?:character varying|text)(?:\[\])?|[()]", "", line)


def differences(one: Snapshot, other: Snapshot) -> list[str]:
    """What is not the same, a line each."""
    found = [f"{name} is in one only" for name in one.tables.keys() ^ other.tables.keys()]
    for name in one.tables.keys() & other.tables.keys():
        if one.tables[name] != other.tables[name]:
            found.append(f"{name}: {sorted(set(one.tables[name]) ^ set(other.tables[name]))[:4]}")
    found += sorted(set(one.shape) ^ set(other.shape))
    found += [f"{path}" for path, _hash in sorted(set(one.files.items()) ^ set(other.files.items()))]
    return found


def _files(home: Path) -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in (home / folder).rglob("*"):
            if path.is_file():
                yield str(path.relative_to(home)), hashlib.sha256(path.read_bytes()).hexdigest()
