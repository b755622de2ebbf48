"""A brand's own words put to the test: a text to try, and the latest hits looked through."""

import re

import pytest
from django.urls import reverse

from siach.language.reading import BrandNames
from siach.org.actions import add_brand
from siach.talk.actions import naming
from siach.talk.actions.explaining import try_text
from siach.talk.actions.marking import correct
from siach.talk.actions.naming import Mark, leanings_of
from siach.talk.actions.reading import read_own
from siach.talk.actions.understanding import reread
from siach.talk.models import Batch, Correction, DirtyHour, Mention
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


def test_a_text_that_is_tried_is_told_about_and_not_kept(world: World) -> None:
    world.brand.exclusions = ["רחוב לומיקה"]
    world.brand.save()
    assert try_text("השירות בלומיקה מזעזע", world.brand).is_named
    assert not try_text("גרים ברחוב לומיקה", world.brand).is_named
    client, url = world.client(world.yael), reverse("brand_try", args=[world.brand.pk])
    page = client.post(url, {"text": "השירות בלומיקה מזעזע <script>"}).text
    assert "הטקסט הוא על המותג" in page and "behind" not in page and "כל הערכים" in page and "<script>" not in page
    assert "בתוך צירוף שאינו על המותג" in client.post(url, {"text": "גרים ברחוב לומיקה"}).text
    assert "לא נמצא בו שם" in client.post(url, {"text": "סתם יום יפה"}).text
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


TOLD = {
    "חזרתי ללומיקולה": "לומיקולה, אחרי ל; שם חד־משמעי",
    "#תודהלומיקולה": "לומיקולה, בתוך תגית ארוכה יותר; שם חד־משמעי",
    "@lumikola מתי?": "@lumikola, כשם משתמש; שם חד־משמעי",
    "בית הקפה נמרוד": "בית הקפה נמרוד, עם ה״א הידיעה בפנים, השם בית קפה נמרוד; שם חד־משמעי",
    "#ביתקפהנמרוד": "ביתקפהנמרוד, כתגית, כמילה אחת, השם בית קפה נמרוד; שם חד־משמעי",
    "קניתי בלומיקלה": "לומיקלה, אחרי ב, בכתיב אחר, השם לומיקולה; שם חד־משמעי",
    "lumikola איחרו": "lumikola, באותיות של שפה אחרת, השם לומיקולה; שם חד־משמעי",
    "kunheukv איחרו": "kunheukv, בהקלדה כשהמקלדת בשפה אחרת, השם לומיקולה; שם חד־משמעי",
    "קניתי בלומיכולה": "לומיכולה, אחרי ב, עם שגיאת הקלדה, השם לומיקולה; שם חד־משמעי",
    "המחירים של זרם עלו": "זרם, ככתבו; בהקשר: של, המחירים (97%)",
    "לומיקולה: הזרם נפסק": "זרם, אחרי ה; לצד שם חד־משמעי אחר של המותג",
    "עברנו לביתזרם": "לא נמצא בו שם של המותג.",
    "הזרם בנהר, מזג אוויר": "זרם, אחרי ה; לצד מילה שמעידה שמדובר בדבר אחר: נהר",
    "זרם ים תיכוני": "זרם, ככתבו; בתוך צירוף שאינו על המותג",
    "בכל רגע נתון הזרם חזק": "זרם, אחרי ה; ההקשר אינו מעיד שהכוונה למותג: בכל (18%, ונדרשים 60%)",
}


def test_a_text_that_is_tried_says_how_it_names_the_brand_and_what_decided(world: World) -> None:
    names = ["בית קפה נמרוד", "לומיקולה", "@lumikola"]
    brand = add_brand(org=world.org, name="זרם", names=names, by=world.noam, at=NOW)
    brand.forbidden, brand.exclusions = ["נהר"], ["זרם ים"]
    brand.save()
    client, url = world.client(world.yael), reverse("brand_try", args=[brand.pk])
    for text, told in TOLD.items():
        page = client.post(url, {"text": text}).text
        assert told in re.sub(r"</?bdi[^>]*>", "", page), re.findall("<p><bdi>.*", page)
    brand.required = ["חשמל"]
    brand.save()
    for text, told in (("חיבור חשמל בזרם", "עם מילה שמעידה שהכוונה למותג: חשמל"), ("זרם חזק", "ללא אף אחת מהמילים")):
        assert told in re.sub(r"</?bdi[^>]*>", "", client.post(url, {"text": text}).text)


def test_ten_noes_make_an_ambiguous_name_stricter_and_take_no_mention_away(
    world: World, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    brand = add_brand(org=world.org, name="זרם", by=world.noam, at=NOW)
    weak, strong = "מתח גבוה וזרם ישר", "הנציג של זרם לא חזר אליי"
    world.hear(*(said(str(n), weak) for n in range(10)), said("strong", strong))
    assert Mention.objects.filter(brand=brand).count() == 11
    for mention in Mention.objects.filter(brand=brand).exclude(post__key="strong"):
        correct(mention=mention, field="about", value=0, by=world.yael, at=NOW)
    assert not try_text(weak, brand).is_named and try_text(strong, brand).is_named
    monkeypatch.setattr(naming, "bulk", None)
    with django_assert_num_queries(1):
        naming.brands_and_matcher(world.org.pk)
    monkeypatch.undo()
    world.hear(said("weak", weak), said("again", strong), said("clear", "לומיקה"))
    kept = Mention.objects.filter(post__key__in=("weak", "again", "clear")).values_list("post__key", flat=True)
    assert set(kept) == {"again", "clear"}
    correct(mention=Mention.objects.get(post__key="0"), field="about", value=1, by=world.yael, at=NOW)
    Batch.objects.update(step=0, done_at=None)
    world.carry()
    DirtyHour.objects.all().delete()
    assert reread(read_own([mention.pk for mention in Mention.objects.filter(brand=brand)])) > 0
    assert Mention.objects.filter(brand=brand).count() == 12
    first = Mention.objects.get(post__key="0")
    page = world.client(world.yael).get(reverse("why", args=[first.pk])).text
    assert first.is_about and "ההקשר אינו מעיד" in page and "הפוסט נשאר" in page


def test_a_clear_name_is_doubted_only_when_most_of_its_hits_were_wrong() -> None:
    brands = [BrandNames(1, "לומיקה")]
    wrong = [Mark(1, f"לומיקה אמרה לי {n}", False) for n in range(10)]
    assert leanings_of([], brands) == leanings_of(wrong[:9], brands) == {}
    assert leanings_of([*wrong, *(Mark(1, "לומיקה", None) for _ in range(20))], brands) == {}
    assert leanings_of(wrong, brands)[1, "לומיקה"] < -1


def test_what_was_passed_over_holds_a_name_where_it_is() -> None:
    brands = [BrandNames(1, "זרם"), BrandNames(2, "אלומה")]
    wrong = [Mark(1, "שילמתי לזרם", False)] * 5
    alone = leanings_of(wrong, brands)[1, "זרם"]
    beside = leanings_of([*wrong, *[Mark(1, "עברתי לזרם", None)] * 10], brands)[1, "זרם"]
    assert alone < beside < 0 and leanings_of([Mark(2, "שילמתי לזרם", False)], brands) == {}
