"""Settings: brands and their names, goals, people and rights."""

from __future__ import annotations

import pytest

from siach.org.models import Brand, Goal, LedgerEntry
from siach.org.queries import RIGHT_WORDS, rights_by_role, rights_table
from siach.org.rights import RIGHTS
from tests.world import World

NASTY = "<script>alert(1)</script>\u202e\x00"


def test_settings_show_brands_people_and_rights(world: World) -> None:
    page = world.client(world.noam).get("/settings/").text
    for word in ("לומיקה", "Lumika", "ברוניל", "Dana", "dana@example.test"):
        assert word in page
    assert "Omer" not in page and "פרוטל" not in page


def test_the_rights_table_knows_every_right() -> None:
    assert set(RIGHT_WORDS) == set(RIGHTS)


def test_the_rights_stand_by_role_as_in_the_table(world: World) -> None:
    roles, rows = rights_table()
    table = [(role, [row.words for row in rows if row.held[n]]) for n, role in enumerate(roles)]
    assert rights_by_role() == table
    page = world.client(world.noam).get("/settings/").text
    assert page.count("<details", page.index("rights-roles"), page.index("rights-wide")) == len(roles)


def test_names_and_exclusions_are_changed(world: World) -> None:
    client = world.client(world.noam)
    address = f"/settings/brands/{world.brand.pk}/"
    given = {"names": "Lumika\n  לומיקה ישראל \n\nLumika", "exclusions": "רחוב לומיקה"}
    given |= {"required": "מנורה\nאור", "forbidden": "קיבוץ"}
    assert client.post(address, given).headers["Location"] == address
    world.brand.refresh_from_db()
    assert world.brand.names == ["לומיקה", "Lumika", "לומיקה ישראל"]
    assert world.brand.exclusions == ["רחוב לומיקה"]
    assert (world.brand.required, world.brand.forbidden) == (["מנורה", "אור"], ["קיבוץ"])
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.name, entry.by, entry.subject_id) == ("brand.names_changed", world.noam, world.brand.pk)
    assert "רחוב לומיקה" in client.get(address).text


def test_too_long_a_line_is_refused_and_kept(world: World) -> None:
    page = world.client(world.noam).post(f"/settings/brands/{world.brand.pk}/", {"names": "א" * 121})
    assert page.status_code == 422 and "א" * 121 in page.text and "120" in page.text
    many = "\n".join(f"name {n}" for n in range(201))
    assert world.client(world.noam).post(f"/settings/brands/{world.brand.pk}/", {"names": many}).status_code == 422


def test_goals_are_set_and_bounded(world: World) -> None:
    client = world.client(world.noam)
    address = f"/settings/brands/{world.brand.pk}/goals/"
    given = {"preserve-target": "70", "improve-target": "-20", "serve-target": "90", "serve-aim": "מהר"}
    assert client.post(address, given).status_code == 302
    kept = dict(Goal.objects.filter(brand=world.brand).values_list("layer", "target"))
    assert kept == {"preserve": 70, "improve": -20, "serve": 90}
    assert client.post(address, given | {"improve-target": "-101"}).status_code == 422
    assert client.post(address, given | {"serve-target": "many"}).status_code == 422
    assert Goal.objects.get(brand=world.brand, layer="improve").target == -20


def test_a_rival_has_no_goals(world: World) -> None:
    client = world.client(world.noam)
    assert "serve-target" not in client.get(f"/settings/brands/{world.rival.pk}/").text
    assert client.post(f"/settings/brands/{world.rival.pk}/goals/", {}).status_code == 404


def test_a_brand_is_added_once(world: World) -> None:
    client = world.client(world.noam)
    address = f"/settings/new-brand/{world.org.pk}/"
    given = {"kind": "rival", "name": "אורית", "names": "Orit", "languages": ["he"]}
    assert client.get(f"{address}?kind=rival").status_code == 200
    assert client.post(address, given).status_code == 302
    made = Brand.objects.get(name="אורית")
    assert (made.kind, made.names, made.org) == ("rival", ["אורית", "Orit"], world.org)
    assert client.post(address, given).status_code == 422
    assert client.post(address, given | {"name": " ", "kind": "own"}).status_code == 422


def test_nasty_names_stand_escaped(world: World) -> None:
    client = world.client(world.noam)
    answer = client.post(f"/settings/brands/{world.brand.pk}/", {"names": NASTY.replace("\x00", "")})
    assert answer.status_code == 302
    for address in ("/settings/", f"/settings/brands/{world.brand.pk}/"):
        assert "<script>alert" not in client.get(address).text
    assert client.post(f"/settings/brands/{world.brand.pk}/", {"names": NASTY}).status_code == 422


@pytest.mark.parametrize("who", ["omer", "dana"])
def test_nobody_else_changes_a_brand(world: World, who: str) -> None:
    client = world.client(getattr(world, who))
    before = world.brand.names
    assert client.post(f"/settings/brands/{world.brand.pk}/", {"names": "Mine"}).status_code == 404
    assert client.post(f"/settings/new-brand/{world.org.pk}/", {"name": "Mine"}).status_code == 404
    world.brand.refresh_from_db()
    assert world.brand.names == before
