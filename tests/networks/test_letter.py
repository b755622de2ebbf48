"""What a mail says: in every charset, without the history it carries along, whoever wrote its bytes."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.networks.contract import FetchedPost, Grant
from siach.networks.mail.box import Arrived
from siach.networks.mail.connector import Connector
from siach.networks.mail.letter import read

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEAD = "From: Rina <rina@x.example>\nMessage-ID: <1@x.example>\n"


def post(raw: str | bytes) -> FetchedPost | None:
    raw = raw if isinstance(raw, bytes) else raw.encode()
    heard = Connector(Grant({"place": "box"}), clock=lambda: NOW)
    return heard._post(Arrived(7, NOW, raw))


def words(raw: str | bytes) -> str:
    made = post(raw)
    assert made is not None
    return made.text


@pytest.mark.parametrize(
    ("charset", "coding"),
    [
        ("windows-1255", "quoted-printable"),
        ("iso-8859-8-i", "8bit"),
        ("utf-8", "base64"),
        ("UTF-8", "8bit"),
        ("", "8bit"),
        ("x-unknown", "8bit"),
    ],
)
def test_hebrew_in_every_charset(charset: str, coding: str) -> None:
    written = "שלום, המנורה שבורה".encode(
        {"iso-8859-8-i": "iso8859-8"}.get(charset, charset.replace("x-unknown", "") or "cp1255")
    )
    body = {
        "quoted-printable": b"".join(b"=%02X" % one for one in written),
        "base64": base64.encodebytes(written),
        "8bit": written,
    }[coding]
    told = f"Content-Type: text/plain; charset={charset}\n" if charset else ""
    head = f"{HEAD}{told}Content-Transfer-Encoding: {coding}\n\n"
    assert words(head.encode() + body) == "שלום, המנורה שבורה"


@pytest.mark.parametrize(
    "subject",
    [
        "=?windows-1255?Q?=EE=F0=E5=F8=E4_=F9=E1=E5=F8=E4?=",
        "=?UTF-8?B?157XoNeV16jXlCA=?=\n =?UTF-8?B?16nXkdeV16jXlA==?=",
        "=?iso-8859-8-i?B?7vDl+OQg+eHl+OQ=?=",
        "מנורה שבורה",
    ],
)
def test_subjects_are_read(subject: str) -> None:
    assert words(f"{HEAD}Subject: {subject}\n\nx") == "מנורה שבורה\n\nx"


def test_the_plain_part_is_preferred_and_attachments_are_named() -> None:
    raw = (
        f"{HEAD}Subject: lamp\nContent-Type: multipart/mixed; boundary=m\n\n--m\n"
        "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nplain words\n"
        "--a\nContent-Type: text/html\n\n<p>html words</p>\n--a--\n--m\nContent-Type: image/png; "
        'name="=?utf-8?B?157XoNeV16jXlA==?=.png"\nContent-Disposition: attachment\n\nxx\n--m--\n'
    )
    assert words(raw) == "lamp\n\nplain words\n\n📎 מנורה.png"


def test_html_alone_is_read_as_text() -> None:
    page = (
        "<html><head><style>p{}</style><title>t</title></head><body dir=rtl><div>המנורה<br>שבורה</div><p>תודה</p>"
        '<script>x</script><blockquote type="cite"><p>מה שכתבתם</p></blockquote></body></html>'
    )
    made = post(f"{HEAD}Subject: Re: x\nContent-Type: text/html; charset=utf-8\n\n{page}")
    assert made is not None and made.text == "המנורה\nשבורה\n\nתודה" and "מה שכתבתם" in str(made.raw["text"])


HISTORIES = (
    "On Mon, 23 Nov 2026 at 09:00, Lumika <s@l.example> wrote:\n\n> old\n> words\n",
    "On Mon, 23 Nov 2026 at 09:00, Lumika Customer Service\n<s@l.example> wrote:\n> old\n",
    "‫בתאריך יום ב׳, 23 בנוב׳ 2026 ב-9:00 מאת ‪לומיקה‬‏ <‪s@l.example‬‏>:‬\n\n> ישן\n",
    "ב-23 בנוב׳ 2026, בשעה 9:00, לומיקה <s@l.example> כתב/ה:\n\nישן בלי סימן\n",
    "-----Original Message-----\nFrom: Lumika\nold\n",
    "---הודעה מקורית---\nישן\n",
    "From: Lumika <s@l.example>\nSent: Monday\nTo: Rina\nSubject: RE: lamp\n\nold\n",
    "מאת: לומיקה\nנשלח: יום שני\nאל: רינה\nנושא: מנורה\n\nישן\n",
    "________________________________\nFrom: x\nold\n",
    "> only\n> quoted\n",
    "-- \nRina Levi\n03-5555555\n",
    "Sent from my iPhone\n",
    "נשלח מה-iPhone שלי\n\nOn Monday, 23 Nov 2026, Lumika wrote:\n> old\n",
)


@pytest.mark.parametrize("history", HISTORIES)
def test_history_and_signature_are_folded_off(history: str) -> None:
    assert (
        words(f"{HEAD}Subject: Re: lamp\nContent-Type: text/plain; charset=utf-8\n\nStill broken.\n\n{history}")
        == "Still broken."
    )


def test_answers_between_quoted_lines_stay() -> None:
    head = f"{HEAD}Subject: Re: x\n\nOn Monday, Lumika <a@b.example> wrote:\n"
    raw = f"{head}> Which lamp?\nThe green one.\n> When?\nYesterday.\n"
    assert "The green one." in words(raw) and "Yesterday." in words(raw) and "Which" not in words(raw)


@pytest.mark.parametrize("subject", ["Fwd: group", "FW: group", "העברה: group", "הועבר: group"])
def test_what_is_forwarded_stays_whole(subject: str) -> None:
    told = "---------- Forwarded message ---------\nFrom: x\nSent: y\nTo: z\nSubject: w\n\n> loud words\n"
    assert "loud words" in words(f"{HEAD}Subject: {subject}\n\n{told}")


def test_a_mail_of_history_alone_keeps_it() -> None:
    assert words(f"{HEAD}Subject: Re: x\n\nOn Monday, Lumika <a@b.example> wrote:\n> old\n").endswith("> old")


@pytest.mark.parametrize(
    "more",
    ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; x=y", "Return-Path: <>", "X-Autoreply: yes",
     "Precedence: auto_reply", "Content-Type: multipart/report; boundary=x"],
)  # fmt: skip
def test_what_no_person_wrote_is_left_out(more: str) -> None:
    assert post(f"{HEAD}{more}\n\nI am away\n") is None
    assert words(f"{HEAD}Auto-Submitted: no\nReturn-Path: <rina@x.example>\nPrecedence: bulk\n\nhello\n") == "hello"


@pytest.mark.parametrize(
    ("date", "said_at"),
    [
        ("Tue, 24 Nov 2026 09:30:00 +0200", NOW - timedelta(minutes=30)),
        ("Tue, 24 Nov 2099 09:30:00 +0200", NOW),
        ("Thu, 01 Jan 1970 00:00:00 +0000", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_a_clock_is_believed_within_a_day(date: str, said_at: datetime) -> None:
    made = post(f"{HEAD}Date: {date}\n\nx")
    assert made is not None and made.said_at == said_at


def test_names_and_addresses_are_not_mixed_up() -> None:
    letter = read(b'From: "support@bank.example" <rina@x.example>\nSubject: a\n\nb')
    assert (letter.address, letter.name) == ("rina@x.example", "support@bank.example")
    letter = read(b"From: =?utf-8?B?16jXmdeg15Q=?= <Rina@X.example>\n\nb")
    assert (letter.address, letter.name) == ("rina@x.example", "רינה")
    assert read(b"Subject: none\n\nb").address == ""


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    for whole in (raw, b"From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + raw, b"Subject: " + raw):
        made = post(whole)
        assert made is None or (made.is_private and made.external_id)
