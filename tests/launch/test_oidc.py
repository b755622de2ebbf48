"""SIACH_OIDC_*: whole, or refused in a sentence."""

import pytest

from siach.launch import CannotStart
from siach.launch.oidc import oidc_provider

WHOLE = {"SIACH_OIDC_ISSUER": "https://login.example.com/x", "SIACH_OIDC_CLIENT": "siach", "SIACH_OIDC_SECRET": "hush"}


def test_a_provider_is_whole_or_none() -> None:
    assert oidc_provider({}) is None
    found = oidc_provider(WHOLE)
    assert found and (found["name"], found["client"]) == ("login.example.com", "siach")
    named = oidc_provider(WHOLE | {"SIACH_OIDC_NAME": "Lumika ID", "SIACH_OIDC_ISSUER": "http://localhost:9400"})
    assert named and named["name"] == "Lumika ID"
    for part in WHOLE:
        with pytest.raises(CannotStart, match=part):
            oidc_provider(WHOLE | {part: ""})


def test_secrets_never_go_in_the_clear() -> None:
    with pytest.raises(CannotStart, match="https"):
        oidc_provider(WHOLE | {"SIACH_OIDC_ISSUER": "http://login.example.com"})
