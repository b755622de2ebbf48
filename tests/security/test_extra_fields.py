"""Fields that no form of ours has change nothing; a field that names somebody else's thing reaches nothing of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.cache import cache
from django.db import connection, models, transaction

from siach.org.models import Membership
from siach.talk.models import Account, Source
from tests.security.walking import ROOMS, browser, forms

if TYPE_CHECKING:
    from django.test import Client

    from tests.org.test_routes import Lumika
    from tests.security.walking import Form

Rows = dict[tuple[str, Any, str], Any]

# Fields of these names belong to the form itself, where it shows them at all.
SHOWN_AT_TIMES = {"brand", "language", "name", "text", "place", "url", "network", "part", "kind", "query"}
# One address for two deeds: with this field it does the other one, which has a form of its own.
OTHER_DEEDS = {"mute_add": {"author", "word", "topic"}}


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in ROOMS and model._meta.managed]


def snapshot() -> Rows:
    """Every value of every row of the rooms."""
    keys = {model._meta.db_table: model._meta.pk.column for model in _models()}
    asked = " UNION ALL ".join(f"SELECT '{table}', to_jsonb(t) FROM {table} t" for table in keys)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        lines = [(table, json.loads(row) if isinstance(row, str) else row) for table, row in cursor]
    return {(table, row[keys[table]], name): value for table, row in lines for name, value in row.items()}


def extras(lumika: Lumika) -> dict[str, str]:
    """A value for every column of every table, as somebody would guess who read the source."""
    mine, theirs = lumika.world, lumika.world.other_org
    told: dict[str, str] = {"is_staff": "1", "is_superuser": "1", "pk": "1", "id": "1"}
    for model in _models():
        for field in model._meta.concrete_fields:
            value = "planted"
            if isinstance(field, models.ForeignKey):
                related = field.related_model._meta.label_lower
                value = str({"org.org": theirs.pk, "org.user": mine.omer.pk}.get(related, lumika.world.other_brand.pk))
            elif isinstance(field, models.BooleanField):
                value = "1"
            elif field.choices:
                value = str(list(field.flatchoices)[-1][0])
            elif isinstance(field, models.IntegerField):
                value = "7"
            told |= {field.name: value, field.attname: value}
    told["role"] = Membership.Role.OWNER.value
    return {name: value for name, value in told.items() if name not in SHOWN_AT_TIMES}


def sequences() -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || quote_ident(sequencename), last_value FROM pg_sequences")
        return dict(cursor.fetchall())


def tried(client: Client, form: Form, told: dict[str, str]) -> tuple[int, Rows]:
    """What sending this form leaves behind, as if it had not been sent: the same keys are given again."""
    before = sequences()
    cache.clear()
    with transaction.atomic():
        status = client.post(form.action, told).status_code
        found = snapshot()
        transaction.set_rollback(True)
    moved = [(name, before[name]) for name, value in sequences().items() if value != before[name]]
    with connection.cursor() as cursor:
        for name, value in moved:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, value or 1, value is not None])
    return status, found


def filled(form: Form, number: int = 0) -> dict[str, str]:
    """The form as a person would send it."""
    words = {"email": "guest@example.test", "name": "Guest", "target": "5", "names": "Guest", "aim": ""}
    told = {name: value or words.get(name, "words of a person") for name, value in form.fields.items()}
    return told | {name: values[0] for name, values in form.choices.items() if values and name not in told}


def test_no_form_takes_more_than_its_fields(lumika: Lumika) -> None:
    """Each is sent twice as it is, which shows what differs by itself, and once with a field for every column."""
    client = browser(lumika.world.noam)
    planted = extras(lumika)
    seen, changed = 0, []
    for form in forms(lumika, client):
        told = filled(form)
        own = {*told, *form.choices, *form.files} | OTHER_DEEDS.get(form.route, set())
        more = {name: value for name, value in planted.items() if name not in own}
        (status, once), (_again, twice), (full, stuffed) = (
            tried(client, form, told),
            tried(client, form, told),
            tried(client, form, {**more, **told}),
        )
        restless = {key for key in once.keys() | twice.keys() if once.get(key) != twice.get(key)}
        moved = {key for key in once.keys() | stuffed.keys() if once.get(key) != stuffed.get(key)} - restless
        if moved or status != full:
            changed.append((form.route, status, full, sorted(moved, key=str)[:4]))
        seen += 1
    assert not changed, "\n".join(map(str, changed))
    assert seen > 20


def test_no_form_reaches_what_is_somebody_elses(lumika: Lumika) -> None:
    """Every choice and every hidden number of every form, replaced by a thing of the other organisation."""
    world = lumika.world
    account = Account.objects.create(
        org=world.other_org, brand=world.other_brand, network="bluesky", external_id="did:other", handle="other.test",
        grant=b"", connected_at=world.at,
    )  # fmt: skip
    source = Source.objects.create(
        org=world.other_org, brand=world.other_brand, account=account, network="bluesky", kind=Source.Kind.MENTIONS,
        connected_at=world.at,
    )  # fmt: skip
    theirs = {key for key, value in snapshot().items() if _is_of(key, value, world.other_org.pk)}
    client = browser(world.noam)
    for form in forms(lumika, client):
        numbers = [name for name, value in filled(form).items() if value.isdecimal() or name in form.choices]
        if not numbers:
            continue
        for pk in {world.other_brand.pk, account.pk, source.pk, world.omer.pk}:
            _status, after = tried(client, form, filled(form) | dict.fromkeys(numbers, str(pk)))
            now = {key for key, value in after.items() if _is_of(key, value, world.other_org.pk)}
            assert now == theirs, (form.route, now ^ theirs)


def _is_of(key: tuple[str, int, str], value: object, org: int) -> bool:
    """Whether this value ties a row to that organisation."""
    return key[2] == "org_id" and value == org
