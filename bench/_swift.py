"""How quick and how big the embedded reader is, on one core, in a process of its own that has read nothing yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from bench.figures import Figure

COMMAND = "./siach bench language"
_BRANDS, _POSTS = 50, 6_000
_CHILD = """
import json, resource, sys, time
from datetime import datetime, UTC
began = time.process_time()
from siach.language import readers
from siach.language.reading import BrandNames
reader = readers.load("linear")
reader.read(["שלום"], [None])
start = time.process_time() - began
from siach.world.making import make
world = make(11, datetime(2026, 11, 24, tzinfo=UTC), posts=%(posts)d)
texts = [one.text for one in world.said]
ends = ("ילנור", "רמיטל", "שקדון", "ופזית", "לגורן")
names = ["אלומה", *(f"{one}{two}" for one in "ברגדלנמפקטש" for two in ends)][:%(brands)d]
brands = [BrandNames(at, name, (name + " בע\\"מ",)) for at, name in enumerate(names)]
from siach.language.match import Matcher
matcher = Matcher(brands)
told = {"start": start}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for pass_ in ("cold", "warm"):
    began = time.process_time()
    for at in range(0, len(texts), 500):
        some = texts[at : at + 500]
        reader.read(some, [None] * len(some))
    told["read " + pass_] = len(texts) / (time.process_time() - began)
for pass_ in ("match", "all"):
    began = time.process_time()
    for at in range(0, len(texts), 500):
        some = texts[at : at + 500]
        found = matcher.find_many(some)
        if pass_ == "all":
            reader.read(some, [brands[0] if one else None for one in found])
    told[pass_] = len(texts) / (time.process_time() - began)
print(json.dumps(told))
"""
_MEMORY = """
import json, resource
from siach.language import readers
reader = readers.load("linear")
for text in ("שלום", "hello", "привет", "مرحبا"):
    reader.read([text] * 300, [None] * 300)
print(json.dumps({"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def figures() -> Iterator[Figure]:
    """Posts are those of the demo world: 20 words and their like, Hebrew above all."""
    told = _in_child(_CHILD % {"posts": _POSTS, "brands": _BRANDS})
    yield Figure("posts read a second, first pass", round(told["read cold"]), "posts/s", 5000, COMMAND)
    yield Figure("posts read a second, second pass", round(told["read warm"]), "posts/s", None, COMMAND)
    yield Figure(f"posts matched a second, {_BRANDS} brands", round(told["match"]), "posts/s", 10000, COMMAND)
    took = round(1000 / told["all"], 3)
    yield Figure("clean, match and read a post, all heads", took, "ms", 0.15, COMMAND, more_is_better=False)
    yield Figure("the reader's start", round(told["start"], 2), "s", 1, COMMAND, more_is_better=False)
    memory = round(_in_child(_MEMORY)["memory"])
    yield Figure("memory of a process that reads four languages", memory, "MB", 200, COMMAND, more_is_better=False)
    yield Figure("weights in all", round(_weight(), 2), "MB", 12, COMMAND, more_is_better=False)


def _weight() -> float:
    from importlib.resources import files

    return sum(file.stat().st_size for file in _paths(files("siach.language.weights"))) / 1e6  # type: ignore[attr-defined]


def _paths(folder: object) -> list[object]:
    return [file for file in folder.iterdir() if file.name.endswith((".npz", ".bin"))]  # type: ignore[attr-defined]


def _in_child(code: str) -> dict[str, float]:
    alone = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run([sys.executable, "-c", code], env=alone, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))
