"""The brand's own accounts in a demo: on the pretend network, one for each network that it speaks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.org.seal import seal
from siach.talk.models import Account
from siach.world.cast import BRAND

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from siach.org.models import Brand


def accounts_on(networks: Iterable[str], *, brand: Brand, at: datetime) -> dict[str, Account]:
    """By network: those that stand, and those that are still to be made. Each is signed in to nothing but the demo's
    own stage."""
    handle = BRAND.handle.lstrip("@")
    known = {account.network: account for account in Account.objects.filter(brand=brand)}
    for network in sorted(set(networks) - known.keys()):
        known[network] = Account.objects.create(
            org_id=brand.org_id,
            brand=brand,
            network=network,
            external_id=handle,
            handle=handle,
            name=brand.name,
            grant=seal({}),
            connected_at=at,
        )
    return known
