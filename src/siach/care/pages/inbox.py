"""Inbox: the queue, one case as a conversation, and the deeds on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from siach.care import actions
from siach.care.actions import AlreadyOpen, CannotAnswer, NeedsConfirming
from siach.care.models import Case, Draft, Reply
from siach.care.queries import VIEWS, Filters, cases_for, inbox, may_take, open_conversation, read_filters
from siach.org.entering import next_of
from siach.org.models import Brand, ReadLog
from siach.org.reads import note_read
from siach.org.rights import brands_for, needs
from siach.talk.models import Post
from siach.talk.queries.reach import mentions_for
from siach.ui.frame import Place
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from siach.org.models import User

PLACE = Place(
    url_name="inbox", label=gettext_lazy("Inbox"), icon="inbox", order=30, key="I", group=1, right="inbox.read"
)


def _brands(request: HttpRequest) -> list[Brand]:
    """The own brands whose cases stand in the queue: the one in view, or all in scope."""
    scope = brands_for(request.user, "inbox.read").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    brand: Brand | None = request.brand  # type: ignore[attr-defined]
    scope = scope.select_related("org").order_by("pk")
    return list(scope.filter(pk=brand.pk) if brand else scope)


def _case(request: HttpRequest, pk: int, right: str) -> Case:
    cases = cases_for(request.user, right)  # type: ignore[arg-type]
    mine = cases_for(request.user, "case.answer").filter(pk=OuterRef("pk"))  # type: ignore[arg-type]
    cases = cases.select_related("author", "thread", "assignee", "brand__org", "org")
    return get_object_or_404(cases.annotate(may_answer=Exists(mine)), pk=pk)


def _reply(request: HttpRequest, pk: int) -> Reply:
    replies = Reply.objects.select_related("case", "outgoing__account")
    return get_object_or_404(replies, pk=pk, case__in=cases_for(request.user, "case.answer"))  # type: ignore[arg-type]


def _filters(request: HttpRequest) -> Filters:
    """The filters of the queue that the case was opened from."""
    return read_filters(request.GET.dict(), VIEWS)


def _queue(request: HttpRequest, *, bar: str = "") -> dict[str, Any]:
    return inbox(
        brands=_brands(request),
        user=request.user,  # type: ignore[arg-type]
        filters=_filters(request),
        after=request.GET.get("after", ""),
        at=timezone.now(),
        bar=bar,
    )


def _to(case: Case, request: HttpRequest, **query: object) -> HttpResponse:
    wanted = _filters(request).address(**query)
    return redirect(reverse("case", args=[case.pk]) + (f"?{wanted}" if wanted else ""))


def _shown(request: HttpRequest, case: Case, *, status: int = 200, **more: object) -> HttpResponse:
    """The case beside its queue, or the part of it that a live fragment asked for."""
    part = request.GET.get("part")
    if part == "queue":
        return render(request, "care/queue.html", {**_queue(request), "case": case})
    context: dict[str, Any] = open_conversation(
        case,
        brands=brands_for(request.user, "inbox.read"),  # type: ignore[arg-type]
        user=request.user,  # type: ignore[arg-type]
        target=request.GET.get("to") or request.GET.get("post", ""),
        draft=request.GET.get("draft", ""),
        at=timezone.now(),
    )
    context |= {
        "case": case,
        "may_answer": case.may_answer,  # type: ignore[attr-defined]
        "people": may_take(case).order_by("name"),
        "reasons": actions.REASONS.items(),
        "where": _filters(request).address(),
        **more,
    }
    if part == "thread":
        return render(request, "care/thread.html", context)
    return render(request, "care/inbox.html", {**_queue(request, bar="pins"), **context}, status=status)


@needs("inbox.read")
@require_GET
def inbox_page(request: HttpRequest) -> HttpResponse:
    """The queue alone: by `Filters`, `?after=` a page behind a cursor, `?part=queue` the fragment."""
    if request.GET.get("part") == "queue":
        return render(request, "care/queue.html", _queue(request))
    is_filtering = request.GET.get("filter") == "1"
    return render(request, "care/inbox.html", {**_queue(request, bar="whole"), "is_filtering": is_filtering})


@needs("inbox.read")
@require_GET
def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One case. `?to=` (`post` from the composer): the post to answer; `?draft=`: a reply taken back; `?part=`."""
    case = _case(request, pk, "inbox.read")
    if request.GET.get("part") != "queue":
        user: User = request.user  # type: ignore[assignment]
        at = timezone.now()
        note_read(org_id=case.org_id, by=user, what=ReadLog.What.CASE, person=case.author_id, subject=pk, at=at)
    return _shown(request, case)


def _deed(request: HttpRequest, case: Case, do: Callable[[], object], done: str = "") -> HttpResponse:
    """Do it and go back to the case, offering the way back of what is `done`; what cannot be done is said
    beside what was typed."""
    was = actions.Standing.of(case)
    try:
        do()
    except CannotAnswer as error:
        return _shown(request, _case(request, case.pk, "inbox.read"), status=422, refusal=str(error))
    if done:
        token = actions.undo_token(case=case, was=was, by=request.user)  # type: ignore[arg-type]
        offer_undo(request, done, reverse("case_undo", args=[case.pk]), token=token)
    return _to(case, request)


@needs("case.answer")
@require_POST
def undo_deed(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last deed on the case back: `token` says which."""
    case, token = _case(request, pk, "case.answer"), request.POST.get("token", "")
    return _deed(request, case, lambda: actions.undo_deed(case=case, token=token, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@needs("case.answer")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk, "case.answer")
    chosen = request.POST.get("post", "")
    post = get_object_or_404(Post, pk=chosen if chosen.isdecimal() else 0, thread=case.thread)
    body = request.POST.get("body", "")
    try:
        actions.answer(
            case=case,
            post=post,
            body=body,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            confirmed=request.POST.get("confirmed") == "1",
        )
    except CannotAnswer as error:
        case = _case(request, pk, "inbox.read")
        kept = {"body": body, "target_pk": post.pk, "confirm": isinstance(error, NeedsConfirming)}
        return _shown(request, case, status=422, refusal=str(error), **kept)
    return _to(case, request)


@needs("case.answer")
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk, "case.answer")
    text = request.POST.get("text", "")
    try:
        actions.note(case=case, text=text, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotAnswer as error:
        return _shown(request, case, status=422, refusal=str(error), note=text, is_note=True)
    return _to(case, request)


@needs("case.answer")
@require_POST
def draft(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Keep what is being written; the answer says when, in words."""
    if kind not in Draft.Kind.values:
        raise Http404
    case, at = _case(request, pk, "case.answer"), timezone.now()
    try:
        kept = actions.keep_draft(case=case, kind=kind, text=request.POST.get("text", ""), by=request.user, at=at)  # type: ignore[arg-type]
    except CannotAnswer as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    said = _("Draft saved %(time)s") % {"time": f"{timezone.localtime(at):%H:%M}"} if kept else ""
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@needs("case.answer")
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To the member of `to`; empty is nobody."""
    case = _case(request, pk, "case.answer")
    chosen = request.POST.get("to", "")
    to = get_object_or_404(may_take(case), pk=chosen if chosen.isdecimal() else 0) if chosen else None
    done = (
        _("The case is assigned to %(name)s.") % {"name": f"\u2068{to.name}\u2069"}
        if to
        else _("The case is now unassigned.")
    )
    return _deed(request, case, lambda: actions.assign(case=case, to=to, by=request.user, at=timezone.now()), done)  # type: ignore[arg-type]


@needs("case.answer")
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk, "case.answer")
    return _deed(
        request,
        case,
        lambda: actions.resolve(case=case, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        _("The case is resolved."),
    )


@needs("case.answer")
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk, "case.answer")
    return _deed(request, case, lambda: actions.reopen(case=case, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@needs("case.answer")
@require_POST
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk, "case.answer")
    reason = request.POST.get("reason", "")
    return _deed(
        request,
        case,
        lambda: actions.set_aside(case=case, reason=reason, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        _("The case is set aside."),
    )


@needs("case.answer")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a reply back; its words return to the composer."""
    reply = _reply(request, pk)
    try:
        actions.undo(reply=reply, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotAnswer as error:
        case = _case(request, reply.case_id, "inbox.read")
        return _shown(request, case, status=422, refusal=str(error))
    return _to(reply.case, request, draft=reply.pk)


@needs("case.answer")
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    reply = _reply(request, pk)
    return _deed(request, reply.case, lambda: actions.retry(reply=reply, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@needs("case.answer")
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft put on its way anew, or other words for a reply that waits; `body` holds them."""
    reply = _reply(request, pk)
    body = request.POST.get("body", "")
    return _deed(
        request,
        reply.case,
        lambda: actions.resend(reply=reply, body=body, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
    )


@needs("case.answer")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """`was_sent` is 1 or 0; `url` the link to the reply on the network."""
    reply = _reply(request, pk)
    return _deed(
        request,
        reply.case,
        lambda: actions.settle(
            reply=reply,
            was_sent=request.POST.get("was_sent") == "1",
            url=request.POST.get("url", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
    )


@needs("case.open")
@require_POST
def open_case(request: HttpRequest, mention: int) -> HttpResponse:
    """A case from a post in the Stream, or the one that already stands."""
    found = get_object_or_404(mentions_for(request.user, "case.open"), pk=mention)  # type: ignore[arg-type]
    try:
        case = actions.open_case(mention=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except AlreadyOpen as error:
        messages.info(request, str(error))
        return redirect("case", error.case.pk)
    except CannotAnswer as error:
        messages.error(request, str(error))
        return redirect(next_of(request) or "inbox")
    return redirect("case", case.pk)


urlpatterns = [
    path("inbox/", inbox_page, name="inbox"),
    path("inbox/<int:pk>/", case_page, name="case"),
    path("inbox/<int:pk>/answer/", answer, name="case_answer"),
    path("inbox/<int:pk>/note/", note, name="case_note"),
    path("inbox/<int:pk>/draft/<slug:kind>/", draft, name="case_draft"),
    path("inbox/<int:pk>/undo/", undo_deed, name="case_undo"),
    path("inbox/<int:pk>/assign/", assign, name="case_assign"),
    path("inbox/<int:pk>/resolve/", resolve, name="case_resolve"),
    path("inbox/<int:pk>/reopen/", reopen, name="case_reopen"),
    path("inbox/<int:pk>/set-aside/", set_aside, name="case_set_aside"),
    path("replies/<int:pk>/undo/", undo, name="reply_undo"),
    path("replies/<int:pk>/resend/", resend, name="reply_resend"),
    path("replies/<int:pk>/retry/", retry, name="reply_retry"),
    path("replies/<int:pk>/settle/", settle, name="reply_settle"),
    path("cases/open/<int:mention>/", open_case, name="open_case"),
]
