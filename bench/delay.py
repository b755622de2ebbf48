"""From a post on a real local Bluesky to the open Stream page of a whole running Siach, in a real browser."""

from __future__ import annotations

import os
import statistics
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.figures import Figure, browsers, fresh_siach, lacking

if TYPE_CHECKING:
    from atproto import Client
    from playwright.sync_api import Page

    from tests.networks.bluesky_server.server import BlueskyNetwork
    from tests.running import RunningSiach

COMMAND = "./siach bench delay"
POSTS = 10
TARGET = 5  # seconds
WARM_UP = 15  # seconds after connecting, in which a new source hears what was said before
_TEXT = "הזמנתי בלומיקה מנורה מספר {number} והיא הגיעה שבורה"


def measure() -> list[Figure]:
    """Seconds until the page says that there is something new; no figure where the machine lacks a part."""
    if missing := _lacking():
        print(f"This machine lacks {missing}: the time from post to page was not measured.", file=sys.stderr)
        return []
    with ExitStack() as after:
        seconds = sorted(_all_delays(after))
    ninety_fifth = seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))]
    median = statistics.median(seconds)
    note = f"{len(seconds)} posts on a local Bluesky, one Siach and one browser on the same machine"
    return [
        Figure("from post to page, median", round(median, 1), "s", TARGET, COMMAND, False, note),
        Figure("from post to page, 95th percentile", round(ninety_fifth, 1), "s", TARGET, COMMAND, False, note),
    ]


def _lacking() -> str:
    """What this machine lacks, in words; "" when it has all."""
    if missing := lacking("playwright", "atproto"):
        return missing
    from tests.networks.bluesky_server import server

    return server.lacking()


def _all_delays(after: ExitStack) -> list[float]:
    from siach.launch.home import cache_folder
    from siach.networks.guard import ALLOW_LOCAL
    from tests.journeys.test_one_posts_trip import connect, set_up
    from tests.networks.bluesky_server.server import running

    os.environ[ALLOW_LOCAL] = "1"
    bluesky = after.enter_context(running(cache_folder()))
    siach = fresh_siach(after)
    page = browsers(after, 1)[0].new_page(locale="he-IL", viewport={"width": 1440, "height": 960})
    set_up(page, siach)
    connect(page, siach, bluesky, bluesky.person("lumika"))
    return _delays(page, siach, bluesky)


def _delays(page: Page, siach: RunningSiach, bluesky: BlueskyNetwork) -> list[float]:
    fan: Client = bluesky.person("fan")
    time.sleep(WARM_UP)
    return [_delay(page, siach, fan, number) for number in range(POSTS)]


def _delay(page: Page, siach: RunningSiach, fan: Client, number: int) -> float:
    """Open the Stream, post, and wait until the open page shows its pill, without a reload."""
    page.goto(f"{siach.address}/stream/")
    page.wait_for_timeout(1_000 + 370 * number % 2_000)
    began = time.monotonic()
    fan.send_post(_TEXT.format(number=number + 1))
    page.locator("#stream-new a.fresh").wait_for(state="visible", timeout=120_000)
    return time.monotonic() - began
