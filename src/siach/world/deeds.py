"""What the brand's team did about it, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from siach.world.cast import Cast
from siach.world.data import Deed
from siach.world.draft import Draft
from siach.world.rhythm import Rhythm
from siach.world.words import section_of

#: The incident of the bin: opened in the morning after, closed when it had been quiet for three days.
_OPENED, _CLOSED = timedelta(hours=11), timedelta(days=8)


def deeds(rng: Random, drafts: list[Draft], keys: list[str], rhythm: Rhythm, cast: Cast) -> Iterator[Deed]:
    """In the order of the posts that they are about: a case where the brand answered what asked for it, its answer, its
    end; and the one incident."""
    ours = cast.number["aluma"]
    for draft in drafts:
        at = datetime.fromtimestamp(round(draft.at), UTC)
        if draft.author == ours and draft.agent and draft.parent is not None:
            asked = draft.parent
            said = datetime.fromtimestamp(round(asked.at), UTC)
            if section_of(asked.language, asked.kind).intent in ("complaint", "question"):
                yield Deed("case", said + timedelta(seconds=rng.randint(5, 90)), "", keys[asked.number])
                yield Deed("answer", at, draft.agent, keys[asked.number], keys[draft.number], draft.is_good)
        elif draft.kind.endswith("/thanks") and draft.agent and draft.root is not None:
            yield Deed("resolve", at + timedelta(minutes=rng.randint(2, 55)), draft.agent, keys[draft.root.number])
        elif draft.kind == "bin_root":
            yield Deed("incident-open", at + _OPENED, "noa", keys[draft.number])
            yield Deed("incident-close", at + _CLOSED, "noa", keys[draft.number])
