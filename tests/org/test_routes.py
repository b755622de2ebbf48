"""A walk over every address of Siach: each names its right, and nobody reaches what is not theirs.

A new page is covered by itself. One whose address takes arguments adds a line to `arguments`.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from siach.care import actions as care
from siach.care.models import Case, Reply
from siach.demo.models import Drill
from siach.org import approvals, ending
from siach.org.approval_links import make_link
from siach.org.approval_rules import Draft, Step, set_rule
from siach.org.inviting import invite
from siach.org.models import (
    ApprovalLink,
    Archive,
    Membership,
    NoticeService,
    PushSubscription,
    Shift,
    Team,
    Topic,
    User,
)
from siach.org.notices import tell
from siach.org.ownership import email_token
from siach.org.requests import take_up
from siach.org.rights import RIGHTS
from siach.talk import pictures
from siach.talk.actions.evidence import keep_evidence
from siach.talk.actions.hooks import make_hook
from siach.talk.actions.muting import mute
from siach.talk.actions.reading import current_run
from siach.talk.actions.viewing import keep_view
from siach.talk.models import Batch, HandedIn, Import, Media, Mention, Post, Rereading, SetAside
from tests.alone import no_loop
from tests.house import PUBLIC
from tests.world import NOW, World, lend, said

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS = {"live"}
#: Pages of a demo, which Lumika is none: they stand in tests/demo.
DEMO = {"demo", "drills", "demo_enter", "demo_own", "demo_remove", "demo_tour", "demo_tour_end"}
FILES = {"archive_file", "training", "request_report", "picture", "evidence_picture", "evidence_file"}


def patterns() -> Iterator[URLPattern]:
    """Every address; Siach includes nobody else's."""
    for found in get_resolver().url_patterns:
        assert isinstance(found, URLPattern), f"{found} brings addresses that name no right"
        yield found


GUARDED = sorted(found.name for found in patterns() if found.name not in PUBLIC)


@dataclass
class Lumika:
    """One of everything that an address can name, all of it Lumika's."""

    world: World
    arguments: dict[str, dict[str, int | str]]

    def url(self, name: str) -> str:
        found = next(found for found in patterns() if found.name == name)
        named = set(found.pattern.converters)
        kwargs = self.arguments.get(name, {})
        assert named == set(kwargs), f"the address of {name!r} takes {named}: add a line to `arguments`"
        return reverse(name, kwargs=kwargs)

    @property
    def owned(self) -> list[str]:
        """The routes whose address names something of Lumika's."""
        return [name for name in self.arguments if name in GUARDED and name not in {"connect_network", "report"}]


def _of_case(case: Case) -> dict[str, dict[str, int | str]]:
    """The addresses of a case."""
    deeds = ("answer", "assign", "note", "reopen", "resolve", "set_aside", "undo")
    one: dict[str, int | str] = {"pk": case.pk}
    return dict.fromkeys(("case", *(f"case_{deed}" for deed in deeds)), one) | {"case_draft": one | {"kind": "reply"}}


def _of_evidence(world: World, post: Post) -> dict[str, dict[str, int | str]]:
    """The addresses of a post kept as evidence."""
    review = (NOW + timedelta(days=90)).date()
    kept = keep_evidence(post=post, reason="דין", owner=world.noam, review_on=review, by=world.noam, at=NOW)
    names = ("evidence_one", "evidence_review", "evidence_release", "evidence_file")
    one: dict[str, int | str] = {"pk": kept.pk}
    picture = one | {"picture": kept.pictures.get().pk}
    return dict.fromkeys(names, one) | {"evidence_keep": {"post": post.pk}, "evidence_picture": picture}


def _rereading(world: World) -> int:
    return Rereading.objects.create(org=world.org, run=current_run(), total=1, at=NOW).pk


def invited(world: World) -> int:
    team = Team.objects.get(org=world.org)
    invitation, _link = invite(team=team, role="agent", email="maya@example.test", by=world.noam, at=NOW)
    return invitation.pk


def _of_noam(world: World) -> dict[str, dict[str, int | str]]:
    """His second factor, the link to a new email that he asked for, and whom he invited."""
    factor = Authenticator.objects.create(user=world.noam, type="totp", data={})
    token = email_token(user=world.noam, email="new@example.test")
    one: dict[str, int | str] = {"pk": factor.pk}
    guest: dict[str, int | str] = {"pk": invited(world)}
    factors = {"factor_remove": one, "passkey_rename": one, "email_confirm": {"token": token}}
    return factors | {"invitation_again": guest, "invitation_revoke": guest}


def hooked(world: World) -> dict[str, dict[str, int | str]]:
    """A source that another system posts to."""
    made, _secret = make_hook(brand=world.brand, name="CRM", network="forum", by=world.noam, at=NOW)
    one: dict[str, int | str] = {"pk": made.pk}
    return {"hook": one, "hook_renew": one}


def drilled(world: World) -> dict[str, dict[str, int | str]]:
    """A drill that was played."""
    made = Drill.objects.create(
        org=world.org,
        brand=world.brand,
        kind="safety",
        speed=10,
        seed=1,
        posts=30,
        hours=1,
        has_trouble=False,
        begun_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        ended_at=NOW,
        patience=600,
    )
    one: dict[str, int | str] = {"pk": made.pk}
    return {"drill": one, "drill_stop": one}


def imported(world: World) -> Import:
    return Import.objects.create(
        org=world.org,
        brand=world.brand,
        network="file",
        name="comments.csv",
        path="",
        state=Import.State.DONE,
        made_at=NOW - timedelta(days=1),
    )


def _of_privacy(world: World, post: Post) -> dict[str, dict[str, int | str]]:
    """The addresses of an organisation's privacy, and of a person's request."""
    asked = take_up(org=world.org, kind="access", people=[post.author_id], asked="x", by=world.noam, at=NOW)
    of_org, of_request = {"org": world.org.pk}, {"pk": asked.pk}
    requests = dict.fromkeys(("person_request", "request_carry_out", "request_close"), of_request)
    report: dict[str, int | str] = of_request | {"form": "json"}
    consent: dict[str, int | str] = {"author": post.author_id}
    made = Archive.objects.create(org=world.org, at=NOW)
    leaving = dict.fromkeys(("archive_make", "removal_ask", "removal_undo"), of_org) | {"archive_file": {"pk": made.pk}}
    return {
        "consent": consent,
        **leaving,
        "privacy_keep": of_org,
        "privacy_tell": of_org,
        "request_report": report,
        **requests,
    }


@pytest.fixture
def lumika(world: World) -> Lumika:
    world.hear(said("c1", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="customer", reason="mention"))
    mention = Mention.objects.get(brand=world.brand)
    case = Case.objects.first() or care.open_case(mention=mention, by=world.dana, at=NOW)
    reply = care.answer(case=case, post=mention.post, body="כבר בודקים", by=world.dana, at=NOW)
    job = imported(world)
    batch = Batch.objects.filter(org=world.org).latest("pk")
    aside = SetAside.objects.create(post=mention.post, batch=batch, step="care.triage", error="odd", at=NOW)
    media = Media.objects.create(org=world.org, post=mention.post, sha256="0" * 64, kind="image/png", size=1)
    of_reply = {"pk": reply.pk}
    arguments: dict[str, dict[str, int | str]] = {
        "capture_drop": {"pk": HandedIn.objects.create(user=world.noam, at=NOW, told={"text": "לומיקה"}).pk},
        **drilled(world),
        "author_part": {"author": mention.post.author_id},
        "report": {"name": "accuracy"},
        "reread": {"pk": _rereading(world), "deed": "stop"},
        "brand_try": {"brand": world.brand.pk},
        "brand_hits": {"brand": world.brand.pk},
        "brand_edit": {"brand": world.brand.pk},
        "brand_goals": {"brand": world.brand.pk},
        "first_steps": {"brand": world.brand.pk},
        "first_steps_put": {"brand": world.brand.pk},
        "brand_new": {"org": world.org.pk},
        **_of_case(case),
        "change_import": {"pk": job.pk, "deed": "stop"},
        "change_source": {"pk": world.source.pk, "deed": "pause"},
        "source_cap": {"pk": world.source.pk},
        "place_mark": {"brand": world.brand.pk, "place": "reddit", "deed": "waive"},
        "connect_network": {"network": "bluesky"},
        "correct": {"mention": mention.pk},
        **hooked(world),
        "import_job": {"pk": job.pk},
        **_of_noam(world),
        "open_case": {"mention": mention.pk},
        "picture": {"token": pictures.token(media.pk)},
        "post": {"pk": mention.post_id},
        "refused_rows": {"pk": job.pk},
        "reply_retry": of_reply,
        "reply_settle": of_reply,
        "reply_undo": of_reply,
        "share": {"pk": mention.post_id},
        "try_again": {"pk": aside.pk},
        "why": {"mention": mention.pk},
        **_of_evidence(world, mention.post),
        **_of_notices(world, case),
        **_of_the_reader(world),
        **_of_privacy(world, mention.post),
    }
    arguments |= asked(world, reply) | lent_out(world)
    return Lumika(world, {name: kwargs for name, kwargs in arguments.items() if name in GUARDED})


def _of_notices(world: World, case: Case) -> dict[str, dict[str, int | str]]:
    """Noam, who walks every page, is told of a case; a browser of his, a shift, a room elsewhere."""
    facts = {"org": world.org, "brand": world.brand, "subject": case, "by": world.dana.pk}
    told = tell("case.assigned", to=[world.noam], level=3, url=("case", {"pk": case.pk}), at=NOW, **facts)[0]
    browser = PushSubscription.objects.create(
        user=world.noam, endpoint="https://push.example/1", sealed=b"", made_at=NOW
    )
    hours = {"begins": time(8), "ends": time(20)}
    shift = Shift.objects.create(brand=world.brand, user=world.yael, day=NOW.date(), made_at=NOW, **hours)
    service = NoticeService.objects.create(org=world.org, name="room", network="Slack", sealed=b"", made_at=NOW)
    return {
        "browser_remove": {"pk": browser.pk},
        "notice": {"pk": told.pk},
        "notice_acknowledge": {"pk": told.pk},
        "notice_service_remove": {"pk": service.pk},
        "shift_add": {"brand": world.brand.pk},
        "minutes_set": {"brand": world.brand.pk},
        "shift_remove": {"pk": shift.pk},
    }


def asked(world: World, reply: Reply) -> dict[str, dict[str, int | str]]:
    """A rule of approval, what it asks about this reply, a link sent outside, and the brand's hold."""
    rule = set_rule(brand=world.brand, draft=Draft("הכול", steps=[Step(roles=["owner"])]), by=world.noam, at=NOW)
    words = ("talk.outgoing", reply.outgoing_id)
    approval = approvals.ask(
        subject=words, version=1, facts=approvals.Facts(), brand=world.brand, by=world.dana, at=NOW
    )
    assert approval is not None
    make_link(approval=approval, name="Rina", life=timedelta(hours=24), by=world.noam, at=NOW)
    of_rule: dict[str, int | str] = {"brand": world.brand.pk, "rule": rule.pk}
    return {
        "approval": {"pk": approval.pk},
        "approval_comment": {"pk": approval.pk},
        "approval_decide": {"pk": approval.pk},
        "approval_link": {"pk": approval.pk},
        "approval_revoke": {"pk": ApprovalLink.objects.get().pk},
        "approval_rule": of_rule,
        "approval_rule_new": {"brand": world.brand.pk},
        "approval_rules_offer": {"brand": world.brand.pk},
        "approval_rule_remove": of_rule,
        "hold": {"brand": world.brand.pk},
        "release": {"brand": world.brand.pk},
        "reply_resend": {"pk": reply.pk},
    }


def _of_the_reader(world: World) -> dict[str, dict[str, int | str]]:
    """Noam, who walks every page, muted a word and shares a view."""
    muted = mute(user=world.noam, word="מבצע", at=NOW)
    kept = {"screen": "stream", "address": "sentiment=-1", "is_shared": True}
    view = keep_view(org=world.org, name="שליליים", by=world.noam, at=NOW, **kept)
    return {"mute_remove": {"pk": muted.pk}, "view_change": {"pk": view.pk, "deed": "change"}}


def lent_out(world: World) -> dict[str, dict[str, int | str]]:
    """A topic, a member, a mandate in force, and one that ended with its proof."""
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    ended = lend(world.brand, Team.objects.create(org=world.agency, name="ארגמן לילה"), ended_at=NOW, reason="די")
    ending.close(mandate_id=ended.pk, purges=[], at=NOW)
    of_member: dict[str, int | str] = {"pk": Membership.objects.get(user=world.dana).pk}
    return {
        "mandate": {"pk": world.mandate.pk},
        "mandate_end": {"pk": world.mandate.pk},
        "mandate_proof": {"pk": ended.pk},
        "member_remove": of_member,
        "member_role": of_member,
        "member_sign_out": of_member,
        "team_new": {"org": world.org.pk},
        "topic_change": {"pk": topic.pk},
        "topic_remove": {"pk": topic.pk},
        "topics": {"brand": world.brand.pk},
    }


def test_every_view_names_its_right() -> None:
    rights = {found.name: getattr(found.callback, "right", None) for found in patterns()}
    assert {name for name, right in rights.items() if right == ""} == PUBLIC
    assert all(right in RIGHTS for name, right in rights.items() if name not in PUBLIC), rights


def test_every_address_has_a_name_of_its_own() -> None:
    names = [found.name for found in patterns()]
    assert None not in names and len(names) == len(set(names))


def test_signed_out_every_page_leads_to_the_sign_in(lumika: Lumika) -> None:
    for name in GUARDED:
        if name in STREAMS:
            with no_loop():
                assert Client().get(lumika.url(name)).status_code == 404
            continue
        answer = Client().get(lumika.url(name))
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/account/login/?next=/"), name


def test_without_a_membership_there_is_nothing(lumika: Lumika) -> None:
    stranger = User.objects.create_user("stranger@example.test", None, name="Stranger")
    client = lumika.world.client(stranger)
    for name in GUARDED:
        with no_loop() if name in STREAMS else nullcontext():
            answers = (client.get(lumika.url(name)), client.post(lumika.url(name)))
        for answer in answers:
            assert answer.status_code == 404, name


def test_omer_finds_nothing_of_lumikas(lumika: Lumika) -> None:
    client = lumika.world.client(lumika.world.omer)
    for name in lumika.owned:
        got, posted = client.get(lumika.url(name)), client.post(lumika.url(name))
        assert {got.status_code, posted.status_code} <= {404, 405}, name
        assert 404 in {got.status_code, posted.status_code}, name
        assert "לומיקה" not in got.text + posted.text, name


def test_a_right_that_is_not_held_is_a_404(lumika: Lumika) -> None:
    """Dana serves: she manages neither brands nor sources, and reads no ledger."""
    client = lumika.world.client(lumika.world.dana)
    held = {"self.manage", "today.read", "stream.read", "source.read", "inbox.read", "case.open", "case.answer"}
    held |= {"reading.correct", "capture.add", "report.read"}
    for found in patterns():
        if found.name not in PUBLIC and found.callback.right not in held:
            assert client.get(lumika.url(found.name)).status_code == 404, found.name


@pytest.mark.parametrize(("language", "side"), [("he", "rtl"), ("en", "ltr")])
def test_every_page_stands_in_both_languages(lumika: Lumika, language: str, side: str) -> None:
    noam = lumika.world.noam
    noam.language = language
    noam.save()
    client = lumika.world.client(noam, language)
    pages = []
    for name in sorted(set(GUARDED) - STREAMS - FILES - DEMO):
        answer = client.get(lumika.url(name))
        assert answer.status_code in {200, 302, 405}, (name, answer.status_code)
        if answer.status_code != 200 or "<html" not in answer.text:
            continue
        assert f'<html lang="{language}" dir="{side}"' in answer.text, name
        assert not re.search(r"\sstyle=|\son\w+=\"|<script>", answer.text), name
        assert answer.text.count("<h1") == 1, name
        pages.append(name)
    assert {"today", "activity", "brand", "inbox", "stream", "sources"} <= set(pages)


@pytest.mark.parametrize(("language", "side"), [("he", "rtl"), ("en", "ltr")])
def test_the_doors_stand_in_both_languages(db: None, language: str, side: str) -> None:
    client = Client(headers={"accept-language": language})
    for address in (
        "/accessibility/",
        "/account/login/",
        "/enter/some-token/",
        "/invitation/x/",
        "/account/forgotten/x/y/",
        "/nothing/",
    ):
        page = client.get(address)
        assert f'<html lang="{language}" dir="{side}"' in page.text, address
