"""A large body of talk for the figures of pages: a year of it, made inside the database and kept outside the checkout.

Sentences are put together here, read by the product's own reader and split by its own splitter; PostgreSQL then makes
posts of them, with words of a long tail, answers, cases and counts. Payloads (RawPost) are left out: no page reads one.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.figures import folder_of, founded, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siach.language.reading import BrandNames

SKELETONS = 4_000
VOCABULARY = 50_000
DAYS = 365
FRESH = timedelta(days=2)
NEEDED = 2_000  # bytes of disk a post
FEWER = 3_000_000
#: In one post of a hundred; in one of twenty, and of two letters; in some dozens of posts of ten million.
COMMON, SHORT, RARE = "אחריות", "גז", "זנדרון"
_OPENINGS = {
    "chatter": ("ראיתי היום מנורה של {brand} אצל חברה", "עברתי ליד החנות של {brand}", "A friend showed me {brand}"),
    "praise": ("חייבים לפרגן ל{brand} על השירות", "כל הכבוד ל{brand}", "I love my new lamp from {brand}"),
    "complaint": ("{brand} שוב איחרו במשלוח", "המנורה שקניתי ב{brand} הגיעה שבורה", "אכזבה גדולה מ{brand}"),
    "question": ("האם ל{brand} יש סניף בחיפה?", "מישהו יודע מתי {brand} פותחים?"),
}
_SHARES = {"chatter": 78, "praise": 12, "complaint": 6, "question": 4}
_MIDDLES = (
    *("בדרך הביתה מהעבודה", "עם הילדים בקניון הגדול", "ואחר כך נסענו לים", "on the way to work", "ליד השולחן בסלון"),
    *("אחרי ארוחת הצהריים", "כשירד גשם חזק", "לפני החג", "והמוכרת חייכה אלינו", "אבל לא קנינו שום דבר הפעם"),
    *("ושאלתי את השכנה מה דעתה", "בסוף חזרנו באוטובוס", "and we stayed for coffee", "כי הישנה נשרפה לנו"),
)
_LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
_TABLES = ("talk_author", "talk_thread", "talk_post", "talk_postmetrics", "talk_mention", "care_case")


def fitting(count: int) -> int:
    """How many posts there is room for: `count`, or three million, which is said."""
    if count <= FEWER or _noted(count) or shutil.disk_usage(folder_of("").parent).free > count * NEEDED:
        return count
    print(f"The disk has no room for {count:,} posts: measured with {FEWER:,}.", flush=True)
    return FEWER


@contextmanager
def body(count: int) -> Iterator[dict[str, Any]]:
    """The database with `count` posts, made anew where there is none of these days. Gives what was
    noted when it was made: `seconds` it took, `reader` (a person's email) and `bytes` on disk."""
    folder = folder_of(f"posts-{count}")
    if not _noted(count):
        shutil.rmtree(folder, ignore_errors=True)
    with serving(folder):
        note = _noted(count) or _make(count)
        (folder / "made.json").write_text(json.dumps(note))
        yield note


def _noted(count: int) -> dict[str, Any] | None:
    """What was noted of a body that can be used again."""
    try:
        note: dict[str, Any] = json.loads((folder_of(f"posts-{count}") / "made.json").read_text())
    except (OSError, ValueError):
        return None
    young = datetime.now(UTC) - datetime.fromisoformat(note["at"]) < FRESH
    return note if young else None


def _make(count: int) -> dict[str, Any]:
    from django.db import connection, transaction

    from siach.org.models import Membership, Team, User

    at, began = datetime.now(UTC), time.perf_counter()
    brand, source = founded()
    user = User.objects.create_user("reader@example.test", None, name="Reader")
    team = Team.objects.create(org=brand.org, name="team")  # type: ignore[attr-defined]
    Membership.objects.create(user=user, team=team, role=Membership.Role.OWNER)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SET session_replication_role = replica"
        )
        with transaction.atomic():
            again = _without_indexes(cursor)
            _load_sentences(brand.org_id)  # type: ignore[attr-defined]
            values = {
                "count": count,
                "org": brand.org_id,  # type: ignore[attr-defined]
                "brand": brand.pk,  # type: ignore[attr-defined]
                "source": source.pk,  # type: ignore[attr-defined]
                "run": _run(),
                "at": at,
                "step": timedelta(days=DAYS) / count,
                "authors": max(10, count // 3),
            }
            for statement in _FILL:
                cursor.execute(statement, values)
            for statement in again:
                cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    seconds = time.perf_counter() - began
    return {"at": at.isoformat(), "seconds": seconds, "reader": user.email, "bytes": size}


def _without_indexes(cursor: Any) -> list[str]:
    """Take the indexes off, but primary keys, and return what makes them again: a table is filled faster without."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'u' AND conrelid::regclass::text = ANY(%s)",
        [list(_TABLES)],
    )
    unique = cursor.fetchall()
    for table, name, _definition in unique:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%_pkey'",
        [list(_TABLES)],
    )
    plain = cursor.fetchall()
    for name, _definition in plain:
        cursor.execute(f"DROP INDEX {name}")
    made = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in unique]
    return made + [definition for _name, definition in plain]


def _run() -> int:
    from siach.talk.actions.reading import current_run

    return current_run().pk


def _load_sentences(org: int) -> None:
    """`temp_skeleton`: sentences with their lexemes and readings; `temp_tail`: words that few posts hold."""
    from siach.language.clean import detect_language
    from siach.language.match import Matcher
    from siach.language.search import search_terms
    from siach.talk import bulk
    from siach.talk.actions.naming import brands_of
    from siach.talk.actions.reading import codes, read

    rng = random.Random(7)
    brands = brands_of(org)
    texts = [_sentence(rng, list(brands.values())) for _ in range(SKELETONS)]
    found = [
        min((match.brand for match in matches), default=None)
        for matches in Matcher(list(brands.values())).find_many(texts)
    ]
    readings = read(texts, [brands.get(brand or 0) for brand in found])
    rows = zip(texts, found, readings, strict=True)
    bulk.load(
        "temp_skeleton",
        "n bigint, brand bigint, language text, text text, words text, sentiment int2, negative int2, positive int2, "
        "intent int2, urgency int2, is_safety bool, confidence int2, signs bigint",
        (
            (n, brand, detect_language(text), text, " ".join(search_terms(text)), *codes(reading))
            for n, (text, brand, reading) in enumerate(rows)
        ),
    )
    words = {"".join(rng.choices(_LETTERS, k=rng.randint(4, 8))) for _ in range(VOCABULARY)}
    bulk.load(
        "temp_tail",
        "n bigint, text text, words text",
        ((n, one, " ".join(search_terms(one))) for n, one in enumerate(sorted(words))),
    )
    kept = ((one, " ".join(search_terms(one))) for one in (COMMON, SHORT, RARE))
    bulk.load("temp_kept", "text text, words text", kept)
    bulk.rows("ANALYZE temp_skeleton")
    bulk.rows("ANALYZE temp_tail")


def _sentence(rng: random.Random, brands: list[BrandNames]) -> str:
    """Nine in ten name a brand, seven of them ours."""
    kind = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
    brand = rng.choices([*brands, None], [70, *[20 / (len(brands) - 1)] * (len(brands) - 1), 10])[0]
    opening = rng.choice(_OPENINGS[kind]).format(brand=brand.name if brand else "החנות ההיא")
    return " ".join([opening, *rng.sample(_MIDDLES, k=rng.randint(1, 3))])


_ROOT = "CASE WHEN g % 5 = 0 THEN g - 1 - abs(hashint8extended(g, 4)) % 4 ELSE g END"
_SAID = "%(at)s::timestamptz - (%(count)s - g) * %(step)s::interval"
_SKELETON = f"JOIN temp_skeleton s ON s.n = abs(hashint8extended(g, 1)) % {SKELETONS}"
# The rank of a word of the tail is drawn so that each rank is as much rarer as it is lower.
_TAIL = (
    "JOIN temp_tail t ON t.n = floor(exp(((hashint8extended(g, 2) & 16777215) / 16777216.0) "
    "* ln((SELECT count(*) FROM temp_tail))))::bigint - 1"
)
_KEPT = f"""
LEFT JOIN temp_kept k ON k.text = CASE WHEN g % 100 = 37 THEN '{COMMON}' WHEN g % 20 = 11 THEN '{SHORT}'
                                      WHEN g % 200003 = 5 THEN '{RARE}' END
"""
_FILL = (
    """
    INSERT INTO talk_author (id, org_id, network, external_id, handle, name, followers, is_ours, is_closed, part,
        part_evidence)
    SELECT g, %(org)s, 'bluesky', 'did:' || g, g || '.test', 'אדם ' || g, g %% 5000, false, false, 'unknown', ''
    FROM generate_series(1, %(authors)s) g
    """,
    """
    INSERT INTO talk_thread (id, org_id, network, key, place, is_closed)
    SELECT g, %(org)s, 'bluesky', 'seed-' || g, '', false FROM generate_series(1, %(count)s) g WHERE g %% 5 <> 0
    """,
    f"""
    INSERT INTO talk_post (id, org_id, network, key, url, author_id, thread_id, parent_id, parent_key, source_id, text,
        is_cut, language, reason, target, is_live, is_late, state, said_at, heard_at, taken_at, words)
    SELECT g, %(org)s, 'bluesky', 'seed-' || g, 'https://social.example/' || g,
        1 + abs(hashint8extended(g, 3)) % %(authors)s, {_ROOT}, CASE WHEN g % 5 = 0 THEN {_ROOT} END,
        CASE WHEN g % 5 = 0 THEN 'seed-' || {_ROOT} ELSE '' END, %(source)s,
        concat_ws(' ', s.text, t.text, k.text, g), false, s.language, 'search', jsonb_build_object('uri', 'seed-' || g),
        true, false, 'heard', {_SAID}, {_SAID} + interval '1 minute', {_SAID} + interval '1 minute',
        array_to_tsvector(string_to_array(concat_ws(' ', s.words, t.words, k.words, g), ' '))
    FROM generate_series(1, %(count)s) g {_SKELETON} {_TAIL} {_KEPT}
    """.replace(" % ", " %% "),
    """
    INSERT INTO talk_postmetrics (id, post_id, at, likes, shares, comments)
    SELECT g, g, %(at)s, g %% 7, g %% 2, g %% 3 FROM generate_series(3, %(count)s, 3) g
    """,
    f"""
    INSERT INTO talk_mention (id, org_id, brand_id, post_id, network, said_at, heard_at, is_live, via, sentiment,
        negative, positive, intent, urgency, is_safety, confidence, signs, run_id)
    SELECT g, %(org)s, s.brand, g, 'bluesky', {_SAID}, {_SAID} + interval '1 minute', true, 1, s.sentiment, s.negative,
        s.positive, s.intent, s.urgency, s.is_safety, s.confidence, s.signs, %(run)s
    FROM generate_series(1, %(count)s) g {_SKELETON} WHERE s.brand IS NOT NULL
    """.replace(" % ", " %% "),
    """
    INSERT INTO care_case (org_id, brand_id, author_id, thread_id, post_id, last_post_id, state, intent, priority,
        opened_by, opened_at, waiting_since, due_at, resolved_at, topics)
    SELECT m.org_id, m.brand_id, p.author_id, p.thread_id, p.id, p.id,
        CASE WHEN waits THEN 'new' ELSE 'resolved' END, m.intent, 4, 'rule', m.heard_at,
        CASE WHEN waits THEN m.heard_at END, CASE WHEN waits THEN m.heard_at + interval '4 hours' END,
        CASE WHEN NOT waits THEN m.heard_at + interval '1 hour' END, '{}'
    FROM talk_mention m JOIN talk_post p ON p.id = m.post_id
    CROSS JOIN LATERAL (SELECT m.id > %(count)s - 20000 AS waits) w
    WHERE m.brand_id = %(brand)s AND m.intent = 1 AND m.id %% 2 = 0
    """,
    *(
        f"""
        INSERT INTO {table} (brand_id, {column}, network, sentiment, intent, n)
        SELECT m.brand_id, {slot}, m.network, m.sentiment, m.intent, count(*) FROM talk_mention m
        JOIN org_brand b ON b.id = m.brand_id WHERE m.said_at >= %(at)s - interval '{days} days' GROUP BY 1, 2, 3, 4, 5
        """
        for table, column, slot, days in (
            ("talk_countday", "day", "(m.said_at AT TIME ZONE b.zone)::date", 4000),
            ("talk_counthour", "slot", "date_trunc('hour', m.said_at, 'UTC')", 400),
            ("talk_countfive", "slot", "date_bin('5 minutes', m.said_at, '2000-01-01+00')", 35),
        )
    ),
    *(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %(count)s + 1)"
        for table in ("talk_author", "talk_thread", "talk_post", "talk_postmetrics", "talk_mention")
    ),
)
