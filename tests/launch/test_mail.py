"""SIACH_MAIL: understood, or refused in a sentence."""

import pytest

from siach.launch import CannotStart
from siach.launch.mail import MailServer, mail_server


def test_the_whole_address_is_read() -> None:
    found = mail_server("smtp://us%40er:p%3Ass@mail.example.com:2525?tls=0&from=siach@example.com")
    assert found == MailServer("mail.example.com", 2525, "us@er", "p:ss", False, False, "siach@example.com")


def test_what_is_not_said_is_the_safe_way() -> None:
    assert mail_server("") is None
    plain = mail_server("smtp://siach@mail.example.com?from=siach@example.com")
    assert plain and (plain.port, plain.tls, plain.ssl) == (587, True, False)
    whole = mail_server("smtps://siach%40example.com:x@mail.example.com")
    assert whole and (whole.port, whole.tls, whole.ssl, whole.sender) == (465, False, True, "siach@example.com")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.com", "not understood"),
        ("https://mail.example.com", "not understood"),
        ("smtp://mail.example.com", "from whom"),
        ("smtp://mail.example.com?from=a@b.test%0d%0aBcc:c@d.test", "from whom"),
        ("smtp://mail.example.com:many?from=a@b.test", "not a number"),
    ],
)
def test_what_is_not_understood_is_told(url: str, words: str) -> None:
    with pytest.raises(CannotStart, match=words):
        mail_server(url)
