"""One post: what was said round it, how it was read, how it spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from siach.org.models import ReadLog
from siach.org.reads import note_read
from siach.org.rights import needs
from siach.talk.connections import label
from siach.talk.models import Source
from siach.talk.queries import captured, evidence
from siach.talk.queries import post as queries
from siach.ui.charts import sparkline

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User
    from siach.talk.models import Post


@needs("stream.read")
@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    reader = request.user
    found = get_object_or_404(queries.whole(reader), pk=pk)  # type: ignore[arg-type]
    at = timezone.now()
    if found.is_private:
        _note(found, reader, at)  # type: ignore[arg-type]
    snapshots = queries.snapshots(found)
    looks = captured.seen(found) if found.source and found.source.kind == Source.Kind.CAPTURE else []
    later = {picture.pk for look in looks[:-1] for picture in look.pictures}
    reactions = [one.likes + one.comments + one.shares for one in reversed(snapshots)]
    return render(
        request,
        "talk/post.html",
        {
            "post": found,
            "network": label(found.network),
            "cards": queries.readings(found, reader),  # type: ignore[arg-type]
            "thread": queries.thread_of(found, reader),  # type: ignore[arg-type]
            "marks": found.thread.marks.all(),
            "snapshots": snapshots,
            "looks": looks,
            "first_pictures": [one for one in found.media.all() if one.pk not in later],
            "newest": snapshots[0] if snapshots else None,
            "spread": sparkline(reactions, _("Reactions over time")) if len(reactions) > 1 else "",
            "corrections": queries.corrections(found, reader),  # type: ignore[arg-type]
            "evidence": evidence.of_post(found, reader),  # type: ignore[arg-type]
            "at": at,
        },
    )


def _note(post: Post, by: User, at: datetime) -> None:
    """Write down who opened what was said in private."""
    what = ReadLog.What.MESSAGE
    note_read(org_id=post.org_id, by=by, what=what, person=post.author_id, subject=post.pk, at=at)


urlpatterns = [path("stream/post/<int:pk>/", post, name="post")]
