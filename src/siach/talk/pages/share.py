"""Share: one post as a text that is copied, sent on or printed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from siach.org.rights import needs
from siach.talk.models import Post
from siach.talk.queries import post as queries
from siach.talk.queries.sharing import share_text

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("stream.read")
@require_safe
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """`?in=` is the language of the text: the reader's own where it is not said. A private message is not shared."""
    post = get_object_or_404(queries.whole(request.user), pk=pk)  # type: ignore[arg-type]
    if post.state == Post.State.ERASED or post.is_private:
        raise Http404
    asked = request.GET.get("in", "")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(language):
        text = share_text(post, queries.readings(post, request.user))  # type: ignore[arg-type]
        subject = _("A post that was heard")
    context = {
        "post": post,
        "text": text,
        "in_language": language,
        "whatsapp_url": f"https://wa.me/?text={quote(text)}",
        "mail_url": f"mailto:?subject={quote(subject)}&body={quote(text)}",
    }
    return render(request, "talk/share.html", context)


urlpatterns = [path("stream/post/<int:pk>/share/", share, name="share")]
