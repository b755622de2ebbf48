"""The provider of single sign-on that SIACH_OIDC_ISSUER, _CLIENT, _SECRET and _NAME name."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from siach.launch import CannotStart
from siach.launch.address import is_loopback

_NEEDED = {"issuer": "SIACH_OIDC_ISSUER", "client": "SIACH_OIDC_CLIENT", "secret": "SIACH_OIDC_SECRET"}


def oidc_provider(env: Mapping[str, str]) -> dict[str, str] | None:
    """`issuer`, `client`, `secret` and `name`; None where nothing is set. CannotStart where a part is missing."""
    given = {part: env.get(name, "").strip() for part, name in _NEEDED.items()}
    if not any(given.values()):
        return None
    if missing := [_NEEDED[part] for part, value in given.items() if not value]:
        raise CannotStart(f"Single sign-on lacks {' and '.join(missing)}.")
    issuer = urlsplit(given["issuer"])
    if issuer.scheme != "https" and not (issuer.scheme == "http" and is_loopback(issuer.hostname or "")):
        raise CannotStart("SIACH_OIDC_ISSUER must be an https address, for example https://login.example.com")
    return given | {"name": env.get("SIACH_OIDC_NAME", "").strip() or str(issuer.hostname)}
