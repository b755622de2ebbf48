"""A sign-in between its two steps: nothing of it is stored here, the page itself carries it, sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.org.seal import LostKey, seal, unseal
from siach.talk.connections import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siach.org.models import Brand
    from siach.talk.connections import Consent


@dataclass(frozen=True, slots=True)
class GoingOn:
    """The network and the brand (its id) of the first step, the page to agree on, what it shows, and what is kept."""

    network: str
    brand: str
    url: str
    asked: Field
    answers: Mapping[str, str]

    @classmethod
    def of(cls, network: str, brand: Brand, consent: Consent) -> GoingOn:
        return cls(network, str(brand.pk), consent.url, consent.asked, consent.kept)

    @classmethod
    def read(cls, sealed: str) -> GoingOn | None:
        """What a page brings back; None for what we did not seal for this."""
        try:
            told = unseal(sealed.encode())
            name, label, words = json.loads(told["asked"])
            asked = Field(name, label, help=words)
            return cls(told["network"], told["brand"], told["url"], asked, json.loads(told["answers"]))
        except (LostKey, KeyError, ValueError, TypeError):
            return None

    @property
    def sealed(self) -> str:
        asked = json.dumps([self.asked.name, self.asked.label, self.asked.help])
        told = {"network": self.network, "brand": self.brand, "url": self.url, "asked": asked}
        return seal({**told, "answers": json.dumps(dict(self.answers))}).decode()
