"""All that is held on a person: the parts of an access report that stand in this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from siach.org.keeping import RULES, days_of
from siach.org.rights import orgs_for
from siach.talk.models import Author, Consent, Evidence, Mention, Post, PostMetrics, RefusedRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import Org, User

MOST_FOUND = 30


def people_for(user: User) -> QuerySet[Author]:
    """The authors of organisations in which this person handles privacy."""
    return Author.objects.filter(org__in=orgs_for(user, "privacy.manage"), is_ours=False)


def find_people(user: User, asked: str) -> list[Author]:
    """Authors by handle, name, id, or the link of one of their posts; the exact ones first."""
    words = asked.strip()
    if not words:
        return []
    mine = people_for(user)
    if words.startswith(("http://", "https://")):
        by_link = Post.objects.filter(org__in=orgs_for(user, "privacy.manage"), url=words)
        exact = Q(pk__in=by_link.values("author")) | Q(pk__in=_by_profile(user, words).values("pk"))
        return list(mine.filter(exact).order_by("pk")[:MOST_FOUND])
    handle = words.lstrip("@")
    exact = Q(handle__iexact=handle) | Q(external_id=words) | Q(name__iexact=words)
    found = list(mine.filter(exact).order_by("pk")[:MOST_FOUND])
    near = mine.filter(Q(handle__istartswith=handle) | Q(name__istartswith=words)).exclude(
        pk__in=[one.pk for one in found]
    )
    return [*found, *near.order_by("pk")[: MOST_FOUND - len(found)]]


def _by_profile(user: User, link: str) -> QuerySet[Author]:
    """Whoever's handle or id is a part of the link's path."""
    parts = [part.lstrip("@") for part in link.split("?")[0].split("/")[3:] if len(part) > 2]
    return people_for(user).filter(Q(handle__in=parts) | Q(external_id__in=parts))


def names_of_people(org: Org, people: Collection[int]) -> set[str]:
    """How these people stand in a file: their ids and handles, folded."""
    authors = Author.objects.filter(org=org, pk__in=people)
    words = {word for author in authors for word in (author.external_id, author.handle)}
    return {word.lstrip("@").casefold() for word in words if len(word) > 1}


def is_named(cells: Collection[object], named: set[str]) -> bool:
    """Whether a cell of a row is one of these names."""
    return bool(named.intersection(str(cell).strip().lstrip("@").casefold() for cell in cells))


def tell_author(org: Org, people: Collection[int], *, at: datetime) -> dict[str, Any]:
    """EXPORT: who they are to us, and until when."""
    days = days_of(org)
    return {
        "made_at": at.isoformat(),
        "keep": days,
        "authors": [
            {
                "network": one.network,
                "id": one.external_id,
                "handle": one.handle,
                "name": one.name,
                "followers": one.followers,
                "part": one.part,
                "part_evidence": one.part_evidence,
                "part_until": one.part_until.isoformat() if one.part_until else None,
                "closed_place": one.is_closed,
            }
            for one in Author.objects.filter(org=org, pk__in=people).order_by("pk")
        ],
        "consents": [
            {"given": one.given, "evidence": one.evidence, "at": one.at.isoformat()}
            for one in Consent.objects.filter(author__org=org, author__in=people).order_by("pk")
        ],
    }


def tell_posts(org: Org, people: Collection[int], *, at: datetime) -> dict[str, Any]:
    """EXPORT: what they said, where it came from, how it was read, and the network's own payload where it stands."""
    posts = list(
        Post.objects.filter(org=org, author__in=people)
        .select_related("source", "thread")
        .prefetch_related("media", "sightings")
        .defer("words", "target")
        .order_by("said_at", "pk")
    )
    pks = [post.pk for post in posts]
    read, numbers, raw = _read(pks), _numbers(pks), _payloads(pks)
    return {
        "posts": [
            {
                "network": post.network,
                "link": post.url,
                "place": post.thread.place,
                "said_at": post.said_at.isoformat(),
                "arrived_at": post.taken_at.isoformat(),
                "from": post.source.kind if post.source else "",
                "text": post.text,
                "later": [{"at": one.at.isoformat(), "text": one.text} for one in post.sightings.all() if one.text],
                "read_as": read.get(post.pk, []),
                "numbers": numbers.get(post.pk),
                "pictures": [picture.sha256 for picture in post.media.all()],
                "payload": raw.get(post.pk),
            }
            for post in posts
        ]
    }


def _read(posts: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for one in Mention.objects.filter(post__in=posts).select_related("brand").order_by("pk"):
        found.setdefault(one.post_id, []).append(
            {
                "brand": one.brand.name,
                "sentiment": Mention.Sentiment(one.sentiment).name.lower(),
                "intent": Mention.Intent(one.intent).name.lower(),
                "corrected": one.corrected_by_id is not None,
            }
        )
    return found


def _numbers(posts: Collection[int]) -> dict[int, dict[str, Any]]:
    rows = PostMetrics.objects.filter(post__in=posts).order_by("post", "-at").distinct("post")
    return {
        one.post_id: {"likes": one.likes, "comments": one.comments, "shares": one.shares, "views": one.views}
        for one in rows
    }


def _payloads(posts: Collection[int]) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT post_id, payload::text FROM talk_rawpost WHERE post_id = ANY(%s)", [list(posts)])
        return dict(cursor.fetchall())


def tell_kept(org: Org, people: Collection[int], *, at: datetime) -> dict[str, Any]:
    """EXPORT: copies under a legal hold, which an erasure passes over, and rows of files that name them."""
    named = names_of_people(org, people)
    held = Evidence.objects.filter(org=org, author__in=people).order_by("pk")
    rows = RefusedRow.objects.filter(job__org=org).select_related("job").iterator()
    return {
        "evidence": [
            {
                "link": one.copy.get("link", ""),
                "text": one.copy.get("text", ""),
                "kept_at": one.at.isoformat(),
                "held": one.released_at is None,
                "review_on": one.review_on.isoformat(),
                "digest": one.digest,
            }
            for one in held
        ],
        "rows": [
            {"file": row.job.name, "row": row.row, "cells": row.cells} for row in rows if is_named(row.cells, named)
        ],
    }


def told(report: dict[str, Any]) -> dict[str, Any]:
    """A stored report with its times read and its kinds of keeping beside their days, for a page."""
    posts = [
        {**post, "said": parse_datetime(post["said_at"]), "arrived": parse_datetime(post["arrived_at"])}
        for post in report.get("posts", [])
    ]
    days = report.get("keep", {})
    keep = [(rule.label, days[kind], rule.since) for kind, rule in RULES.items() if kind in days]
    evidence = [{**one, "kept": parse_datetime(one["kept_at"])} for one in report.get("evidence", [])]
    cases = [
        {
            **case,
            "opened": parse_datetime(case["opened_at"]),
            "replies": [{**one, "when": parse_datetime(one["at"])} for one in case["replies"]],
            "notes": [{**one, "when": parse_datetime(one["at"])} for one in case["notes"]],
        }
        for case in report.get("cases", [])
    ]
    made = parse_datetime(report.get("made_at", ""))
    return report | {"posts": posts, "keep": keep, "evidence": evidence, "cases": cases, "made": made}
