"""Claims about single cars: fastest laps, recoveries, and where the missing were last seen."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Claim, Section
from dryline.analysis.claims.result import certainty, classes
from dryline.analysis.claims.tables import Row, Tables, quoted, slug

LEAST_GAINED, BEST_PLACE, MOST_RECOVERIES, MOST_MISSING = 5, 5, 5, 40
CHECKPOINTS = (0.25, 0.5, 0.75)


def fastest_laps(tables: Tables) -> Iterator[Claim]:
    """The quickest lap of each class; the first class has the race's where it is quickest."""
    if "laps" not in tables:
        return
    names = classes(tables)
    for name in names:
        ground = tables.ask(
            "select car_number, team, driver, lap, lap_time_ms, elapsed_ms, car_class from laps "
            f"where car_class = {quoted(name)} and lap > 1 and lap_time_ms is not null "
            "order by lap_time_ms, elapsed_ms limit 1"
        )
        if not ground.rows:
            continue
        yield Claim(
            id=f"{slug(name)}-fastest-lap",
            kind="fastest_lap",
            section=Section.PACE,
            values={**ground.rows[0], "only_class": len(names) == 1},
            grounds=(ground,),
            importance=0.3 if name == names[0] else 0.25,
            certainty=certainty(tables),
            car_class=name,
            at_ms=ground.rows[0]["elapsed_ms"],
        )


def recoveries(tables: Tables) -> Iterator[Claim]:
    """Cars that finished in their class's first five, five places and more above an earlier one."""
    if "laps" not in tables:
        return
    distance = tables.ask("select max(laps) as laps from classification").rows[0]["laps"]
    front = tables.ask(
        "select car_number, team, car_class, position_in_class from classification "
        f"where position_in_class <= {BEST_PLACE}"
    )
    found = [claim for row in front.rows if (claim := _recovery(tables, row, distance))]
    found.sort(key=lambda claim: claim.values["position_in_class"] - claim.values["place"])
    yield from found[:MOST_RECOVERIES]


def most_gained(tables: Tables) -> Iterator[Claim]:
    """In a race of one class, who won most places after the first lap, where that is a handful."""
    if "laps" not in tables or len(classes(tables)) != 1:
        return
    ground = tables.ask(
        "select l.car_number, c.team, c.position_in_class, l.position_in_class as place, "
        "l.position_in_class - c.position_in_class as gained, l.elapsed_ms from laps l "
        "join classification c on l.car_number = c.car_number where l.lap = 1 and "
        "c.position_in_class is not null order by gained desc, c.position_in_class limit 2"
    )
    if not ground.rows or (ground.rows[0]["gained"] or 0) < LEAST_GAINED:
        return
    row = ground.rows[0]
    if row["position_in_class"] <= BEST_PLACE or row["gained"] == ground.rows[-1]["gained"]:
        return  # a recovery, or not alone
    yield Claim(
        "most-gained", "most_gained", Section.RECOVERIES, dict(row), (ground,), importance=0.28,
        certainty=certainty(tables), car_class=classes(tables)[0], at_ms=row["elapsed_ms"],
    )  # fmt: skip


def _recovery(tables: Tables, row: Row, distance: int) -> Claim | None:
    car = quoted(row["car_number"])
    marks = ", ".join(str(lap) for lap in [1, *(round(distance * at) for at in CHECKPOINTS)])
    worst = tables.ask(
        "select lap, position_in_class as place, elapsed_ms from laps where "
        f"car_number = {car} and lap in ({marks}) order by place desc, lap desc limit 1"
    )
    if not worst.rows or worst.rows[0]["place"] - row["position_in_class"] < LEAST_GAINED:
        return None
    final = tables.ask(
        f"select position_in_class, team, car_class from classification where car_number = {car}"
    )
    low = worst.rows[0]
    return Claim(
        id=f"recovery-{slug(row['car_number'])}",
        kind="recovery",
        section=Section.RECOVERIES,
        values={**row, **low},
        grounds=(worst, final),
        importance=_worth(low["place"], row["position_in_class"]),
        certainty=certainty(tables),
        car_class=row["car_class"],
        at_ms=low["elapsed_ms"],
    )


def _worth(place: int, final: int) -> float:
    """A class's win from behind is told first; the rest by the places won."""
    return 0.6 if final == 1 else min(0.2 + 0.025 * (place - final), 0.54)


def last_seen(tables: Tables) -> Iterator[Claim]:
    """Cars that did not cross the line at or after the winner's finish."""
    race = tables.ask("select finish_ms from race").rows[0]
    if "laps" not in tables or race["finish_ms"] is None:
        return
    missing = tables.ask(
        "select car_number from classification where at_the_end not in ('finished', 'running') "
        "order by laps desc"
    )
    for row in missing.rows[:MOST_MISSING]:
        yield _missing(tables, row["car_number"])
    if len(missing.rows) > MOST_MISSING:
        yield Claim(
            "missing-others", "missing_others", Section.RETIREMENTS,
            {"cars": [each["car_number"] for each in missing.rows[MOST_MISSING:]]}, (missing,),
            importance=0.1, certainty=certainty(tables),
        )  # fmt: skip


def _missing(tables: Tables, car: str) -> Claim:
    seen = tables.ask(
        "select car_number, team, driver, lap, elapsed_ms, in_pit, position_in_class, car_class "
        f"from laps where car_number = {quoted(car)} order by elapsed_ms desc limit 1"
    )
    row = seen.rows[0]
    return Claim(
        f"last-seen-{slug(car)}", "last_seen", Section.RETIREMENTS, dict(row), (seen,),
        importance=0.2, certainty=certainty(tables), car_class=row["car_class"],
        at_ms=row["elapsed_ms"],
    )  # fmt: skip
