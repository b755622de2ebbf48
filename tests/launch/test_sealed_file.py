"""A sealed file: what was written comes back, and nothing else ever does."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.launch import sealed_file
from siach.launch.sealed_file import CHUNK, TAG, SealedReader, SealingWriter, Unreadable

HEADER = sealed_file._HEADER.size
PIECE = CHUNK + TAG
WORDS = "a quiet morning paper"


def sealed(content: bytes, passphrase: str = WORDS, step: int = 300_000) -> bytes:
    file = io.BytesIO()
    writer = SealingWriter(file, passphrase, cost=4)
    for start in range(0, len(content), step):
        writer.write(content[start : start + step])
    writer.finish()
    return file.getvalue()


def opened(written: bytes, passphrase: str = WORDS) -> bytes:
    return SealedReader(io.BytesIO(written), passphrase).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_what_was_written_comes_back(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(content[:size])) == content[:size]


@given(st.binary(max_size=2_000), st.integers(1, 700))
def test_the_pieces_do_not_matter(content: bytes, step: int) -> None:
    assert opened(sealed(content, step=step)) == content


def test_a_passphrase_in_hebrew_opens_it() -> None:
    assert opened(sealed(b"x", "עיתון הבוקר השקט"), "עיתון הבוקר השקט") == b"x"


def test_nothing_of_it_can_be_seen() -> None:
    assert "שירה".encode() not in sealed("שירה".encode() * 1_000)
    assert sealed(b"same") != sealed(b"same")


def test_another_passphrase_is_told() -> None:
    with pytest.raises(Unreadable, match="passphrase is another"):
        opened(sealed(b"x"), "a loud evening paper")


def pieces(written: bytes) -> list[bytes]:
    body = written[HEADER:]
    return [body[at : at + PIECE] for at in range(0, len(body), PIECE)]


def with_pieces(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda written: written[:HEADER] + b"".join(change(pieces(written)))


WRONGS = {
    "cut inside": (lambda w: w[:-9], "cut short"),
    "cut between": (with_pieces(lambda p: p[:2]), "cut short"),
    "cut to the header": (lambda w: w[:HEADER], "cut short"),
    "one left out": (with_pieces(lambda p: [p[0], *p[2:]]), "damaged"),
    "two exchanged": (with_pieces(lambda p: [p[1], p[0], *p[2:]]), "damaged"),
    "one twice": (with_pieces(lambda p: [p[0], *p]), "damaged"),
    "something added": (lambda w: w + b"x", "damaged"),
    "another's end": (with_pieces(lambda p: [*p[:-1], pieces(sealed(b"y" * (3 * CHUNK + 7)))[-1]]), "damaged"),
    "a bit of the content": (lambda w: w[: HEADER + 99] + bytes([w[HEADER + 99] ^ 1]) + w[HEADER + 100 :], "damaged"),
    "a bit of the nonce": (lambda w: w[: HEADER - 1] + bytes([w[HEADER - 1] ^ 1]) + w[HEADER:], "damaged"),
    "a dear cost": (lambda w: w[:15] + b"\xff" + w[16:], "damaged"),
    "another file": (lambda w: b"PK" + w[2:], "no backup of Siach"),
    "an empty file": (lambda w: b"", "no backup of Siach"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_no_change_goes_unseen(wrong: str) -> None:
    change, told = WRONGS[wrong]
    with pytest.raises(Unreadable, match=told):
        opened(change(sealed(b"x" * (3 * CHUNK + 7))))


def test_an_unfinished_file_is_cut_short() -> None:
    file = io.BytesIO()
    SealingWriter(file, WORDS, cost=4).write(b"x" * (2 * CHUNK))
    with pytest.raises(Unreadable, match="cut short"):
        opened(file.getvalue())
