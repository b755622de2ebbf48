"""How fast the demo world is made, in one process on one core."""

from __future__ import annotations

import time

from bench.figures import NOW, Figure
from siach.world.making import POSTS, make

COMMAND = "./siach bench world"


def measure() -> list[Figure]:
    """The whole world, its lists read anew; seconds of the processor, so that neighbours do not count."""
    began = time.process_time()
    world = make(7, NOW)
    took = time.process_time() - began
    texts = len({one.text for one in world.said})
    skeletons = len({one.skeleton for one in world.truth})
    return [
        Figure("the demo world of 40,000 posts", round(took, 1), "s", 60, COMMAND, more_is_better=False),
        Figure("posts of the demo world made", round(POSTS / took), "posts/s", None, COMMAND),
        Figure("texts that are said once or more", texts, "texts", None, COMMAND, note=f"of {len(world.said):,} posts"),
        Figure("sentences without their slots", skeletons, "", 3000, COMMAND),
    ]
