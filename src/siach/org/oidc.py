"""Single sign-on by OpenID Connect: the authorization code flow with state, nonce and PKCE, for one provider.

SIACH_OIDC_ISSUER, _CLIENT, _SECRET and _NAME name it. It proves who somebody is there; who may come in, Siach decides.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import jwt
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from siach.org.actions import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

_STATE, _STATE_LIFE = "oidc", 600  # seconds
_TIMEOUT = 10  # seconds
_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


@dataclass(frozen=True, slots=True)
class Proved:
    """Who came: `subject` is theirs at `issuer` for good. `email` is "" where the provider has not verified one."""

    issuer: str
    subject: str
    email: str
    name: str


def _set() -> dict[str, str]:
    return settings.SIACH_OIDC or {}


def name() -> str:
    """What the provider is called on the button; "" where none is set up."""
    return _set().get("name", "")


def begin(session: MutableMapping[str, Any], *, to: str | None) -> str:
    """The provider's address to send a browser to. What its answer must fit stands in the session."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _one in range(3))
    session[_STATE] = {"state": state, "nonce": nonce, "verifier": verifier, "to": to, "at": time.time()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": _set()["client"],
        "redirect_uri": _back(),
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    where = _provider()["authorization_endpoint"]
    return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"


def finish(session: MutableMapping[str, Any], answer: Mapping[str, str]) -> tuple[Proved, str | None]:
    """Who the provider's answer proves, and where they wanted to go. Each state is good once.

    Refused, in words, for anything that does not fit.
    """
    kept = session.pop(_STATE, None)
    fresh = kept and time.time() - kept["at"] < _STATE_LIFE
    if not fresh or not hmac.compare_digest(kept["state"].encode(), answer.get("state", "").encode()):
        raise Refused(_("This sign-in was started elsewhere or took too long. Please start again."))
    if "code" not in answer:
        raise Refused(_("%(provider)s did not approve this sign-in.") % {"provider": name()})
    claims = _claims(answer["code"], kept["verifier"])
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), kept["nonce"].encode()):
        raise Refused(_("The response from %(provider)s does not match this sign-in.") % {"provider": name()})
    email = str(claims.get("email") or "").strip().lower() if claims.get("email_verified") is True else ""
    return Proved(str(claims["iss"]), str(claims["sub"]), email, str(claims.get("name", ""))), kept["to"]


def _claims(code: str, verifier: str) -> dict[str, Any]:
    """What the provider signed about this person, with what it tells besides."""
    provider = _provider()
    try:
        tokens = _exchange(provider, code, verifier)
        claims = jwt.decode(
            tokens["id_token"],
            _key(provider["jwks_uri"], tokens["id_token"]),
            algorithms=_SIGNATURES,
            audience=_set()["client"],
            issuer=provider["issuer"],
            options={"require": ["exp", "iat", "sub"]},
            leeway=60,
        )
        if "email" not in claims and provider.get("userinfo_endpoint"):
            claims |= _told(provider["userinfo_endpoint"], tokens["access_token"], claims["sub"])
    except (httpx.HTTPError, jwt.PyJWTError, KeyError, ValueError) as error:
        raise Refused(_("The response from %(provider)s is not valid.") % {"provider": name()}) from error
    return claims


def _key(where: str, token: str) -> jwt.PyJWK:
    """The provider's key that the token names; one that names none may be of the only key alone."""
    keys = [key for key in jwt.PyJWKClient(where, timeout=_TIMEOUT).get_jwk_set().keys if key.public_key_use != "enc"]
    named = jwt.get_unverified_header(token).get("kid")
    fitting = [key for key in keys if named is None or key.key_id == named]
    if len(fitting) != 1:
        raise jwt.PyJWKClientError("no key of the provider fits")
    return fitting[0]


def _exchange(provider: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
    known = _set()
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": _back(), "code_verifier": verifier}
    methods = provider.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = (known["client"], known["secret"]) if "client_secret_basic" in methods else None
    if basic is None:
        given |= {"client_id": known["client"], "client_secret": known["secret"]}
    answer = httpx.post(provider["token_endpoint"], data=given, auth=basic, timeout=_TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def _told(where: str, token: str, subject: str) -> dict[str, Any]:
    """The rest of what the provider knows, when it is about the same person."""
    answer = httpx.get(where, headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT)
    answer.raise_for_status()
    told = answer.json()
    if told.get("sub") != subject:
        raise ValueError("userinfo is about somebody else")
    return {name: told.get(name) for name in ("email", "email_verified", "name")}


def _provider() -> dict[str, Any]:
    """The provider's own description, asked once an hour. Refused when it is not there or is another's."""
    issuer = _set()["issuer"].rstrip("/")
    if known := cache.get(f"oidc:{issuer}"):
        return known
    try:
        answer = httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=_TIMEOUT)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(_("%(provider)s is not responding.") % {"provider": name()}) from error
    if found.get("issuer", "").rstrip("/") != issuer:
        raise Refused(_("%(provider)s is not responding.") % {"provider": name()})
    cache.set(f"oidc:{issuer}", found, 3600)
    return found


def _back() -> str:
    return settings.SIACH_ADDRESS.rstrip("/") + reverse("sso_back")
