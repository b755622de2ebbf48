"""New keys for what is sealed: everything is sealed anew, and an old key goes once nothing needs it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.db import connection, transaction
from django.db.models import BinaryField

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import Model

BATCH = 200
# Packages keep what we seal for them inside JSON: model and field.
IN_JSON = (("mfa.authenticator", "data"),)
_TOKEN = re.compile(r"gAAAAA[\w-]+={0,2}")


@dataclass(frozen=True)
class Column:
    """One column that holds sealed secrets: whole, or as tokens inside JSON."""

    model: type[Model]
    field: str
    is_json: bool = False

    def __str__(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field}"


def columns() -> Iterator[Column]:
    """Every column of sealed secrets: all binary columns of our rooms are, and those of packages that are named."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if model.__module__.startswith("siach.") and isinstance(field, BinaryField):
                yield Column(model, field.name)
    for label, name in IN_JSON:
        if apps.is_installed(f"allauth.{label.partition('.')[0]}"):
            yield Column(apps.get_model(label), name, is_json=True)


def reseal(column: Column, keys: Sequence[str]) -> int:
    """Seal everything in a column with the newest key, a batch in a transaction; how much was. Safe to begin anew."""
    done, last = 0, 0
    while True:
        with transaction.atomic():
            rows = column.model._default_manager.filter(pk__gt=last).order_by("pk").select_for_update()
            batch = list(rows.values_list("pk", column.field)[:BATCH])
            for pk, value in batch:
                if (anew := _anew(value, keys)) is not None:
                    column.model._default_manager.filter(pk=pk).update(**{column.field: anew})
                    done += 1
        if not batch:
            return done
        last = batch[-1][0]


def still_needed(keys: Sequence[str]) -> int:
    """How much is still sealed with an older key, jobs that wait included.

    Call it in a transaction: the columns stay locked against writing until it ends.
    """
    found = 0
    with connection.cursor() as cursor:
        for column in columns():
            cursor.execute(f'LOCK TABLE "{column.model._meta.db_table}" IN SHARE MODE')
            values = column.model._default_manager.values_list(column.field, flat=True).iterator()
            found += sum(_anew(value, keys) is not None for value in values)
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE args::text LIKE '%gAAAAA%'")
        found += sum(_anew_text(text, keys) != text for (text,) in cursor.fetchall())
    return found


def _anew(value: object, keys: Sequence[str]) -> object | None:
    """The value sealed with the newest key; None where it is already, or where no key opens it."""
    if isinstance(value, bytes | memoryview):
        token = bytes(value).decode(errors="replace")
        anew = _anew_text(token, keys)
        return anew.encode() if anew != token else None
    text = json.dumps(value)
    anew = _anew_text(text, keys)
    return json.loads(anew) if anew != text else None


def _anew_text(text: str, keys: Sequence[str]) -> str:
    newest, ring = Fernet(keys[0]), MultiFernet([Fernet(key) for key in keys])

    def anew(found: re.Match[str]) -> str:
        try:
            newest.decrypt(found[0])
        except InvalidToken:
            try:
                return ring.rotate(found[0].encode()).decode()
            except InvalidToken:
                return found[0]
        return found[0]

    return _TOKEN.sub(anew, text)
