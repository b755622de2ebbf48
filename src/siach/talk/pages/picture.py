"""A picture of a post, behind a signed address and the reader's own rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from siach.org.rights import needs
from siach.talk import pictures
from siach.talk.models import Media, Post
from siach.talk.queries.reach import posts_for

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("stream.read")
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes as they were handed in. Gone once their keeping time is over, even before they are cleared."""
    mine = Media.objects.filter(post__in=posts_for(request.user, "stream.read"))  # type: ignore[arg-type]
    found = get_object_or_404(mine.exclude(post__state=Post.State.ERASED), pk=pictures.pk_of(token))
    if found.keep_until is not None and found.keep_until <= timezone.now():
        raise Http404
    try:
        data = pictures.path_of(found.sha256).read_bytes()
    except OSError as error:
        raise Http404 from error
    ending = found.kind.removeprefix("image/")
    headers = {"Content-Disposition": f'inline; filename="{found.pk}.{ending}"'}
    return HttpResponse(data, content_type=found.kind, headers=headers)


urlpatterns = [path("media/<str:token>/", picture, name="picture")]
