"""What part an answer takes: by the kind of what is answered, and of what began the thread."""

from __future__ import annotations

from collections.abc import Container
from random import Random

from siach.world.draft import Draft
from siach.world.words import TOLD, section_of, sections

#: Kinds that are answered alike; a kind that is not here is its own family.
_FAMILY = {
    "soldout": "soldout",
    "late": "late",
    "delivery_down": "late",
    "small": "price",
    "price_anger": "price",
    "price_root": "price",
    "price_news": "price",
    "thing": "thing",
    "waste": "waste",
    "bin_like": "bin_like",
    "bin_news": "bin_root",
    "bin_mp": "bin_root",
    "bin_anger": "bin_root",
    "holiday_bad": "stale",
    "allergy": "allergy",
    "sesame_ask": "sesame_root",
    "sesame_anger": "sesame_root",
    "sesame_calm": "sesame_root",
    "sesame_wait": "sesame_root",
    "weather_rain": "weather",
    "weather_heat": "weather",
    "rival_good": "rival_talk",
    "rival_bad": "rival_talk",
    "both": "rival_talk",
    "campaign": "rival_talk",
    "holiday_praise": "holiday_talk",
    "value_post": "values",
    "rank_root": "rank",
}
_Parts = tuple[tuple[str, float], ...]
_BY_INTENT: dict[str, _Parts] = {
    "complaint": (
        ("agree", 32),
        ("sympathy", 18),
        ("advice", 14),
        ("defend", 11),
        ("?", 12),
        ("joke", 8),
        ("troll", 3),
    ),
    "praise": (("agree", 66), ("?", 16), ("disagree", 10)),
    "question": (("answer", 66), ("agree", 15), ("joke", 3)),
    "other": (("react", 74), ("?", 14), ("disagree", 3)),
}
_BY_FAMILY: dict[str, _Parts] = {
    "price": (("agree", 46), ("joke", 14), ("sympathy", 12), ("defend", 12), ("advice", 8), ("ask", 7), ("troll", 4)),
    **{
        f"brand_{one}": (("react", 48), ("brand_post/react", 22), ("brand_post/ask", 16), ("brand_post/gripe", 12))
        for one in ("bake", "notice", "neighbour")
    },
    "brand_poll": (("react", 90), ("brand_post/gripe", 8)),
    "brand_tip": (("react", 80), ("brand_post/react", 10), ("brand_post/gripe", 8)),
    "gripe": (("reply", 100),),
    "answer": (("op:question/thanks", 45), ("nod/react", 55)),
    "react": (("nod/react", 100),),
    "joke": (("laugh/react", 80), ("nod/react", 20)),
    "sympathy": (("op:op/support", 55), ("complaint/agree", 25), ("nod/react", 20)),
    "said": (("nod/react", 100),),
    "brand_first": (("agree", 80), ("bin_root/agree", 20)),
    "brand_sorry": (("react", 72), ("doubt", 22)),
    "bin_root": (("agree", 80), ("doubt", 11), ("bin_anger/defend", 4), ("complaint/troll", 3)),
    "bin_calm": (("brand_sorry/react", 60), ("brand_sorry/doubt", 20)),
    "bin_defend": (("defend/agree", 40), ("bin_root/agree", 40), ("bin_root/doubt", 20)),
    "bin_like": (("sympathy", 76), ("ask", 18)),
    "sesame_root": (("agree", 58), ("sesame_anger", 14), ("sesame_ask", 14), ("sesame_calm", 14)),
    "old_video": (("agree", 56), ("doubt", 44)),
    "old_video_true": (("agree", 74), ("doubt", 26)),
    "coupon_warn": (("agree", 100),),
    "close_rumour": (("agree", 66), ("doubt", 34)),
    "video_q": (("old_video/doubt", 70), ("question/agree", 18), ("old_video/agree", 12)),
    "rumour_q": (("answer", 80), ("close_rumour/agree", 20)),
    "rival_talk": (("react", 100),),
    "spam": (("react", 100),),
    "waste": (("agree", 60), ("bin_like/sympathy", 40)),
    "defend": (("reply", 60), ("agree", 40)),
    **dict.fromkeys(
        ("bread", "memory", "rank", "friday", "weather", "holiday_talk"), (("react", 66), ("other/react", 34))
    ),
    "job_ad": (("react", 100),),
}
#: Families that speak in their own words only: the words of their intent would not fit.
_OWN = {"recipe", "jobs", "where", "price_q", "holiday_q", "rumour_q", "coupon_q", "values", "taste", "place"}
#: Families whose answers by the brand are of their own, and never those for any complaint.
_ALONE = {"price", "bin_root", "thing", "label", "allergy", "fake"}
_OWN_PARTS = {"answer"}
#: What is asked under a post, and what whoever wrote it says to that.
_ASKS: dict[str, tuple[str, ...]] = {
    "complaint": ("where", "when", "told", "told", "photo"),
    "praise": ("where", "price", "what", "food"),
    "other": ("where", "what", "price"),
}
SAYS = {"defend": "advocate", "troll": "troll"}


def family(draft: Draft) -> str:
    """The name under which answers to a draft stand; an answer belongs to the family of its thread."""
    root = draft.root or draft
    return _FAMILY.get(root.kind, root.kind)


def part_of(rng: Random, parent: Draft, root: Draft) -> tuple[str, str]:
    """The section of an answer, and who says it: `op` (who began), advocate, troll, or "" for anybody."""
    asked = parent.kind.partition("/ask-")[2]
    if asked:
        return f"any/op-{asked}", "op"
    if parent.kind.endswith("/advice"):
        return "question/thanks", "op"
    if root.language not in TOLD:
        return _foreign(rng, parent), ""
    intent = section_of(root.language, parent.kind).intent
    name = _spoken_to(parent, root, intent)
    parts = _BY_FAMILY.get(name) or _BY_INTENT[intent]
    part = rng.choices([one for one, _ in parts], [share for _, share in parts])[0]
    if part.startswith("op:"):
        return part[3:], "op"
    if part == "?":
        return f"any/ask-{rng.choice(_ASKS[intent])}", ""
    return _named(rng, name, part, intent, sections(root.language)), SAYS.get(part, "")


def most_of(root: Draft) -> int:
    """How long a thread may grow, so that it need not say the same twice."""
    name, intent = family(root), section_of(root.language, root.kind).intent
    known = sections(root.language)
    own = sum(len(known[one].lines) for one in known if one.startswith(f"{name}/"))
    plain = (
        0 if name in ("spam", "job_ad") else sum(len(known[one].lines) for one in known if one.startswith(f"{intent}/"))
    )
    most = own + plain // (3 if intent == "complaint" else 5)
    return {"spam": 2, "rival_talk": min(14, most), "bread": min(18, most)}.get(name, most)


def _spoken_to(parent: Draft, root: Draft, intent: str) -> str:
    """The name under which answers to this very post stand."""
    if parent is root:
        return family(parent)
    part = parent.kind.rpartition("/")[2]
    if part.startswith("op-") or part in ("support", "thanks", "reply", "still", "brand", "brand_bad"):
        return "said"
    if part in ("defend", "gripe", "answer", "react", "joke", "sympathy"):
        return "react" if part == "sympathy" and section_of(root.language, root.kind).intent != "complaint" else part
    same = intent == section_of(root.language, root.kind).intent
    return family(parent) if same or family(parent) in _BY_FAMILY else intent


def _named(rng: Random, name: str, part: str, intent: str, known: Container[str]) -> str:
    """The section of a part among those that the language has: the family's own, that of the intent, or a nod."""
    if part in known:
        return part
    own, plain = f"{name}/{part}", f"{intent}/{part}"
    if own in known and (plain not in known or rng.random() < 0.6 or _is_alone(name, part)):
        return own
    return plain if plain in known else "other/react"


def _is_alone(name: str, part: str) -> bool:
    return name in _BY_FAMILY or (name in _OWN and part in _OWN_PARTS)


def _foreign(rng: Random, parent: Draft) -> str:
    """In languages with shorter lists an answer knows the intent alone."""
    intent = section_of(parent.language, parent.kind).intent
    wanted = {
        "complaint": ("agree", "agree", "sympathy", "defend", "ask"),
        "praise": ("agree", "agree", "disagree"),
        "question": ("answer",),
        "other": ("react",),
    }[intent]
    kind = rng.choice(wanted)
    part, own = f"{intent}/{kind}", f"{family(parent)}/{kind}"
    is_told = (parent.root or parent).kind in sections(parent.language)
    if is_told and intent == "complaint" and f"{family(parent)}/agree" in sections(parent.language):
        return own if own in sections(parent.language) else f"{family(parent)}/agree"
    return part if part in sections(parent.language) else f"{intent}/agree" if intent != "other" else "other/react"


def brand_part(rng: Random, root: Draft, *, is_good: bool) -> str:
    """The section of what the brand answers, well or by rote."""
    intent = section_of(root.language, root.kind).intent
    part = "brand" if is_good or intent != "complaint" else "brand_bad"
    own = f"{family(root)}/{part}"
    alone = family(root) in _ALONE or intent == "question"
    return own if own in sections(root.language) and (alone or rng.random() < 0.6) else f"{intent}/{part}"


def reply_to_brand(rng: Random, root: Draft, *, is_good: bool) -> str:
    """The section of what a customer says to the brand's answer; "" where they say nothing."""
    intent = section_of(root.language, root.kind).intent
    part, likely = ("thanks", 0.46) if is_good else ("still", 0.5)
    if intent == "praise" or rng.random() > likely:
        return ""
    known = sections(root.language)
    own, plain = f"{family(root)}/{part}", f"{intent}/{part}"
    if own in known:
        return own
    return plain if plain in known and family(root) not in _ALONE else ""
