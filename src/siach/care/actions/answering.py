"""Answers in public: put on their way through Outgoing, taken back, tried again, settled, counted."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from siach.care.actions.alarming import calm
from siach.care.actions.drafting import forget_draft
from siach.care.actions.moving import CannotAnswer, NeedsConfirming, locked, mark, move, take, told, wait_since
from siach.care.models import OPEN_STATES, TO_ANSWER, Case, Draft, Reply
from siach.care.queries import speaking
from siach.org.approvals import Facts
from siach.org.live import signal
from siach.org.rights import mandate_for
from siach.talk.actions import sending
from siach.talk.models import Account, Mention, Outgoing, Post
from siach.talk.network_words import explain

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User

SUBJECT = "care.case"
ALIKE = 0.8
PUBLIC_REPLIES = 2
COMPARED = 50
_State = Outgoing.State
ON_ITS_WAY = (_State.WAITING, _State.QUEUED, _State.HELD, _State.SENDING, _State.UNCLEAR)
SAID = (*ON_ITS_WAY, _State.SENT)


@transaction.atomic
def answer(*, case: Case, post: Post, body: str, by: User, at: datetime, confirmed: bool = False) -> Reply:
    """Answer one exact post in public; it leaves after the undo time. Whoever answers a new case takes it.

    NeedsConfirming for a third public reply to one person in a thread: two, then private or stop.
    """
    case = locked(case)
    post = Post.objects.select_related("author", "source__account").get(pk=post.pk)
    words = body.replace("\x00", "\ufffd").strip()
    if case.state not in OPEN_STATES:
        raise CannotAnswer(_("The case has ended. Open it again to answer."))
    if not words:
        raise CannotAnswer(_("The reply is empty."))
    account = _may_answer(case, post)
    _is_new(words, post)
    if not confirmed and _public_replies(post) >= PUBLIC_REPLIES:
        raise NeedsConfirming(
            _("This person already has two public replies here. A third rarely helps: better to continue in private.")
        )
    take(case=case, by=by)
    case.save(update_fields=["state", "assignee"])
    subject = sending.Subject(SUBJECT, case.pk)
    try:
        outgoing = sending.speak(
            brand=case.brand,
            account=account,
            subject=subject,
            target=post,
            body=words,
            by=by,
            at=at,
            facts=facts_of(case=case, post=post, by=by),
        )
    except sending.CannotSend as error:
        raise CannotAnswer(explain(str(error)).sentence) from error
    reply = Reply.objects.create(case=case, outgoing=outgoing, by=by, at=at)
    forget_draft(case=case, kind=Draft.Kind.REPLY, by=by)
    told(
        name="case.answered",
        case=case,
        by=by,
        at=at,
        reply=reply.pk,
        outgoing=outgoing.pk,
        post=post.pk,
        waits=outgoing.state == _State.WAITING,
        private=post.is_private,
    )
    return reply


def facts_of(*, case: Case, post: Post, by: User) -> Facts:
    """What the rules of approval look at: the case, the post that is answered, who wrote the answer."""
    mention = Mention.objects.filter(post=post, brand=case.brand).first()
    mandate = mandate_for(by, case.brand)
    return Facts(
        topics=tuple(case.topics),
        priority=case.priority,
        followers=post.author.followers or 0,
        intent=Mention.Intent(case.intent).name.lower(),
        is_safety=mention is not None and mention.is_safety,
        mandate_level=mandate.reply_approval if mandate else "none",
    )


def _may_answer(case: Case, post: Post, own: int = 0) -> Account:
    """The account that may answer this very post, besides the words `own`. CannotAnswer says why none may."""
    if post.thread_id != case.thread_id or post.author.is_ours:
        raise CannotAnswer(_("This post is not by a customer in this conversation."))
    if post.state in (Post.State.GONE, Post.State.ERASED):
        raise CannotAnswer(_("This post is gone, so it cannot be answered."))
    ways = speaking(case.brand, post)
    if ways.account is None:
        raise CannotAnswer(ways.why_not)
    if Outgoing.objects.filter(target=post, state__in=ON_ITS_WAY).exclude(pk=own).exists():
        raise CannotAnswer(
            _("Another reply to this post is on its way, or it is unclear whether it was sent. Settle it first.")
        )
    return ways.account


def _is_new(words: str, post: Post, own: int = 0) -> None:
    """The same text twice in a thread reads as a machine: refused above 80 % likeness."""
    said = Outgoing.objects.filter(target__thread=post.thread_id, state__in=SAID).exclude(pk=own).order_by("-pk")
    ours = Post.objects.filter(thread=post.thread_id, author__is_ours=True).order_by("-pk")
    for other in {*said.values_list("body", flat=True)[:COMPARED], *ours.values_list("text", flat=True)[:COMPARED]}:
        if alike(words, other) > ALIKE:
            raise CannotAnswer(_("Almost the same text is already in this conversation. Please rephrase it."))


def alike(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1, by their longest common runs; case and spaces do not count."""
    first, second = (" ".join(text.casefold().split())[:2000] for text in (one, other))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > ALIKE else matcher.quick_ratio()


def _public_replies(post: Post) -> int:
    return Outgoing.objects.filter(target__thread=post.thread_id, target__author=post.author_id, state__in=SAID).count()


@transaction.atomic
def resend(*, reply: Reply, body: str, by: User, at: datetime) -> Reply:
    """Put a draft on its way anew, or change words that wait or are held: their next version, asked for anew."""
    case = locked(reply.case)
    words = body.replace("\x00", "\ufffd").strip()
    if case.state not in OPEN_STATES:
        raise CannotAnswer(_("The case has ended. Open it again to answer."))
    if not words:
        raise CannotAnswer(_("The reply is empty."))
    post = Post.objects.select_related("author", "source__account").filter(outgoing=reply.outgoing_id).first()
    if post is None:
        raise CannotAnswer(_("This post is gone, so it cannot be answered."))
    _may_answer(case, post, reply.outgoing_id)
    _is_new(words, post, reply.outgoing_id)
    try:
        outgoing = sending.resend(
            outgoing=reply.outgoing, body=words, by=by, at=at, facts=facts_of(case=case, post=post, by=by)
        )
    except sending.CannotSend as error:
        raise CannotAnswer(explain(str(error)).sentence) from error
    except sending.Illegal as error:
        raise CannotAnswer(_("Too late to change: the reply is already on its way.")) from error
    told(name="reply.resent", case=case, by=by, at=at, reply=reply.pk, version=outgoing.version)
    return Reply.objects.select_related("outgoing", "case").get(pk=reply.pk)


@transaction.atomic
def undo(*, reply: Reply, by: User, at: datetime) -> Reply:
    """Take an answer back before it leaves, or let go of one that failed. Its words stay with the reply."""
    case = locked(reply.case)
    try:
        sending.withdraw(outgoing=reply.outgoing, at=at)
    except sending.Illegal as error:
        raise CannotAnswer(_("Too late to undo: the reply may already be on the network.")) from error
    told(name="reply.withdrawn", case=case, by=by, at=at, reply=reply.pk)
    return Reply.objects.select_related("outgoing", "case").get(pk=reply.pk)


@transaction.atomic
def retry(*, reply: Reply, by: User, at: datetime) -> Reply:
    """Send again an answer that surely was not sent."""
    case = locked(reply.case)
    if reply.outgoing.account.state != Account.State.LIVE:
        raise CannotAnswer(_("Reconnect the account first, on Sources."))
    try:
        sending.retry(outgoing=reply.outgoing, at=at)
    except sending.Illegal as error:
        raise CannotAnswer(_("Only a reply that failed can be sent again.")) from error
    except sending.CannotSend as error:
        raise CannotAnswer(
            _("All publishing for this brand is paused. It can be sent again once publishing resumes.")
        ) from error
    told(name="reply.retried", case=case, by=by, at=at, reply=reply.pk)
    return reply


@transaction.atomic
def settle(*, reply: Reply, was_sent: bool, url: str = "", by: User, at: datetime) -> Reply:
    """A person looked at the network and says what became of an unclear answer, with its link if it stands."""
    case = locked(reply.case)
    link = url.strip()
    if link and urlsplit(link).scheme not in ("http", "https"):
        raise CannotAnswer(_("The link must begin with https://"))
    try:
        outgoing = sending.settle(outgoing=reply.outgoing, was_sent=was_sent, url=link, at=at)
    except sending.Illegal as error:
        raise CannotAnswer(_("It is already clear whether this reply was sent.")) from error
    if was_sent:
        _count(case, outgoing)
    told(name="reply.settled", case=case, by=by, at=at, reply=reply.pk, was_sent=was_sent)
    return reply


@transaction.atomic
def answered(*, outgoing_id: int, at: datetime) -> None:
    """The job behind a sent answer: the clock stops, and the case waits for the customer unless they wrote again.

    Run twice it does the same once. Words that are no case's answer are left alone.
    """
    reply = Reply.objects.select_related("outgoing", "case").filter(outgoing=outgoing_id).first()
    if reply is None or reply.outgoing.state != Outgoing.State.SENT:
        return
    _count(locked(reply.case), reply.outgoing)


def _count(case: Case, outgoing: Outgoing) -> None:
    """What was heard after the answer was written still waits; the clock of the rest has stopped."""
    sent_at = outgoing.sent_at or outgoing.made_at
    case.answered_at = min(case.answered_at, sent_at) if case.answered_at else sent_at
    if case.state in TO_ANSWER and case.waiting_since and case.waiting_since <= outgoing.made_at:
        newer = (
            Post.objects.filter(thread=case.thread, author=case.author, taken_at__gt=outgoing.made_at, is_live=True)
            .order_by("heard_at")
            .first()
        )
        if newer is None:
            move(case, "answer")
        wait_since(case, newer.heard_at if newer else None)
    case.save(update_fields=["state", "answered_at", "waiting_since", "due_at"])
    calm(case, at=sent_at)
    mark(case.thread, at=sent_at)
    signal(case.org_id, "inbox")
