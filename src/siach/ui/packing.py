"""Pages go out compressed, a long list a fifth of its size: whoever reads on a phone waits for the wire."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class Packed(GZipMiddleware):
    """Django's own, with random bytes in each answer against guessing by its length (BREACH). Stands below the static
    files, which are compressed once. A stream goes out as it comes: packing would hold a signal back."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        return response if response.streaming else super().process_response(request, response)
