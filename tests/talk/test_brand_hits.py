"""A brand's own words put to the test: a text to try, and the latest hits looked through."""

import pytest
from django.urls import reverse

from siach.talk.actions.explaining import try_text
from siach.talk.models import Correction, Mention
from tests.world import World, said

pytestmark = pytest.mark.django_db


def test_a_text_that_is_tried_is_told_about_and_not_kept(world: World) -> None:
    world.brand.exclusions = ["רחוב לומיקה"]
    world.brand.save()
    assert try_text("השירות בלומיקה מזעזע", world.brand).is_about
    kept_out = try_text("גרים ברחוב לומיקה", world.brand)
    assert (kept_out.is_about, kept_out.kept_out) == (False, "exclusions")
    assert try_text("סתם יום יפה", world.brand).kept_out == ""
    client, url = world.client(world.yael), reverse("brand_try", args=[world.brand.pk])
    page = client.post(url, {"text": "השירות בלומיקה מזעזע <script>"}).text
    assert "הטקסט הוא על המותג" in page and "behind" not in page and "כל הערכים" in page and "<script>" not in page
    assert "בתוך צירוף שאינו על המותג" in client.post(url, {"text": "גרים ברחוב לומיקה"}).text
    assert not Mention.objects.exists() and client.get(url).status_code == 200
    assert url in client.get(reverse("brand_edit", args=[world.brand.pk])).text
    assert world.client(world.dana).get(url).status_code == world.client(world.omer).get(url).status_code == 404


def test_the_latest_hits_are_marked_and_tell_how_often_a_hit_is_right(world: World) -> None:
    world.hear(*(said(str(n), f"לומיקה {n}") for n in range(22)), said("reply", "ומתי?", reason="reply"))
    client, url = world.client(world.yael), reverse("brand_hits", args=[world.brand.pk])
    page = client.get(url).text
    assert page.count("<article") == 20 and "ומתי" not in page and '<mark class="mark-name">לומיקה</mark>' in page
    found = list(Mention.objects.filter(via=Mention.Via.NAMED).order_by("-said_at", "-pk")[:20])
    for n, mention in enumerate(found[:10]):
        answer = client.post(url, {"mention": mention.pk, "about": "0" if n == 3 else "1"}, headers={"HX-Request": "1"})
    assert "9 מתוך 10" in answer.text and "90%" in answer.text and "60%" in answer.text and "98%" in answer.text
    assert Mention.objects.filter(is_about=False).get() == found[3]
    assert Correction.objects.filter(field="about").count() == 10
    undo = client.post(url, {"mention": found[5].pk, "about": "0"}, follow=True)
    assert "8 מתוך 10" in undo.text and 'name="undo"' in undo.text
    assert client.post(url, {"mention": "x"}).status_code == 404
    other = reverse("brand_hits", args=[world.other_brand.pk])
    assert client.post(other, {"mention": found[0].pk}).status_code == 404
    assert world.client(world.omer).get(url).status_code == 404
