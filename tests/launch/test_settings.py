"""What the settings make of the environment, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

PRINTED = """
import json, siach.settings as s
names = ["ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS",
         "EMAIL_BACKEND", "SIACH_MAIL_FROM"]
print(json.dumps({name: getattr(s, name) for name in names}))
"""


def settings_with(home: Path, **env: str) -> dict[str, object]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIACH_")}
    command = [sys.executable, "-c", PRINTED]
    return json.loads(subprocess.check_output(command, env=kept | env | {"SIACH_HOME": str(home)}, text=True))


def test_an_https_address_closes_everything_else(tmp_path: Path) -> None:
    mail = "smtp://mail.example.com?from=siach@example.com"
    found = settings_with(tmp_path, SIACH_ADDRESS="https://siach.example.com:8443", SIACH_MAIL=mail)
    assert found["ALLOWED_HOSTS"] == ["siach.example.com", "localhost", "127.0.0.1"]
    assert found["SESSION_COOKIE_SECURE"] is True and found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://siach.example.com:8443"]
    assert found["SIACH_MAIL_FROM"] == "siach@example.com" and "smtp" in str(found["EMAIL_BACKEND"])


def test_this_machine_alone_speaks_plain_http(tmp_path: Path) -> None:
    found = settings_with(tmp_path, SIACH_ADDRESS="http://localhost:8000")
    assert found["SESSION_COOKIE_SECURE"] is False and found["SECURE_HSTS_SECONDS"] == 0
    assert found["SIACH_MAIL_FROM"] == "" and "dummy" in str(found["EMAIL_BACKEND"])
