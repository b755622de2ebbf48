"""Views of the Stream under a name: one's own, shared with the team, never seen beyond it."""

from __future__ import annotations

import pytest
from django.test import Client

from siach.org.models import LedgerEntry
from siach.talk.actions.viewing import MOST_VIEWS, CannotKeep, keep_view
from siach.talk.models import SavedView
from siach.talk.queries.filters import Filters
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db
NEGATIVE = {"name": "שליליים השבוע", "sentiment": "-1", "period": "7"}


def kept(world: World, **more: str) -> SavedView:
    world.client(world.dana).post("/stream/views/keep/", NEGATIVE | more)
    return SavedView.objects.get()


@pytest.mark.parametrize(("language", "words"), [("he", "שמירת התצוגה"), ("en", "Save this view")])
def test_filters_are_kept_and_lead_back(world: World, language: str, words: str) -> None:
    world.dana.language = language
    world.dana.save()
    world.hear(said("n1", "המנורה של לומיקה גרועה, נוראית"), said("p1", "לומיקה מצוינים, תודה רבה", by="b"))
    dana = world.client(world.dana)
    assert words in dana.get("/stream/?sentiment=-1&period=7").text
    assert words not in dana.get("/stream/").text, "nothing is asked"
    view = kept(world)
    assert (view.address, view.is_shared, view.by) == ("period=7&sentiment=-1", False, world.dana)
    page = dana.get("/stream/").text
    assert view.name in page and 'href="?period=7&amp;sentiment=-1"' in page
    on = dana.get("/stream/?sentiment=-1&period=7").text
    assert 'aria-current="true"><bdi>שליליים' in on
    assert not LedgerEntry.objects.filter(name__startswith="view.").exists()


def test_ones_own_is_seen_by_nobody_else(world: World) -> None:
    view = kept(world)
    for user in (world.noam, world.yael, world.omer):
        client = world.client(user)
        assert view.name not in client.get("/stream/").text + client.get("/stream/views/").text
        for deed in ("change", "remove"):
            assert client.post(f"/stream/views/{view.pk}/{deed}/", {"name": "x"}).status_code == 404
    assert Client().get("/stream/views/").status_code == 302


def test_a_shared_one_is_the_teams_and_in_the_ledger(world: World) -> None:
    view = kept(world, share="1")
    ruth = world.join("ruth", "agent")
    for user, sees in ((ruth, True), (world.noam, True), (world.ido, False), (world.omer, False)):
        assert (view.name in world.client(user).get("/stream/views/").text) is sees
    for other in (ruth, world.ido):
        assert world.client(other).post(f"/stream/views/{view.pk}/remove/").status_code == 404, "an agent's, not theirs"
    yael = world.client(world.yael)
    yael.post(f"/stream/views/{view.pk}/change/", {"name": "תלונות", "share": "1"})
    assert SavedView.objects.get().name == "תלונות"
    yael.post(f"/stream/views/{view.pk}/remove/")
    assert not SavedView.objects.exists()
    assert list(LedgerEntry.objects.filter(name__startswith="view.").order_by("pk").values_list("name", flat=True)) == [
        "view.shared",
        "view.withdrawn",
    ]
    assert "שליליים" not in str(list(LedgerEntry.objects.values_list("facts", flat=True)))
    assert world.client(world.noam).get("/activity/").status_code == 200


def test_a_view_of_a_brand_beyond_the_readers_scope_is_left_out(world: World) -> None:
    keep_view(
        org=world.org,
        name="זר",
        screen="stream",
        address=f"brand={world.other_brand.pk}",
        is_shared=True,
        by=world.noam,
        at=NOW,
    )
    assert "נסתר" not in world.client(world.dana).get("/stream/").text


def test_what_cannot_be_kept_is_said(world: World) -> None:
    kept(world)
    dana = world.client(world.dana, "en")
    for name in (NEGATIVE["name"], "  ", "\x00"):
        assert 'class="banner alarm"' in dana.post("/stream/views/keep/", NEGATIVE | {"name": name}, follow=True).text
    more = {"org": world.org, "screen": "stream", "is_shared": False, "at": NOW}
    for n in range(MOST_VIEWS - 1):
        keep_view(name=f"v{n}", address="q=a", by=world.dana, **more)
    with pytest.raises(CannotKeep):
        keep_view(name="one more", address="q=a", by=world.dana, **more)
    with pytest.raises(CannotKeep):
        keep_view(name="long", address=Filters(q="😀" * 200).address(), by=world.noam, **more)
    view = SavedView.objects.filter(by=world.dana).first()
    assert view and dana.post(f"/stream/views/{view.pk}/explode/").status_code == 404
    dana.post(f"/stream/views/{view.pk}/remove/")
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_markup_in_a_name_is_text(world: World) -> None:
    kept(world, name="<script>alert(1)</script>")
    dana = world.client(world.dana)
    assert "<script>alert" not in dana.get("/stream/").text + dana.get("/stream/views/").text
