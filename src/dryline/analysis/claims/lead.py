"""Claims about the lead: how often it changed, who held it, and how it was taken for good."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Claim, Section
from dryline.analysis.claims.result import certainty, classes
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted, slug

MOST_NAMED = 4
COLUMNS = "lap, start_ms, elapsed_ms, s1_ms, s2_ms, s3_ms, in_lap, out_lap, under"


def leading(tables: Tables) -> Iterator[Claim]:
    """The lead of the race, then of each class but the winner's own."""
    if "leaders" not in tables:
        return
    winner = tables.ask("select car_class from classification where position = 1").rows
    yield from _of(tables, "*", None)
    for name in classes(tables):
        alone = tables.ask(
            f"select count(*) as cars from classification where car_class = {quoted(name)}"
        )
        if winner and name != winner[0]["car_class"] and alone.rows[0]["cars"] > 1:
            yield from _of(tables, name, name)


def _of(tables: Tables, scope: str, car_class: str | None) -> Iterator[Claim]:
    where = f"scope = {quoted(scope)}"
    prefix = "" if car_class is None else f"{slug(car_class)}-"
    place = "position" if car_class is None else "position_in_class"
    mine = f"{place} = 1" + ("" if car_class is None else f" and car_class = {quoted(car_class)}")
    winner = tables.ask(f"select car_number from classification where {mine}")
    led = tables.ask(
        f"select car_number, count(*) as laps_led from leaders where {where} "
        "group by car_number order by laps_led desc, car_number"
    )
    if not winner.rows or not led.rows:
        return
    changes = tables.ask(
        f"select count(*) as changes from leaders where {where} and from_car <> car_number"
    )
    if len(led.rows) > 1:
        yield Claim(
            id=f"{prefix}laps-led",
            kind="laps_led",
            section=Section.LEAD if car_class is None else Section.CLASSES,
            values={
                "led": [dict(row) for row in led.rows[:MOST_NAMED]],
                "leaders": len(led.rows),
                "laps": sum(row["laps_led"] for row in led.rows),
                "changes": changes.rows[0]["changes"],
                "winner": winner.rows[0]["car_number"],
                "car_class": car_class,
            },
            grounds=(led, changes, winner),
            importance=0.6 if car_class is None else 0.35,
            certainty=certainty(tables),
            car_class=car_class,
        )
    yield from _for_good(tables, where, winner, prefix, car_class)


def _for_good(
    tables: Tables, where: str, winner: Ground, prefix: str, car_class: str | None
) -> Iterator[Claim]:
    car = winner.rows[0]["car_number"]
    last = tables.ask(
        "select lap, at_ms, from_car, car_number, driver from leaders where "
        f"{where} and from_car <> car_number order by lap desc limit 1"
    )
    section = Section.LEAD if car_class is None else Section.CLASSES
    if not last.rows:
        yield _unled(tables, where, car, section, car_class, prefix)
        return
    row = last.rows[0]
    if row["car_number"] != car:
        return  # the decisions moved the win: the penalties tell it
    there = [_lap(tables, number, row["lap"]) for number in (row["from_car"], car)]
    before = _lap(tables, row["from_car"], row["lap"] - 1)
    how = taken(before.rows, there[0].rows, there[1].rows)
    whole = tables.ask(f"select laps, team from classification where car_number = {quoted(car)}")
    late = (whole.rows[0]["laps"] or 0) - row["lap"] <= 1
    yield Claim(
        id=f"{prefix}lead-for-good",
        kind="lead_for_good",
        section=section,
        values={**row, **how, **whole.rows[0], "car_class": car_class},
        grounds=(last, *there, before, whole),
        importance=0.85 if car_class is None else 0.65 if late else 0.5,
        certainty=certainty(tables),
        car_class=car_class,
        at_ms=row["at_ms"],
    )


def _unled(
    tables: Tables, where: str, car: str, section: Section, car_class: str | None, prefix: str
) -> Claim:
    ground = tables.ask(
        f"select car_number, count(*) as laps_led from leaders where {where} group by car_number"
    )
    return Claim(
        id=f"{prefix}led-throughout",
        kind="led_throughout",
        section=section,
        values={"car_number": car, "laps": ground.rows[0]["laps_led"], "car_class": car_class},
        grounds=(ground,),
        importance=0.85 if car_class is None else 0.5,
        certainty=certainty(tables),
        car_class=car_class,
    )


def orders(tables: Tables) -> Iterator[Claim]:
    """Who was first, second and third of the first class after a lap, and at half distance."""
    if "laps" not in tables:
        return
    whole = tables.ask("select laps, car_class from classification where position = 1")
    if not whole.rows or not whole.rows[0]["laps"]:
        return
    name, laps = whole.rows[0]["car_class"], whole.rows[0]["laps"]
    for which, lap in (("first", 1), ("half", laps // 2)):
        front = tables.ask(
            "select car_number, team, lap, elapsed_ms, position_in_class as place from laps where "
            f"car_class = {quoted(name)} and lap = {lap} and position_in_class <= 3 order by place"
        )
        if [row["place"] for row in front.rows] != [1, 2, 3]:
            continue
        yield Claim(
            f"order-{which}", "order_at", Section.LEAD,
            {
                "lap": lap, "half": which == "half", "cars": [dict(row) for row in front.rows],
                "ahead_ms": front.rows[1]["elapsed_ms"] - front.rows[0]["elapsed_ms"],
            },
            (front, whole), importance=0.33 if which == "half" else 0.31,
            certainty=certainty(tables),
        )  # fmt: skip


def _lap(tables: Tables, car: str, lap: int) -> Ground:
    return tables.ask(
        f"select {COLUMNS} from laps where car_number = {quoted(car)} and lap = {lap}"
    )


def taken(before: tuple[Row, ...], old: tuple[Row, ...], new: tuple[Row, ...]) -> Row:
    """How the lead changed on a lap: in the pits, under a neutralisation, or in which sector."""
    if not old or not new:
        return {"how": "gone", "sector": None, "under": None}
    stopped = old[0]["in_lap"] or old[0]["out_lap"] or (bool(before) and before[0]["in_lap"])
    if stopped:
        return {"how": "pits", "sector": None, "under": old[0]["under"]}
    if old[0]["under"] != "green":
        return {"how": "neutralised", "sector": None, "under": old[0]["under"]}
    return {"how": "road", "sector": passed_in(old[0], new[0]), "under": None}


def passed_in(old: Row, new: Row) -> int | None:
    """The first sector at whose end the new leader was in front; ``None`` where untold."""
    parts = ("s1_ms", "s2_ms", "s3_ms")
    if any(row[part] is None for row in (old, new) for part in parts):
        return None
    at_old, at_new = old["start_ms"], new["start_ms"]
    if at_new <= at_old:
        return None
    for sector, part in enumerate(parts, start=1):
        at_old, at_new = at_old + old[part], at_new + new[part]
        if at_new < at_old:
            return sector
    return None
