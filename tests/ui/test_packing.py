"""Pages go out compressed; a stream goes out as it comes."""

import gzip

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from siach.ui.packing import Packed

PACKS = {"accept-encoding": "gzip, deflate, br"}


@pytest.mark.django_db
def test_a_page_is_packed_for_whoever_can_open_it() -> None:
    plain, packed = Client().get("/accessibility/"), Client(headers=PACKS).get("/accessibility/")
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert b"<main" in gzip.decompress(packed.content) and len(packed.content) < len(plain.content) / 2


def test_the_same_page_is_never_twice_of_one_length() -> None:
    lengths = {len(_through(HttpResponse("the same words " * 100)).content) for _ in range(40)}
    assert len(lengths) > 5


def test_a_stream_is_left_as_it_is() -> None:
    answer = _through(StreamingHttpResponse(iter(["event: hello\n\n" * 100]), content_type="text/event-stream"))
    assert "Content-Encoding" not in answer.headers and next(iter(answer)).startswith(b"event: hello")


def _through(answer: HttpResponse | StreamingHttpResponse) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        return answer

    return Packed(view)(RequestFactory().get("/", headers=PACKS))
