"""Names of files are words of strangers: none of them leads out of the folder where files are kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from siach.talk import pictures
from siach.talk.models import Import
from tests.security.walking import browser

if TYPE_CHECKING:
    from tests.world import World

TABLE = "text,time\nשלום,2026-11-20 10:00\n".encode()
NAMES = (
    "../../../../tmp/out.csv",
    "..\\..\\out.csv",
    "/etc/passwd",
    "C:\\Windows\\out.csv",
    "a\0.csv",
    "%2e%2e%2fout.csv",
    "....//out.csv",
    "\u202egnp.csv",
    'a"; filename="b.html',
    "a\r\nSet-Cookie: x=y.csv",
    "<img src=x onerror=alert(1)>.csv",
    "x" * 3000 + ".csv",
    ".",
    "con",
)


def outside() -> set[Path]:
    """Files beside the data folder and above it, where a name with dots would land."""
    home = Path(settings.SIACH_HOME)
    return {path for folder in (home.parent, home.parent.parent) for path in folder.iterdir() if path != home}


def test_a_file_is_kept_under_our_name(world: World) -> None:
    home = Path(settings.SIACH_HOME)
    known, before = {*home.rglob("*")}, outside()
    client = browser(world.noam)
    for name in NAMES:
        file = SimpleUploadedFile("plain.csv", TABLE)
        file.__dict__["_name"] = name  # as a hand-made request would say it; the class itself would shorten it
        assert client.post("/sources/import/", {"file": file}).status_code in {302, 400, 422}, name[:40]
    assert Import.objects.count() > 5
    fresh = [path for path in home.rglob("*") if path not in known and path.is_file()]
    assert not any("out" in path.name or "passwd" in path.name for path in fresh), fresh
    assert not [path for path in outside() - before if "out" in path.name]
    for job in Import.objects.all():
        assert re.fullmatch(r"[0-9a-f]{32}\.csv", job.path)
        page = client.get(f"/sources/import/{job.pk}/")
        assert page.status_code == 200 and "<img src=x" not in page.text
        assert "Set-Cookie" not in str(page.headers)


def test_a_picture_is_found_by_our_signature_alone(world: World) -> None:
    client = browser(world.noam)
    for token in ("../keyring.json", "..%2fkeyring.json", "%2e%2e/keyring.json", "0" * 64, "1", "1:a:b"):
        assert client.get(f"/media/{token}/").status_code == 404


def test_a_signature_of_another_kind_opens_no_picture(world: World) -> None:
    from django.core import signing

    assert pictures.pk_of(signing.dumps(1, salt="siach.something.else")) is None
    assert pictures.pk_of(pictures.token(1)[:-1] + "x") is None


def test_no_file_of_the_machine_is_served(world: World) -> None:
    paths = (
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2fsettings.py",
        "/static//etc/passwd",
        "/static/ui/../../org/models/people.py",
        "/keyring.json",
        "/static/staticfiles.json/..",
        "/.git/config",
        "/.git/HEAD",
        "/static/",
        "/media/",
    )
    for client in (Client(), browser(world.noam)):
        for path in paths:
            answer = client.get(path)
            assert answer.status_code in {301, 302, 404}, path
            assert "secret_key" not in answer.text and "[core]" not in answer.text
