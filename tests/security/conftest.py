"""One of everything that an address can name, for the walks over all routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator

from siach.org.factors import Sealed
from tests.org.test_routes import lumika as everything

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika

__all__ = ["everything"]


@pytest.fixture
def lumika(everything: Lumika, monkeypatch: pytest.MonkeyPatch) -> Lumika:
    """With a second factor that codes can be tried at. The numbers in the menu are left out: thousands of
    requests do not count the same cases anew."""
    monkeypatch.setattr("siach.care.middleware._counters", lambda user, rights: {})
    secret = Sealed().encrypt("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    Authenticator.objects.filter(type=Authenticator.Type.TOTP).update(data={"secret": secret})
    return everything
