"""The page of one post: its thread, readings, corrections, numbers and marks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from siach.talk.actions.marking import correct, mark_thread
from siach.talk.connections import FetchedMetrics
from siach.talk.models import Mention, Post
from siach.talk.queries.post import AROUND, thread_of
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


def page(world: World, key: str, language: str = "he") -> str:
    world.noam.language = language
    world.noam.save()
    answer = world.client(world.noam).get(reverse("post", args=[Post.objects.get(key=key).pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("language", "side"), [("he", "rtl"), ("en", "ltr")])
def test_it_shows_the_whole_thread_round_the_post(world: World, language: str, side: str) -> None:
    world.hear(said("a", "בלומיקה שירות מזעזע", at=NOW - timedelta(hours=2)))
    world.hear(said("b", "ומתי?", parent="a", root="a", at=NOW - timedelta(hours=1)))
    world.hear(said("c", "גם אצלי", by="other", parent="a", root="a"))
    html = page(world, "b", language)
    assert f'dir="{side}"' in html and html.count("<article") == 3
    assert html.index("מזעזע") < html.index("ומתי?") < html.index("גם אצלי")
    assert reverse("post", args=[Post.objects.get(key="a").pk]) in html


def test_it_shows_corrections_numbers_and_marks(world: World) -> None:
    world.hear(said("a", "לומיקה גרוע", metrics=FetchedMetrics(likes=3)))
    world.hear(said("a", "לומיקה גרוע", metrics=FetchedMetrics(likes=1234)), at=NOW + timedelta(hours=1))
    mention = Mention.objects.get()
    correct(mention=mention, field="sentiment", value=1, by=world.dana, at=NOW)
    mark_thread(mention.post.thread, "case", url_name="case", object_id=77, at=NOW)
    html = page(world, "a", "en")
    assert "1,234" in html and "Over time" in html and "spark" in html
    assert "from negative to positive" in html and "Dana" in html
    assert reverse("case", args=[77]) in html


def test_a_post_for_two_brands_has_two_readings(world: World) -> None:
    world.hear(said("a", "לומיקה יותר טוב מברוניל"))
    html = page(world, "a")
    assert html.count('class="post-tags"') == 2 and "ברוניל</bdi>" in html


def test_a_post_that_mentions_nobody_says_why_it_is_here(world: World) -> None:
    world.hear(said("x", "שלום לכולם"))
    assert "It does not mention our brand" in page(world, "x", "en")


def test_a_long_thread_shows_the_nearest_and_says_so(world: World) -> None:
    world.hear(said("root", "לומיקה", at=NOW - timedelta(days=1)))
    world.hear(
        *(
            said(f"r{i:03}", "כן", by=f"p{i}", parent="root", root="root", at=NOW - timedelta(minutes=200 - i))
            for i in range(120)
        )
    )
    around = thread_of(Post.objects.get(key="r060"), world.noam)
    assert [post.key for post in around.before] == [f"r{i:03}" for i in range(60 - AROUND, 60)]
    assert [post.key for post in around.after] == [f"r{i:03}" for i in range(61, 61 + AROUND)]
    assert around.earlier and around.later
    html = page(world, "r060", "en")
    assert "nearest" in html
    # what was said before is folded but for the last, so that the post opens in sight
    folded, _, rest = html.partition("post-before")[2].partition("</details>")
    assert folded.count("<article") == AROUND - 1
    assert rest[: rest.index('aria-current="true"')].count("<article") == 2


def test_the_same_number_of_queries_however_long_the_thread(world: World) -> None:
    def queries(key: str) -> int:
        with CaptureQueriesContext(connection) as spent:
            page(world, key)
        return len(spent)

    world.hear(said("a", "לומיקה"), said("b", "כן", parent="a", root="a"))
    few = queries("a")
    world.hear(*(said(f"c{i}", "כן", by=f"p{i}", parent="a", root="a") for i in range(30)))
    assert queries("a") == few


def test_a_nasty_post_is_escaped_and_follows_its_own_direction(world: World) -> None:
    world.hear(said("a", "Lumika <script>alert(1)</script> \u202e<img src=x> really bad\0", by="<b>"))
    html = page(world, "a")
    assert "<script>alert" not in html and "<img" not in html and "\u202e" not in html and "<b>" not in html
    assert 'class="post-text rich big-text" dir="ltr"' in html


def test_an_erased_post_shows_no_text(world: World) -> None:
    world.hear(said("a", "לומיקה סוד"))
    Post.objects.update(state=Post.State.ERASED)
    assert "סוד" not in page(world, "a").replace("mark", "")


def test_an_outsider_gets_nothing(world: World) -> None:
    world.hear(said("a", "לומיקה"))
    assert world.client(world.omer).get(reverse("post", args=[Post.objects.get().pk])).status_code == 404
    assert world.client(world.noam).get(reverse("post", args=[999999])).status_code == 404
