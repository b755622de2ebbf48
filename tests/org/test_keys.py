"""New keys: what was sealed opens as before, an old key goes only when nothing needs it, and a kill loses nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection
from django.db.models import BinaryField
from django.test import Client

from siach.commands import rotate_keys
from siach.launch.keyring import KeyRing, amend, key_ring, with_new_keys
from siach.org import keys
from siach.org.models import Mail
from siach.org.seal import LostKey, seal, unseal
from siach.talk.models import Account
from tests.world import World

AT = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key ring of this test's own."""
    monkeypatch.setenv("SIACH_HOME", str(tmp_path))
    monkeypatch.setattr(rotate_keys, "GRACE", 0)
    monkeypatch.setattr(rotate_keys, "django_setup", lambda: None)
    key_ring(tmp_path)
    return tmp_path


@pytest.fixture
def sealed(home: Path, world: World) -> Path:
    """The data folder of a Siach with a grant, and with mails enough for more than one batch."""
    Account.objects.update(grant=seal({"access": "a"}))
    mails = (Mail(to="a@b.test", language="he", sealed=seal({"text": str(n)}), made_at=AT, due_at=AT) for n in range(7))
    Mail.objects.bulk_create(mails)
    Mail.objects.create(to="a@b.test", language="he", sealed=b"", made_at=AT, due_at=AT)
    return home


def rotate(capsys: pytest.CaptureFixture[str], *, sign_out: bool = False) -> tuple[int, dict[str, object]]:
    code = rotate_keys.run(rotate_keys.argparse.Namespace(json=True, sign_out=sign_out))
    return code, json.loads(capsys.readouterr().out)


def everything_opens() -> None:
    assert unseal(Account.objects.get().grant) == {"access": "a"}
    texts = [unseal(mail.sealed)["text"] for mail in Mail.objects.exclude(sealed=b"").order_by("pk")]
    assert texts == [str(n) for n in range(7)]


def test_everything_opens_with_the_new_key_alone(
    sealed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH", 3)
    old = key_ring(sealed)
    code, told = rotate(capsys)
    assert (code, told["left"], told["keys"]) == (0, 0, 1)
    assert {"talk.account.grant": 1, "org.mail.sealed": 7}.items() <= dict(told["resealed"]).items()  # type: ignore[call-overload]
    new = key_ring(sealed)
    assert new.fernet_keys[0] not in old.fernet_keys and new.old_secret_keys == [old.secret_key]
    assert new.erasure_key == old.erasure_key
    everything_opens()


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_killed_anywhere_it_goes_on(
    sealed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    """Killed after the ring has its new key, and after some batches: no second new key is made."""
    monkeypatch.setattr(keys, "BATCH", 3)
    ring = amend(sealed, with_new_keys)
    for mail in Mail.objects.order_by("pk")[: 3 * batches]:
        Mail.objects.filter(pk=mail.pk).update(sealed=seal(unseal(mail.sealed)) if mail.sealed else b"")
    everything_opens()
    code, _told = rotate(capsys)
    assert (code, key_ring(sealed).fernet_keys) == (0, ring.fernet_keys[:1])
    everything_opens()


def test_an_old_key_stays_while_a_job_needs_it(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = seal({"email": "x"}).decode()
    with connection.cursor() as cursor:
        sql = "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('send', 'forgotten', %s)"
        cursor.execute(sql, [json.dumps({"sealed": token})])
    code, told = rotate(capsys)
    assert (code, told["left"], told["keys"]) == (1, 1, 2)
    assert unseal(token.encode()) == {"email": "x"}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert rotate(capsys)[0] == 0
    with pytest.raises(LostKey):
        unseal(token.encode())


def test_what_no_key_opens_is_left_alone(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"{}")
    Account.objects.update(grant=lost)
    assert rotate(capsys)[0] == 0
    assert bytes(Account.objects.get().grant) == lost


def test_secrets_inside_json_are_found(home: Path) -> None:
    value = {"secret": seal({"secret": "totp"}).decode(), "used": [1, 2]}
    ring = amend(home, with_new_keys)
    anew = keys._anew(value, ring.fernet_keys)
    assert isinstance(anew, dict) and anew["used"] == [1, 2] and anew["secret"] != value["secret"]
    amend(home, lambda now: replace(now, fernet_keys=now.fernet_keys[:1]))
    assert unseal(anew["secret"].encode()) == {"secret": "totp"}
    assert keys._anew(anew, ring.fernet_keys) is None


def test_every_sealed_column_is_known() -> None:
    """A binary column that is not sealed would be none of rotation's business: say so here when there is one."""
    binary = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and model.__module__.startswith("siach.")
    }
    assert {"talk.account.grant", "org.mail.sealed"} <= binary <= {str(column) for column in keys.columns()}


def test_sessions_hold_over_a_rotation_and_end_with_a_sign_out(world: World, settings: object) -> None:
    """As a Siach that was started anew sees them: it reads secret and older secrets from the ring."""
    client = world.client(world.noam)
    assert client.get("/").status_code == 200
    ring = with_new_keys(KeyRing(settings.SECRET_KEY, ["k"], "e"))  # type: ignore[attr-defined]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ring.secret_key, ring.old_secret_keys  # type: ignore[attr-defined]
    assert client.get("/").status_code == 200
    again = Client()
    again.cookies = client.cookies
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    assert again.get("/").status_code == 200  # signed with the new one when it was last met
    other = World.client(world, world.dana)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert other.get("/").status_code == 302
