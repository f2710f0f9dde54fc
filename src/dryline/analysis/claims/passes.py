"""Claims about passes on the road: for the lead, and for the places that a car then kept."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Claim, Section
from dryline.analysis.claims.lead import COLUMNS, taken
from dryline.analysis.claims.result import certainty, classes
from dryline.analysis.claims.tables import Ground, Tables, quoted, slug

MOST_LEAD, KEPT = 3, (2, 3)


def passes(tables: Tables) -> Iterator[Claim]:
    """Passes for a class's lead before the last change of it, then for second and third place."""
    if "laps" not in tables or "leaders" not in tables:
        return
    for name in classes(tables):
        yield from _for_the_lead(tables, name)
        for place in KEPT:
            yield from _for_a_place(tables, name, place)


def _for_the_lead(tables: Tables, name: str) -> Iterator[Claim]:
    changes = tables.ask(
        f"select lap, from_car, car_number from leaders where scope = {quoted(name)} "
        "and from_car <> car_number order by lap desc"
    )
    found = 0
    for row in changes.rows[1:]:
        claim = _passed(tables, name, row["car_number"], row["from_car"], row["lap"], 1)
        if claim is not None:
            found += 1
            yield claim
        if found == MOST_LEAD:
            return


def _for_a_place(tables: Tables, name: str, place: int) -> Iterator[Claim]:
    """The pass on the road by which a car took its final place for good, where it was one."""
    final = tables.ask(
        "select car_number from classification where "
        f"car_class = {quoted(name)} and position_in_class = {place}"
    )
    if not final.rows or not final.rows[0]["car_number"]:
        return
    car = quoted(final.rows[0]["car_number"])
    held = tables.ask(
        f"select lap, car_number from laps where car_class = {quoted(name)} and "
        f"position_in_class = {place} and car_number <> {car} order by lap desc limit 1"
    )
    if not held.rows:
        return
    row = held.rows[0]
    claim = _passed(
        tables, name, final.rows[0]["car_number"], row["car_number"], row["lap"] + 1, place
    )
    if claim is not None:
        yield claim


def _passed(tables: Tables, name: str, car: str, other: str, lap: int, place: int) -> Claim | None:
    """A pass of ``other`` by ``car`` on ``lap``; ``None`` where it was none on the road."""
    there = [_lap(tables, number, lap) for number in (other, car)]
    before = _lap(tables, other, lap - 1)
    if not there[0].rows or not there[1].rows:
        return None
    old, new = there[0].rows[0], there[1].rows[0]
    how = taken(before.rows, there[0].rows, there[1].rows)
    if how["how"] != "road" or how["sector"] is None or new["in_lap"] or new["out_lap"]:
        return None
    if old["position_in_class"] <= place or new["position_in_class"] != place:
        return None
    return Claim(
        id=f"pass-{slug(name)}-{place}-{lap}",
        kind="road_pass",
        section=Section.LEAD if place == 1 and name == classes(tables)[0] else Section.CLASSES,
        values={
            "car_number": car, "driver": new["driver"], "other": other,
            "other_driver": old["driver"], "lap": lap, "at_ms": new["elapsed_ms"],
            "sector": how["sector"], "place": place, "car_class": name,
        },
        grounds=(*there, before),
        importance=0.4 if place == 1 else 0.35,
        certainty=certainty(tables),
        car_class=name,
        at_ms=new["elapsed_ms"],
    )  # fmt: skip


def _lap(tables: Tables, car: str, lap: int) -> Ground:
    return tables.ask(
        f"select driver, position_in_class, {COLUMNS} from laps where "
        f"car_number = {quoted(car)} and lap = {lap}"
    )
