"""One post's trip over a real server that speaks Mastodon's API: connected by the page, heard, answered, taken down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from siach.care import actions as care
from siach.care.models import Case
from siach.talk.actions import looking, sending
from siach.talk.models import Account, Look, Outgoing, Post, Source
from tests.networks.bluesky_server.server import wait_for
from tests.networks.snac_server.server import Snac
from tests.snac import Scene
from tests.talk.mastodon import connected, heard
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_private_complaint_is_answered_in_private_and_goes_when_it_is_taken_down(
    world: World, snac: list[Snac], scene: Scene, settings: object, tmp_path: object
) -> None:
    settings.SIACH_HOME = tmp_path  # type: ignore[attr-defined]
    account = connected(world, snac[0])
    source = account.sources.get(kind=Source.Kind.MENTIONS)
    Source.objects.filter(pk=source.pk).update(connected_at=timezone.now() - timedelta(hours=1))
    world.at = timezone.now()
    key = scene.uri("complaint")
    post = wait_for(lambda: heard(world, source, key), "the complaint is heard")
    case = Case.objects.get(author=post.author)
    assert (case.author.external_id, post.parent.author.is_ours) == (scene.far.uri, True)
    assert post.is_private, "what followers alone were told is for those who answer"

    page, dana = reverse("case", args=[case.pk]), world.client(world.dana)
    shown = dana.get(f"{page}?to={post.pk}").text
    assert "מענה פרטי (Mastodon)" in shown and "מענה פומבי" not in shown
    public = Post.objects.get(key=scene.uri("answer"))
    assert not public.is_private and Post.objects.get(key=scene.uri("order")).is_private
    shown = dana.get(f"{page}?to={public.pk}").text
    assert "מענה פומבי" in shown and "מענה פרטי" not in shown
    assert f'<option value="{post.pk}"' not in shown, "what is private is not answered by a public composer"
    with override("he"), pytest.raises(care.CannotAnswer, match="רק את מי שמשתתפים בה"):
        care.answer(case=case, post=post, body="מעבירים אל @other@x.example", by=world.dana, at=timezone.now())
    reply = care.answer(case=case, post=post, body="סליחה, בודקים עכשיו", by=world.dana, at=timezone.now())
    Outgoing.objects.update(not_before=timezone.now())
    sending.send(outgoing_id=reply.outgoing_id, at=timezone.now())
    reply.outgoing.refresh_from_db()
    assert (reply.outgoing.state, reply.outgoing.error) == ("sent", "")
    assert scene.brand.ask("GET", reply.outgoing.url.removeprefix(snac[0].url)).status_code != 200, "it is not public"

    scene.far.ask("DELETE", f"/api/v1/statuses/{scene.said['complaint']['id']}").raise_for_status()
    wait_for(lambda: gone(account, post), "the complaint is gone")
    post.refresh_from_db()
    assert (post.state, post.text) == ("erased", "") and post.gone_at is not None
    shown = dana.get(f"{page}?to={post.pk}").text
    assert "הוסר ברשת" in shown and "שבורה" not in shown and "מענה פרטי" not in shown


def gone(account: Account, post: Post) -> int:
    Look.objects.filter(post=post).update(due_at=timezone.now())
    return looking.look(account_id=account.pk, at=timezone.now())
