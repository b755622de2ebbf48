"""Every model of the rooms is reached by an erasure, a removal and a leaving, or stands here with its reason."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import connection, models
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.background import EXPORT, FORGET, PARTED, REMOVE
from siach.care.models import Case, Draft, Note
from siach.insight.models import PutAway, Visit
from siach.org import requests
from siach.org.models import (
    Approval,
    ApprovalComment,
    Identity,
    Invitation,
    Mail,
    Membership,
    Notice,
    NoticePreferences,
    PushSubscription,
    Shift,
    SignInLink,
    Topic,
    User,
)
from siach.org.notices import tell
from siach.org.owned import owned_models, rows_of
from siach.org.parting import part
from siach.org.removing import ask_removal, remove_due
from siach.org.seal import seal
from siach.org.teams import remove
from siach.talk.models import (
    Author,
    CaptureAddress,
    Consent,
    Correction,
    HandedIn,
    Hook,
    HookCall,
    Mention,
    Mute,
    Outgoing,
    PlaceWaiver,
    Post,
    PostMetrics,
    ReaderRun,
    RefusedRow,
    Rejudged,
    Rereading,
    Sampled,
    SavedView,
    Sighting,
    Subscription,
    Training,
)
from tests.org.test_routes import lumika as everything
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from tests.org.test_routes import Lumika

__all__ = ["everything"]

MARK = "zzq"
#: What holds nothing that an erasure must reach, and why.
NOT_OF_AUTHORS = {
    **dict.fromkeys(("CountDelta", "CountFive", "CountHour", "CountDay", "DirtyHour", "FrozenDay"), "numbers alone"),
    "PlaceWaiver": "of our own people",
    "Rereading": "numbers alone",
    "Training": "numbers, which unlearning takes away with any post that they were made from",
    **dict.fromkeys(("SourceHour", "SourceRhythm", "Rejudged"), "numbers alone"),
    **dict.fromkeys(("Deletion", "ReaderRun", "Batch", "ErasedKey", "ThreadMark", "ServedThread"), "ids and numbers"),
    **dict.fromkeys(("Org", "Brand", "Goal", "Topic", "Team", "Hold", "Privacy", "Removal", "Archive"), "of the house"),
    **dict.fromkeys(
        ("User", "Membership", "SignInLink", "Identity", "Invitation", "Mail", "Visit", "PutAway", "Shift"),
        "of our own people",
    ),
    **dict.fromkeys(("NoticePreferences", "PushSubscription", "PushKeys", "NoticeService"), "of our own people"),
    **dict.fromkeys(("Mandate", "MandateProof", "ApprovalRule", "RuleStep", "ApprovalStep"), "what was agreed"),
    **dict.fromkeys(("Asked", "ApprovalLink"), "who approves, not who is answered"),
    **dict.fromkeys(
        ("LedgerEntry", "Notice", "NoticeDelivery", "ReadLog"), "ids and codes, of whom a tombstone is left"
    ),
    **dict.fromkeys(
        ("Account", "Hook", "Source", "Subscription"), "what the brand listens with, as its people named it"
    ),
    **dict.fromkeys(("CaptureAddress", "HandedIn"), "of our own people; what waits is reached by its link and alias"),
    "Drill": "invented posts alone",
    "HookCall": "the signature of a call, for eleven minutes",
    "Thread": "a place, and the root's id, which erase_posts hides",
    "Import": "the file's own name; a file that names them goes, see forget_files",
    **dict.fromkeys(
        ("RefusedRow", "SavedView", "Approval", "ApprovalComment", "PersonRequest"), "reached by its words"
    ),
}
#: What an erasure passes over on purpose.
HELD = {"Evidence": "under a legal hold", "EvidencePicture": "under a legal hold"}
#: Codes of ours, which no stranger writes.
CODES = {"network", "reason", "subject_kind", "step", "field", "kind", "sha256", "digest", "language"}

#: What stays of a person who left every team.
STAYS = {
    "Authenticator": "it guards the account, which they may be invited into again",
    "Identity": "a way into the account",
    "EmailAddress": "the account's own",
    "Asked": "what they decided is a part of the approval",
    "ReadLog": "who looked at people is kept for as long as the law wants",
    "SignInLink": "made by whoever runs the machine, and ends within an hour",
    "SavedView": "one that they shared is the team's",
    "Mute": "one of a word is their own, of no organisation",
}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: object, settings: object) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    settings.SIACH_HOME = tmp_path  # type: ignore[attr-defined]


def ours() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("siach.")]


def keys(model: type[Model], to: type[Model]) -> list[models.ForeignKey]:
    fields = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    return [field for field in fields if field.related_model is to]


def to_author(model: type[Model]) -> str:
    """The lookup that leads to the author of what was said or answered, "" where there is none."""
    ways = {Author: "", Post: "author", Outgoing: "target__author"}
    for one in (Case, Mention, apps.get_model("talk", "Evidence")):
        ways[one] = "author" if one is not Mention else "post__author"
    if model is Author:
        return "pk"
    direct = {name: field for field in model._meta.concrete_fields if (name := field.name)}
    if model in ways:
        return ways[model]
    for to, rest in ways.items():
        for field in direct.values():
            if field.related_model is to:
                return f"{field.name}__{rest}".rstrip("_") if rest else field.name
    return ""


def texts(like: str) -> Iterator[tuple[str, str]]:
    """(table, row) of every row of every table that holds this word, but the job engine's own."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        for name in [
            one for one in [*names, "talk_rawpost"] if not one.startswith(("procrastinate_", "django_", "temp_"))
        ]:
            cursor.execute(f'SELECT t::text FROM "{name}" t WHERE t::text ILIKE %s', [f"%{like}%"])
            yield from ((name, row) for (row,) in cursor.fetchall())


def more_of(lumika: Lumika) -> Author:
    """What the walk over the routes needs none of: the rest of what can be held on a person."""
    world = lumika.world
    mention = Mention.objects.get(brand=world.brand)
    post, author, case = mention.post, mention.post.author, Case.objects.get()
    Note.objects.create(case=case, by=world.dana, text="x", at=NOW)
    Draft.objects.create(case=case, by=world.dana, kind="reply", text="x", at=NOW)
    Consent.objects.create(author=author, given=True, evidence="x", at=NOW)
    Mute.objects.create(user=world.dana, author=author, made_at=NOW)
    PlaceWaiver.objects.create(brand=world.brand, place="reddit", by=world.dana, at=NOW)
    Subscription.objects.create(
        org=world.org, network="feed", address="x", secret=seal({"secret": "x"}), made_at=NOW, due_at=NOW
    )
    HookCall.objects.create(hook=Hook.objects.get(), signature="x", at=NOW)
    PostMetrics.objects.get_or_create(post=post, defaults={"at": NOW})
    Sighting.objects.create(post=post, by=world.dana, at=NOW, text="x")
    run = ReaderRun.objects.first()
    Correction.objects.create(mention=mention, field="intent", was=1, now=2, run=run, by=world.dana, at=NOW)
    Sampled.objects.create(brand=world.brand, mention=mention, week=NOW.date(), read=0, run=run, by=world.dana)
    own = {"source": world.source, "scale": [1, 1, 1], "bias": [0, 0, 0], "fitted_on": 50}
    own_run = ReaderRun.objects.create(name="x", version="1", **own)
    Rereading.objects.create(org=world.org, run=own_run, by=world.dana, at=NOW)
    learnt = {"outcome": "force", "judged": 400, "head": b"x", "taught": [mention.pk], "at": NOW}
    Training.objects.create(source=world.source, language="he", run=own_run, **learnt)
    Rejudged.objects.get_or_create(source=world.source)
    thanks = {"subject_kind": "talk.thanks", "subject_id": 1, "account": world.account, "body": "x", "made_at": NOW}
    Outgoing.objects.create(org=world.org, brand=world.brand, target=post, by=world.dana, state="sent", **thanks)
    return author


def planted(author: Author) -> int:
    """Put the mark into every free text of every row that leads to this author; how many columns it stands in."""
    done = 0
    for model in [one for one in ours() if to_author(one)]:
        rows = model._base_manager.filter(**{to_author(model): author.pk})
        assert rows.exists(), f"nothing of {model.__name__} shows whether an erasure reaches it"
        for field in model._meta.concrete_fields:
            free = isinstance(field, models.CharField | models.TextField) and not field.choices and not field.unique
            if free and field.name not in CODES:
                for row in rows:
                    model._base_manager.filter(pk=row.pk).update(**{field.name: f"{MARK}{row.pk}"})
                    done += 1
    return done


def test_every_model_leads_to_the_author_or_is_named(db: None) -> None:
    assert {model.__name__ for model in ours() if not to_author(model)} == set(NOT_OF_AUTHORS)


def test_an_erasure_reaches_every_text_that_leads_to_a_person(everything: Lumika) -> None:
    world, author = everything.world, more_of(everything)
    job = apps.get_model("talk", "Import").objects.get()
    RefusedRow.objects.create(job=job, row=3, reason="text", cells=[f"@{MARK}name", "x"])
    SavedView.objects.create(org=world.org, by=world.dana, name="x", address=f"q={MARK}name", made_at=NOW)
    Mute.objects.create(user=world.dana, word=f"{MARK}name", made_at=NOW)
    assert planted(author) > 15
    Author.objects.filter(pk=author.pk).update(handle=f"{MARK}name")
    Approval.objects.update(reason=MARK)
    ApprovalComment.objects.create(approval=Approval.objects.get(), text=MARK, at=NOW)
    held = {apps.get_model("talk", name)._meta.db_table for name in HELD}
    assert len({table for table, _row in texts(MARK)} - held) > 10
    made = requests.take_up(org=world.org, kind="erasure", people=[author.pk], asked="x", by=world.noam, at=NOW)
    requests.carry_out(request=made, by=world.noam, at=NOW)
    requests.run(request_id=made.pk, export=EXPORT, forget=FORGET, at=NOW)
    left = {table for table, _row in texts(MARK)}
    assert left <= held, left
    assert set(Outgoing.objects.values_list("body", flat=True)) == {""}


def test_words_that_no_case_made_are_told_and_erased(world: World) -> None:
    world.hear(said("root", "לומיקה יפה", by="zohar"))
    post = Post.objects.get()
    told = {"subject_kind": "talk.thanks", "subject_id": 1, "account": world.account, "made_at": NOW}
    for state, body in (("sent", "תודה זוהר"), ("queued", "עוד מילה לזוהר")):
        Outgoing.objects.create(org=world.org, brand=world.brand, target=post, state=state, body=body, **told)
    ours_heard = said("ours", "תודה זוהר", by="lumika", parent="root", root="root")
    world.hear(ours_heard)
    Author.objects.filter(handle="lumika.test").update(is_ours=True)
    for kind in ("access", "erasure"):
        made = requests.take_up(org=world.org, kind=kind, people=[post.author_id], asked="x", by=world.noam, at=NOW)
        requests.carry_out(request=made, by=world.noam, at=NOW)
        requests.run(request_id=made.pk, export=EXPORT, forget=FORGET, at=NOW)
        made.refresh_from_db()
        if kind == "access":
            assert [one["text"] for one in made.report["words"]] == ["תודה זוהר", "עוד מילה לזוהר"]
            page = world.client(world.noam).get(f"/settings/privacy/requests/{made.pk}/").text
            assert "עוד מילה לזוהר" in page and "דברים נוספים" in page
    assert made.outcome["words"] == 2 and list(texts("זוהר")) == []
    assert list(Outgoing.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "withdrawn"]


# --- an organisation is removed, a person leaves -------------------------------------------------------------------


def theirs(world: World, who: User) -> None:
    """One of everything that belongs to a person of ours."""
    author, brand = Author.objects.get(handle="customer.test"), world.brand
    facts = {"org": world.org, "subject": Case.objects.get(), "url": ("inbox", {}), "at": NOW}
    tell("case.assigned", to=[who], level=3, brand=brand, **facts)
    Draft.objects.get_or_create(case=Case.objects.get(), by=who, kind="note", defaults={"text": "x", "at": NOW})
    Mute.objects.get_or_create(user=who, author=author, defaults={"made_at": NOW})
    Mute.objects.create(user=who, word="מבצע", made_at=NOW)
    for name, is_shared in (("שלי", False), ("שלנו", True)):
        SavedView.objects.create(org=world.org, by=who, name=name, address="", is_shared=is_shared, made_at=NOW)
    CaptureAddress.objects.create(user=who, digest=f"c{who.pk}", made_at=NOW)
    HandedIn.objects.create(user=who, at=NOW, told={"text": "x"})
    Visit.objects.create(user=who, brand=brand, seen_at=NOW)
    PutAway.objects.create(user=who, brand=brand, what="steps", at=NOW)
    hours = {"day": NOW.date(), "begins": time(8), "ends": time(9), "made_at": NOW}
    Shift.objects.create(brand=brand, user=who, **hours)
    Shift.objects.create(brand=brand, user=world.yael, deputy=who, **hours)
    topic, _new = Topic.objects.get_or_create(brand=brand, name="שלי")
    NoticePreferences.objects.create(user=who, brands_off=[brand.pk], topics_off=[topic.pk])
    PushSubscription.objects.create(user=who, endpoint=f"https://push.example/{who.pk}-x", sealed=b"", made_at=NOW)
    Identity.objects.create(user=who, issuer="https://id.example", subject=f"{who.pk}", made_at=NOW)
    Authenticator.objects.create(user=who, type="recovery_codes", data={})
    SignInLink.objects.create(digest=f"{who.pk}", user=who, made_at=NOW, expires_at=NOW)
    mail = {"to": who.email, "subject": "x", "language": "he", "sealed": b"", "made_at": NOW, "due_at": NOW}
    for org, state in ((world.org, "sent"), (None, "sent"), (None, "queued")):
        Mail.objects.create(org=org, state=state, **mail)
    team = Membership.objects.get(user=who).team
    Invitation.objects.create(
        org=world.org, team=team, role="agent", email=who.email, digest=f"i{who.pk}", made_at=NOW, expires_at=NOW,
        used_at=NOW,
    )  # fmt: skip
    world.client(who).get("/inbox/")


def of_person(who: User) -> set[str]:
    """The kinds of rows that a person's going takes along with it, or that bear their address."""
    found = {
        model.__name__
        for model in apps.get_models()
        for key in keys(model, User)
        if key.remote_field.on_delete is models.CASCADE and model._base_manager.filter(**{key.name: who}).exists()
    }
    named = {Mail: "to", Invitation: "email"}
    return found | {model.__name__ for model, field in named.items() if model.objects.filter(**{field: who.email})}


def test_a_removed_organisation_leaves_nothing_of_itself_or_its_people(everything: Lumika) -> None:
    world = everything.world
    more_of(everything)
    theirs(world, world.dana)
    people = [world.dana, world.noam, world.yael]
    bare = {model.__name__ for model, path in owned_models() if not rows_of(model, path, world.org).exists()}
    assert bare <= {"CountFive", "CountHour", "CountDay", "DirtyHour", "FrozenDay", "Removal", "Deletion", "ReadLog",
                    "ErasedKey", "RefusedRow", "Goal", "Privacy", "NoticeDelivery", "ApprovalComment",
                    "ThreadMark", "ServedThread", "CountDelta", "SourceRhythm"}, bare  # fmt: skip
    ask_removal(org=world.org, name=world.org.name, by=world.noam, at=NOW)
    assert remove_due(REMOVE, at=NOW + timedelta(days=8)) == 1
    for model, path in owned_models():
        assert not rows_of(model, path, world.org).exists(), model
    assert not User.objects.filter(pk__in=[one.pk for one in people]).exists()
    for who in people:
        assert of_person(who) == set() and list(texts(who.email)) == [], who


def test_whoever_leaves_takes_what_was_theirs_alone(everything: Lumika) -> None:
    world, dana = everything.world, everything.world.dana
    theirs(world, dana)
    before = of_person(dana)
    known = {
        model.__name__
        for model in apps.get_models()
        for key in keys(model, User)
        if key.remote_field.on_delete is models.CASCADE
    }
    assert known - before <= {"Asked", "ReadLog", "EmailAddress"}, known - before
    client = world.client(dana)
    assert client.get("/inbox/").status_code == 200
    remove(member=Membership.objects.get(user=dana), by=world.noam, at=NOW)
    assert ProcrastinateJob.objects.filter(task_name="member_left", args={"user": dana.pk}).exists()
    part(user_id=dana.pk, steps=PARTED, at=NOW)
    assert of_person(dana) <= set(STAYS) | {"Mail"}, of_person(dana)
    assert not Mail.objects.filter(to=dana.email, org=world.org).exists()
    assert list(SavedView.objects.filter(by=dana).values_list("is_shared", flat=True)) == [True]
    assert list(Mute.objects.filter(user=dana).values_list("word", flat=True)) == ["מבצע"]
    assert Shift.objects.get(deputy=None, user=world.yael, begins=time(8), ends=time(9)).brand == world.brand
    assert client.get("/account/sign-in/").status_code == 302 and not UserSession.objects.filter(user=dana).exists()


def test_whoever_leaves_one_of_two_teams_keeps_what_they_still_see(everything: Lumika) -> None:
    world, ido = everything.world, everything.world.ido
    theirs(world, ido)
    Membership.objects.create(user=ido, team=world.org.teams.get(), role="agent")
    remove(member=Membership.objects.get(user=ido, team=world.agency_team), by=world.noam, at=NOW)
    part(user_id=ido.pk, steps=PARTED, at=NOW)
    assert Notice.objects.filter(user=ido).exists() and Draft.objects.filter(by=ido).exists()
    assert Visit.objects.filter(user=ido).exists() and PutAway.objects.filter(user=ido).exists()
    assert Shift.objects.filter(user=ido).exists()
    kept = NoticePreferences.objects.get(user=ido)
    assert (kept.brands_off, kept.topics_off) == ([world.brand.pk], [Topic.objects.get(name="שלי").pk])
    assert PushSubscription.objects.filter(user=ido).exists() and UserSession.objects.filter(user=ido).exists()
