"""An account on a real server that speaks Mastodon's API, connected and listened with as the product does it."""

from __future__ import annotations

import re
from html import unescape

from django.urls import reverse
from django.utils import timezone

from siach.talk.actions import listening
from siach.talk.models import Account, Post, Source
from tests.networks.snac_server.server import Snac
from tests.world import World


def connected(world: World, server: Snac) -> Account:
    """The brand's account, connected as its manager does it: the server's name, its page, the code."""
    client, where = world.client(world.yael), reverse("connect_network", args=["mastodon"])
    page = client.post(where, {"f_server": server.url, "f_token": ""}).text
    link = re.search(r'href="([^"]+/oauth/authorize[^"]*)"', page)
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert link is not None and kept is not None
    code = server.code(unescape(link[1]), "brand")
    assert client.post(where, {"kept": kept[1], "code": code}).url == reverse("sources")
    return Account.objects.get(network="mastodon")


def heard(world: World, source: Source, key: str) -> Post | None:
    Source.objects.filter(pk=source.pk).update(due_at=timezone.now())
    listening.listen(source_id=source.pk, at=timezone.now())
    world.carry()
    return Post.objects.filter(key=key).first()
