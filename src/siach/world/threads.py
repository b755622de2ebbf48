"""How talk goes on: how many answer, whom, when, and in which part; and what the brand answers."""

from __future__ import annotations

from random import Random

from siach.world.cast import Cast
from siach.world.draft import Draft
from siach.world.mix import PRIVATE
from siach.world.parts import brand_part, most_of, part_of, reply_to_brand
from siach.world.rhythm import Rhythm
from siach.world.words import section_of

#: The share of posts that nobody answers, and the exponent of the tail of those that are answered.
_SILENT = {
    "facebook_group": (0.24, 1.15),
    "facebook": (0.5, 1.35),
    "instagram": (0.55, 1.35),
    "tiktok": (0.55, 1.3),
    "x": (0.66, 1.3),
    "bluesky": (0.68, 1.4),
    "mastodon": (0.7, 1.5),
    "telegram": (0.6, 1.3),
    "whatsapp_group": (0.35, 1.5),
    "feed": (0.15, 1.1),
}
#: Where the brand may be answered by its own name, and how often it answers what waits for an answer.
_ANSWERED = {
    "facebook": 0.72,
    "instagram": 0.62,
    "tiktok": 0.35,
    "x": 0.5,
    "bluesky": 0.45,
    "mastodon": 0.4,
    "google_reviews": 0.74,
    "facebook_group": 0.1,
    "messenger": 0.96,
    "mail": 0.9,
}
#: Minutes in which nobody at the brand has read, looked into and answered anything.
SOONEST = 6.0
#: What no answer is given to, and whom nobody answers in a thread.
_UNANSWERED = ("ring", "sesame", "bin-like")
_NOT_HERE = ("leader", "journalist", "politician", "rival")


class Threads:
    def __init__(self, rng: Random, rhythm: Rhythm, cast: Cast, sorry: float) -> None:
        """`sorry`: when the brand said that it was; before, it answers those who are angry at it by rote."""
        self.sorry = sorry
        self.rng, self.rhythm, self.cast = rng, rhythm, cast

    def grow(self, root: Draft) -> list[Draft]:
        """The root and everything that is said under it before the end, in the order in which it was thought of."""
        found = [root]
        if root.network in PRIVATE or root.network == "google_reviews":
            self._brand(root, found)
            return found
        for _ in range(self._size(root)):
            self._reply(root, found)
        if root.role != "brand":
            self._brand(root, found)
        return found

    def _size(self, root: Draft) -> int:
        if root.replies is not None:
            return root.replies
        silent, tail = _SILENT[root.network]
        if self.rng.random() < silent:
            return 0
        return min(most_of(root), int(self.rng.paretovariate(tail) * 1.15))

    def _reply(self, root: Draft, found: list[Draft]) -> None:
        rng = self.rng
        parent = (
            root
            if len(found) == 1 or rng.random() < (0.85 if root.role == "brand" else 0.66)
            else found[-1 - int(rng.random() ** 1.6 * min(6, len(found) - 1))]
        )
        if parent.kind.startswith("any/op-") or parent.kind.endswith(("/thanks", "/support", "nod/react")):
            parent = root
        fast = 0.45 if root.story in ("bin", "sesame", "delivery") else 1.0
        at = parent.at + fast * 60 * rng.lognormvariate(3.3, 1.55)
        at = self.rhythm.awake(rng, at)
        if at >= self.rhythm.end:
            return
        kind, who = part_of(rng, parent, root)
        author = root.author if who == "op" else self._somebody(root, parent, who)
        found.append(_under(parent, root, at, author, kind))
        parent.answers += 1

    def _somebody(self, root: Draft, parent: Draft, role: str) -> int:
        if role and self.rng.random() > 0.6:
            role = ""
        for _ in range(4):
            found = self.cast.pick(self.rng, root.network, root.language, role)
            if found != parent.author:
                break
        return found

    def _brand(self, root: Draft, found: list[Draft]) -> None:
        """The brand's answer to what asks for one, and what the customer says to that."""
        rng = self.rng
        intent = _intent(root)
        likely = _ANSWERED.get(root.network, 0.0) * {"complaint": 1.0, "question": 0.9, "praise": 0.35}.get(intent, 0.0)
        if root.story == "bin" and (intent != "complaint" or root.language != "he"):
            return
        if (
            rng.random() > likely
            or section_of(root.language, root.kind).target != "brand"
            or root.story in _UNANSWERED
            or self.cast.people[root.author].role in _NOT_HERE
        ):
            return
        at = self.rhythm.office(rng, root.at + 60 * max(SOONEST, rng.lognormvariate(2.75, 0.85)))
        is_good = at > self.sorry if root.story == "bin" else rng.random() < 0.76
        if at >= self.rhythm.end:
            return
        answer = _under(root, root, at, self.cast.number["aluma"], brand_part(rng, root, is_good=is_good))
        answer.role, answer.is_good = "brand", is_good or intent != "complaint"
        answer.agent = rng.choices(("noa", "ido", "yael"), (5, 4, 1))[0]
        found.append(answer)
        root.answers += 1
        more = reply_to_brand(rng, root, is_good=is_good)
        if not more:
            return
        at = self.rhythm.awake(rng, at + 60 * rng.lognormvariate(3.0, 1.3))
        if at < self.rhythm.end:
            word = _under(answer, root, at, root.author, more)
            word.agent = answer.agent
            found.append(word)
            answer.answers += 1


def _under(parent: Draft, root: Draft, at: float, author: int, kind: str) -> Draft:
    return Draft(
        at,
        root.network,
        root.place,
        author,
        kind,
        root.story,
        root.language,
        parent,
        root,
        product=root.product,
        branch=root.branch,
        is_private=root.is_private,
    )


def _intent(draft: Draft) -> str:
    return section_of(draft.language, draft.kind).intent
