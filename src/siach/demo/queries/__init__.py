"""Whether a demo stands, how far it is loaded, and what became of its drills."""

from siach.demo.queries.standing import (
    Progress,
    Wanted,
    Ways,
    beside,
    demo_org,
    demo_orgs,
    founds,
    in_view,
    is_going,
    is_loaded,
    owner_of,
    progress,
    team,
    wanted,
    ways,
)

__all__ = [
    "Progress",
    "Wanted",
    "Ways",
    "beside",
    "demo_org",
    "demo_orgs",
    "founds",
    "in_view",
    "is_going",
    "is_loaded",
    "owner_of",
    "progress",
    "team",
    "wanted",
    "ways",
]
