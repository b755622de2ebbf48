"""The report of how well Siach hears and reads: its figures are those of the rows behind them, for whoever may."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from siach.insight.months import Month, month_of, read_month
from siach.insight.reports import accuracy, names
from siach.org.actions import add_brand
from siach.org.models import Mandate, Membership, Team, Topic, User
from siach.talk.actions.counting import fold
from siach.talk.actions.marking import correct
from siach.talk.actions.reading import current_run
from siach.talk.models import Mention, Sampled, Source
from tests.world import HELPS, NOW, World, lend, said

NOVEMBER = Month(2026, 11)
URL = "/reports/accuracy/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def seen(world: World, who: User | None = None, url: str = URL, language: str = "he") -> str:
    """The page's words as one line, without its markup but with its links' addresses."""
    who = who or world.noam
    User.objects.filter(pk=who.pk).update(language=language)
    answer = world.client(who, language).get(url, follow=True)
    assert answer.status_code == 200
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<(?!a )[^>]*>", "", main))


def labelled(world: World, n: int, *, right: int, language: str = "he") -> None:
    """So many labels of posts of this week, of which so many are what the reader said."""
    at = NOW - DAY
    world.hear(*(said(f"{language}{i}", f"לומיקה {language} {i}", at=at) for i in range(n)))
    mentions = Mention.objects.filter(post__key__startswith=language).order_by("pk")
    rows = [
        Sampled(
            brand=world.brand,
            mention=mention,
            week=date(2026, 11, 16),
            language=language,
            read=0,
            run=current_run(),
            sentiment=0 if i < right else 1,
            by=world.dana,
            at=at,
        )
        for i, mention in enumerate(mentions)
    ]
    Sampled.objects.bulk_create(rows)


def test_the_place_leads_to_its_one_report(world: World) -> None:
    assert names() == ["accuracy"]
    answer = world.client(world.noam).get("/reports/")
    assert answer.status_code == 302 and answer["Location"] == URL
    assert 'href="/reports/" aria-current="page"' in world.client(world.noam).get(URL).text
    assert world.client(world.noam).get("/reports/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("language", "said_so"),
    [
        ("he", ("80%", "בין 71% ל־87%", "חסרות 97 בדיקות", "3 מתוך 100", "נבדקו: 103", "אנשים שבדקו: 1")),
        ("en", ("80%", "between 71% and 87%", "97 more checks needed", "3 of 100", "checked: 103")),
    ],
)
def test_from_a_hundred_labels_on_the_accuracy_stands_with_its_interval(
    world: World, language: str, said_so: tuple[str, ...]
) -> None:
    labelled(world, 100, right=80)
    labelled(world, 3, right=3, language="en")
    page = seen(world, language=language)
    for words in said_so:
        assert words in page, words
    Sampled.objects.filter(language="he").first().delete()  # type: ignore[union-attr]
    assert "80%" not in seen(world, language=language) and "99" in seen(world, language=language)


def test_the_labels_of_all_own_brands_that_the_reader_may_see_are_pooled(world: World) -> None:
    labelled(world, 3, right=2)
    second = add_brand(org=world.org, name="לומיקה ילדים", names=["Lumika Kids"], by=world.noam, at=NOW)
    Sampled.objects.filter(pk=Sampled.objects.latest("pk").pk).update(brand=second)
    Mandate.objects.filter(pk=world.mandate.pk).update(rights=["today.read", "report.read"])
    told = {who: accuracy.report(world.brand, NOVEMBER, user=who, at=NOW) for who in (world.noam, world.ido)}
    assert [told[who].accuracies[0].n for who in (world.noam, world.ido)] == [3, 2]
    assert [told[who].brands for who in (world.noam, world.ido)] == [2, 1]
    assert "מותגים שנספרו יחד: 2." in seen(world)


@pytest.mark.parametrize("folded", [False, True])
def test_each_count_is_that_of_the_rows_it_opens(world: World, folded: bool) -> None:
    forum = Source.objects.create(
        org=world.org, brand=world.brand, network="forum", kind="capture", connected_at=NOW - 9 * DAY
    )
    world.hear(*(said(f"p{n}", f"לומיקה {n}", at=NOW - n * DAY) for n in range(40)))
    world.hear(*(said(f"f{n}", f"לומיקה בפורום {n}", at=NOW - n * DAY) for n in range(3)), source=forum)
    if folded:
        fold(at=NOW)
    told = accuracy.report(world.brand, NOVEMBER, user=world.noam, at=NOW)
    assert [one.n for one in told.heard] == [24, 3] and told.total == 27
    client = world.client(world.noam)
    for n, address in [(told.total, told.rows), *((one.n, one.rows) for one in told.heard)]:
        stream = client.get(address).context["shown"]
        assert stream.total == len(stream.cards) == n
        assert address.replace("&", "&amp;") in seen(world)


def test_what_people_corrected_in_the_month_opens_too(world: World) -> None:
    world.hear(said("in", "לומיקה", at=NOW - DAY), said("before", "לומיקה", at=NOW - 30 * DAY))
    for mention in Mention.objects.all():
        correct(mention=mention, field="sentiment", value=-1, by=world.dana, at=NOW)
    told = accuracy.report(world.brand, NOVEMBER, user=world.noam, at=NOW)
    assert told.corrected == 1
    shown = world.client(world.noam).get(told.corrected_rows).context["shown"]
    assert [card.post.key for card in shown.cards] == ["in"]
    assert "אזכור אחד מהחודש הזה תוקן" in re.sub(r"</?a[^>]*>", "", seen(world))


def test_a_month_is_cut_by_the_brands_clock_and_never_lies_ahead(world: World) -> None:
    ends = datetime(2026, 10, 31, 21, 59, tzinfo=UTC)  # 23:59 in Jerusalem
    world.hear(said("a", "לומיקה", at=ends), said("b", "לומיקה", at=ends + timedelta(minutes=2)))
    totals = [accuracy.report(world.brand, NOVEMBER.back(n), user=world.noam, at=NOW).total for n in (0, 1, 2)]
    assert totals == [1, 1, 0]
    assert month_of(world.brand, ends + timedelta(minutes=2)) == NOVEMBER
    assert "נובמבר 2026 (עד כה)" in seen(world)
    assert "(עד כה)" not in seen(world, url=f"{URL}?month=2026-10")
    for code in ("2027-01", "2026-13", "0000-00", "x", "٢٠٢٦-١١"):
        assert "נובמבר 2026 (עד כה)" in seen(world, url=f"{URL}?month={code}")
    assert (NOVEMBER.first, NOVEMBER.last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert read_month("2024-02").last == date(2024, 2, 29)  # type: ignore[union-attr]
    assert Month(2026, 1).back(1) == Month(2025, 12) and Month(2026, 12).last == date(2026, 12, 31)


def test_what_is_not_heard_is_said_beside_what_is(world: World) -> None:
    Source.objects.filter(pk=world.source.pk).update(failures=5, deaf_since=NOW - DAY, connected_at=NOW - 3 * DAY)
    world.hear(said("a", "לומיקה", at=NOW))
    page = seen(world)
    assert "לא שומעים מאז 23.11.2026" in page and "אין האזנה: " in page and "קבוצות סגורות" in page
    assert "מאזין, מאז 21.11.2026" in page


def test_an_empty_brand_is_told_what_is_missing_and_where_to_go(world: World) -> None:
    Source.objects.filter(brand=world.brand).delete()
    page = seen(world)
    assert "עוד לא חובר מקור" in page and f'href="{reverse("connect")}"' in page and "עוד אין בדיקות" in page
    assert reverse("connect") not in seen(world, world.dana)


def test_only_who_may_see_the_whole_brand_reads_it(world: World) -> None:
    labelled(world, 3, right=2)
    asked = f"{URL}?brand={world.brand.pk}"
    assert "3 מתוך 100" in seen(world, world.join("board", "reader"), asked)
    for url in (asked, f"{URL}?brand={world.rival.pk}", f"{URL}?brand=x", f"{URL}?brand={'9' * 30}"):
        assert world.client(world.omer).get(url).status_code == 404
    assert "לומיקה" not in seen(world, world.omer)
    assert world.client(world.join("scout", "scout")).get(URL).status_code == 404
    lent = Mandate.objects.filter(pk=world.mandate.pk)
    assert world.client(world.ido).get(asked).status_code == 404
    lent.update(rights=["today.read", "report.read"])
    page = seen(world, world.ido, asked)
    assert "3 מתוך 100" in page and "/stream/" not in page
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    lent.update(rights=[*HELPS, "report.read"], topics=[topic.pk])
    assert world.client(world.ido).get(asked).status_code == 404


def test_a_link_to_the_stream_stands_only_where_all_of_it_is_open(world: World) -> None:
    world.hear(said("a", "לומיקה", at=NOW))
    Mandate.objects.filter(pk=world.mandate.pk).update(rights=[*HELPS, "report.read"])
    assert accuracy.report(world.brand, NOVEMBER, user=world.ido, at=NOW).rows
    Mandate.objects.filter(pk=world.mandate.pk).update(rights=["today.read", "report.read"])
    told = accuracy.report(world.brand, NOVEMBER, user=world.ido, at=NOW)
    assert told.total == 1 and not told.rows and not told.heard[0].rows and told.corrected is None
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    Mandate.objects.filter(pk=world.mandate.pk).update(rights=list(HELPS), topics=[topic.pk])
    second = Team.objects.create(org=world.agency, name="ארגמן לילה")
    Membership.objects.create(user=world.ido, team=second, role=Membership.Role.LEAD)
    lend(world.brand, second, rights=["today.read", "report.read"])
    assert world.client(world.ido).get(f"{URL}?brand={world.brand.pk}").status_code == 200
    assert not accuracy.report(world.brand, NOVEMBER, user=world.ido, at=NOW).rows


def test_more_posts_are_no_more_queries(world: World) -> None:
    client = world.client(world.noam)

    def count() -> int:
        client.get(URL)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(URL).status_code == 200
        assert not any('FROM "talk_post"' in one["sql"] for one in queries)
        return len(queries)

    labelled(world, 2, right=1)
    few = count()
    labelled(world, 30, right=20, language="en")
    assert count() == few <= 40
