"""What the world's team did, played into the inbox: cases with their notes, answers, approvals and ends."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from siach.care.actions import Event, Matter, Question, Words, retell
from siach.care.models import OPEN_STATES, TO_ANSWER, Case
from siach.demo.queries import team
from siach.org.models import ApprovalRule
from siach.talk.models import Mention, Outgoing, Post

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from siach.care.actions.retelling import Kind
    from siach.org.models import Brand
    from siach.talk.models import Account
    from siach.world.data import Deed, Said, World

#: How many matters one transaction writes.
CHUNK = 400
#: How a deed of the world is called in a case; what has no room yet (the incident) is not played.
_KINDS: dict[str, Kind] = {
    "case": "opened",
    "take": "taken",
    "note": "noted",
    "answer": "answered",
    "resolve": "resolved",
    "aside": "set_aside",
}
#: What a good team leaves waiting at any hour, besides the label without sesame and the words that wait: cases in good
#: time, and cases that are late.
IN_TIME, LATE = 7, 2
#: Who ends what is more than that, and how far apart.
_CLEARERS = ("merav", "noa", "ido")
_APART = timedelta(seconds=95)
#: Author and thread: whose matter it is.
_Key = tuple[int, int]
#: By the key of a post: what was done about it, and what its author said later in its thread.
Matters = Mapping[str, tuple[Sequence["Deed"], Sequence["Said"]]]


class Player:
    """Plays the deeds of one world about one brand."""

    def __init__(self, world: World, brand: Brand, accounts: Mapping[str, Account]) -> None:
        self.world, self.brand, self.accounts = world, brand, accounts
        self.people = team()
        self.said = {one.key: one for one in world.said}
        self.truth = {one.key: one for one in world.truth}

    @cached_property
    def rule(self) -> ApprovalRule:
        return ApprovalRule.objects.filter(brand=self.brand).order_by("place")[0]

    @cached_property
    def chains(self) -> dict[str, list[Question]]:
        """What was asked about each answer, by the key of its post."""
        found: dict[str, list[Question]] = defaultdict(list)
        asked: dict[str, datetime] = {}
        for deed in self.world.deeds:
            if deed.kind == "ask":
                asked[deed.words] = deed.at
            elif deed.kind in ("grant", "refuse"):
                who, since = self.people[deed.by], asked[deed.words]
                found[deed.words].append(Question(since, who, deed.at, deed.kind == "grant", deed.text))
        return found

    def before(self, until: datetime) -> Iterator[Matters]:
        """What was done before then about each post, and what its author said later in its thread: `CHUNK` matters at
        a time, each for one call of `play_before`."""
        deeds: dict[str, list[Deed]] = defaultdict(list)
        for deed in self.world.deeds:
            if deed.at < until:
                deeds[deed.post].append(deed)
        later: dict[str, list[Said]] = defaultdict(list)
        for one in self.world.said:
            if one.root in deeds and one.at < until and one.author == self.said[one.root].author:
                later[one.root].append(one)
        # Whoever only looked found nothing where no case was opened.
        begun = [key for key, done in deeds.items() if any(deed.kind in ("case", "take") for deed in done)]
        for start in range(0, len(begun), CHUNK):
            yield {key: (deeds[key], later.get(key, [])) for key in begun[start : start + CHUNK]}

    def play_before(self, matters: Matters, until: datetime) -> None:
        """Write the cases of these matters as they stood then; those that are written already stay as they are."""
        found = self._mentions(
            {one for key, (_, later) in matters.items() for one in (key, *(said.key for said in later))}
        )
        posts = [mention.post_id for mention in found.values()]
        known = set(Case.objects.filter(brand=self.brand, post__in=posts).values_list("post", flat=True))
        told = []
        for key, (done, later) in matters.items():
            if key not in found or found[key].post_id in known:
                continue
            events = [event for deed in done if (event := self._event(deed))]
            events += [Event("heard", one.at, said=found[one.key]) for one in later if one.key in found]
            told.append(Matter(found[key], None, sorted(events, key=lambda event: event.at)))
        retell(brand=self.brand, rule=self.rule, matters=told, at=until)

    def between(self, since: datetime, until: datetime) -> None:
        """Play what was done from then until then, upon the cases that stand by now. Call it inside the transaction
        in which the posts of that time were heard."""
        first, last = (bisect_left(self.world.deeds, at, key=lambda deed: deed.at) for at in (since, until))
        self._play(self.world.deeds[first:last], until)

    def _play(self, deeds: Sequence[Deed], at: datetime) -> None:
        if not deeds:
            return
        found = self._mentions({deed.post for deed in deeds})
        events: dict[_Key, list[Event]] = defaultdict(list)
        first: dict[_Key, Mention] = {}
        for deed in deeds:
            mention, event = found.get(deed.post), self._event(deed)
            if mention is not None and event is not None:
                key = (mention.post.author_id, mention.post.thread_id)
                if key not in first or event.words is not None:
                    first[key] = mention
                events[key].append(event)
        cases = self._standing(first)
        matters = [Matter(first[key], cases.get(key), events[key]) for key in first]
        retell(brand=self.brand, rule=self.rule, matters=matters, at=at)

    def _standing(self, keys: Iterable[_Key]) -> dict[_Key, Case]:
        """The case of each that is open, else the last to end."""
        threads = [thread for _author, thread in keys]
        cases = Case.objects.filter(brand=self.brand, thread__in=threads).select_related("brand__org", "last_post")
        found: dict[_Key, Case] = {}
        for case in cases.order_by("pk"):
            key = (case.author_id, case.thread_id)
            if key not in found or found[key].state not in OPEN_STATES:
                found[key] = case
        return found

    def _mentions(self, keys: Iterable[str]) -> dict[str, Mention]:
        """What these posts say of the brand, by the post's key."""
        by_network: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            by_network[self.said[key].network].append(key)
        found = {}
        for network, wanted in by_network.items():
            of_it = Post.objects.filter(org=self.brand.org_id, network=network, key__in=wanted).defer("text", "words")
            posts = {post.pk: post for post in of_it}
            for mention in Mention.objects.filter(post__in=list(posts), brand=self.brand):
                mention.post, mention.brand = posts[mention.post_id], self.brand
                found[mention.post.key] = mention
        return found

    def _event(self, deed: Deed) -> Event | None:
        by = self.people.get(deed.by)
        if deed.kind == "answer":
            return Event("answered", deed.at, by, words=self._words(deed))
        if deed.kind == "ask" and not deed.words:
            account = self.accounts[self.said[deed.post].network]
            return Event("asked", deed.at, by, words=Words(account, deed.text))
        kind = _KINDS.get(deed.kind)
        return Event(kind, deed.at, by, text=deed.text) if kind else None

    def _words(self, deed: Deed) -> Words:
        said = self.said[deed.words]
        return Words(self.accounts[said.network], said.text, said.key, said.url, self.chains.get(deed.words, ()))

    def clear(self, end: datetime) -> None:
        """End what is more than a good team leaves waiting: the oldest, in the last minutes. The fresh question about
        the label and the words that wait for their approval stay."""
        waiting = list(
            Case.objects.filter(brand=self.brand, state__in=TO_ANSWER)
            .exclude(replies__outgoing__state=Outgoing.State.WAITING)
            .select_related("post", "last_post", "brand__org")
            .order_by("-due_at", "-pk")
        )
        waiting = [case for case in waiting if self.truth[case.post.key].kind != "sesame_root"]
        late = [case for case in waiting if case.due_at is not None and case.due_at <= end]
        calm = [case for case in waiting if case not in late]
        over = [*late[LATE:], *calm[IN_TIME:]]
        mentions = self._mentions([case.post.key for case in over])
        matters = [
            Matter(mentions[case.post.key], case, [self._last(case, turn, end)])
            for turn, case in enumerate(over, 1)
            if case.post.key in mentions
        ]
        retell(brand=self.brand, rule=self.rule, matters=matters, at=end)

    def _last(self, case: Case, turn: int, end: datetime) -> Event:
        at = max(case.last_post.heard_at + _APART / 3, end - turn * _APART)
        by = self.people[_CLEARERS[turn % len(_CLEARERS)]]
        if case.state == Case.State.NEW:
            return Event("set_aside", at, by, text="answered_elsewhere")
        return Event("resolved", at, by)
