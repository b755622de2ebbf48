"""The fixtures `snac`: two real servers that federate, for a whole test run, in one process as Bluesky is; and
`scene`: what was said on them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from siach.launch.home import cache_folder
from siach.networks.guard import ALLOW_LOCAL
from tests.networks.bluesky_server.server import Lacks
from tests.networks.snac_server.server import Person, Snac, lacking, running


@pytest.fixture(scope="session")
def snac() -> Iterator[list[Snac]]:
    """Two running servers; the test is skipped by name where the machine cannot run one."""
    if missing := lacking():
        pytest.skip(f"this machine lacks {missing}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALLOW_LOCAL, "1")
        try:
            with running(cache_folder()) as servers:
                yield servers
        except Lacks as missing_part:
            pytest.skip(f"this machine lacks {missing_part}")


@dataclass(frozen=True)
class Scene:
    """What was said before the tests begin, so that they wait once: statuses as their own servers tell them."""

    brand: Person
    near: Person
    far: Person
    said: dict[str, dict[str, object]]

    def uri(self, name: str) -> str:
        return str(self.said[name]["uri"])


@pytest.fixture(scope="session")
def scene(snac: list[Snac]) -> Scene:
    """Somebody of the brand's own server mentions it, and somebody of another server, who follows it, answers it."""
    brand, near, far = snac[0].person("brand"), snac[0].person("fan"), snac[1].person("fan")
    far.follow(brand)
    brand.follow(far)  # snac tells of a removal to followers alone
    said = {"own": brand.say("היום יוצא המוצר החדש")}
    for name, words in {
        "late": "@brand ההזמנה שלי באיחור & איש לא עונה\n\nראו https://example.com/a?b=1&c=2 #acme",
        "tagged": "@brand קניתי #LumikaLamp",
        "loose": "@brand Lumika Lamp נשרפה",
        "other": "@brand Lumika בלי Lamp",
    }.items():
        said[name] = near.say(words)
    said["order"] = near.say("@brand מספר ההזמנה 123", visibility="direct")
    seen = far.sees(str(said["own"]["uri"]))
    said["answer"] = far.say("נורא ואיום", in_reply_to_id=seen["id"])
    complaint = "המנורה של לומיקה הגיעה שבורה, שירות גרוע"
    said["complaint"] = far.say(complaint, in_reply_to_id=seen["id"], visibility="private")
    said["regret"] = far.say("אתחרט על זה", in_reply_to_id=seen["id"])
    return Scene(brand, near, far, said)
