"""Claims about the result: who won, by how much, who was at the wheel, every class."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted, slug

PLACED = "position, car_number, car_class, team, vehicle, crew, laps"
MAKE = "case when vehicle is null then manufacturer end as manufacturer"
PODIUM, FEW_CLASSES = 3, 4
GAPS = "class_gap_laps, class_gap_ms, gap_text"


def result(tables: Tables) -> Iterator[Claim]:
    """Winner, drivers at the flag, margins, then each class."""
    known = certainty(tables)
    race = tables.ask("select name from race")
    won = tables.ask(f"select {PLACED}, {MAKE} from classification where position = 1")
    if not won.rows:
        return
    first = won.rows[0]
    disputed = _disputed(tables, first["car_number"] or "")
    behind = tables.ask(
        "select car_number, team, crew, gap_laps, gap_ms, gap_text from classification "
        "where position = 2"
    )
    yield Claim(
        id="won",
        kind="won",
        section=Section.RESULT,
        values={
            **first,
            "race": race.rows[0]["name"],
            "official": disputed.rows[0]["official"] if disputed.rows else None,
            "second": dict(behind.rows[0]) if behind.rows else None,
        },
        grounds=(won, race, *(ground for ground in (disputed, behind) if ground.rows)),
        importance=1.0,
        certainty=known,
        car_class=first["car_class"],
    )
    yield from _at_the_flag(tables)
    yield from _margin(tables, known)
    yield from _official(tables)
    for name in classes(tables):
        yield from _class(tables, name, known, overall=name == first["car_class"])


def certainty(tables: Tables) -> Certainty:
    """How the rows of these tables are known."""
    simulated = tables.ask("select simulated from race").rows[0]["simulated"]
    if simulated:
        return Certainty.SIMULATED
    return Certainty.PUBLISHED if "timeline" in tables else Certainty.MEASURED


def classes(tables: Tables) -> list[str]:
    """The classes by their best place."""
    rows = tables.ask(
        "select car_class, min(position) as best from classification group by car_class "
        "order by best"
    ).rows
    return [row["car_class"] for row in rows]


def _official(tables: Tables) -> Iterator[Claim]:
    """Whether the official result, which is only compared, places the same cars alike."""
    if "official" not in tables:
        return
    pairs = tables.ask(
        "select c.car_number, c.car_class, c.position, c.position_in_class, o.official "
        "from classification c join official o on c.car_number = o.car_number "
        "where c.position <> o.official order by c.position"
    )
    front = any(row["position_in_class"] <= PODIUM for row in pairs.rows)
    counted = tables.ask(
        "select count(*) as cars from classification c join official o "
        "on c.car_number = o.car_number"
    )
    yield Claim(
        id="official",
        kind="official_differs" if pairs.rows else "official_agrees",
        section=Section.RESULT if front else Section.LIMITS,
        values={**counted.rows[0], "differ": [dict(row) for row in pairs.rows]},
        grounds=(counted, pairs),
        importance=0.9 if pairs.rows else 0.1,
    )


def _disputed(tables: Tables, car: str) -> Ground:
    """The official place of a car where it is not its place here."""
    if "official" not in tables:
        return Ground("", ())
    return tables.ask(
        "select o.official from classification c join official o on c.car_number = o.car_number "
        f"where c.position <> o.official and c.car_number = {quoted(car)}"
    )


def _at_the_flag(tables: Tables) -> Iterator[Claim]:
    if "laps" not in tables:
        return
    for place, name in ((1, "first"), (2, "second")):
        who = tables.ask(f"select car_number, team from classification where position = {place}")
        if not who.rows:
            continue
        last = tables.ask(
            "select driver, lap from laps where car_number = "
            f"{quoted(who.rows[0]['car_number'])} order by elapsed_ms desc limit 1"
        )
        if last.rows and last.rows[0]["driver"]:
            yield Claim(
                id=f"flag-driver-{name}",
                kind="flag_driver",
                section=Section.RESULT,
                values={**who.rows[0], **last.rows[0], "place": place},
                grounds=(who, last),
                importance=0.3 if place == 1 else 0.2,
                certainty=certainty(tables),
            )


def _margin(tables: Tables, known: Certainty) -> Iterator[Claim]:
    columns = "car_number, team, crew, laps, gap_laps, gap_ms, gap_text"
    final = tables.ask(f"select {columns} from classification where position = 2")
    winner = tables.ask("select car_number, laps from classification where position = 1")
    if not final.rows:
        return
    second = final.rows[0]
    road = tables.ask(
        "select position, gap_ms, gap_laps from road where car_number = "
        f"{quoted(second['car_number'])}"
    )
    on_road = road.rows[0] if road.rows else {"position": 2, "gap_ms": second["gap_ms"]}
    differs = on_road["position"] == 2 and on_road["gap_ms"] != second["gap_ms"]
    yield Claim(
        id="margin",
        kind="margin_two" if differs else "margin",
        section=Section.RESULT,
        values={
            **second,
            "winner": winner.rows[0]["car_number"],
            "winner_laps": winner.rows[0]["laps"],
            "road_ms": on_road["gap_ms"],
        },
        grounds=(final, winner, road) if differs else (final, winner),
        importance=0.95,
        certainty=known,
    )


def _class(tables: Tables, name: str, known: Certainty, *, overall: bool) -> Iterator[Claim]:
    places = [
        tables.ask(
            f"select position_in_class, {PLACED}, {GAPS} from classification "
            f"where car_class = {quoted(name)} and position_in_class = {place}"
        )
        for place in (1, 2, 3)
    ]
    found = [ground for ground in places if ground.rows and ground.rows[0]["car_number"]]
    if not found:
        return
    counted = tables.ask(
        "select count(*) as cars from classification where car_class = " + quoted(name)
    )
    if not overall:
        disputed = _disputed(tables, found[0].rows[0]["car_number"])
        yield _class_won(name, found[0], counted, disputed, known)
    winner = tables.ask(
        "select car_number from classification where "
        f"car_class = {quoted(name)} and position_in_class = 1"
    )
    for ground in found[1:]:
        row = dict(ground.rows[0])
        crowded = len(classes(tables)) > FEW_CLASSES
        if not overall and "laps" in tables and (row["position_in_class"] == PODIUM or crowded):
            del row["crew"]  # the table of results has it
        yield Claim(
            id=f"{slug(name)}-place-{row['position_in_class']}",
            kind="class_place",
            section=Section.CLASSES,
            values={**row, "winner": winner.rows[0]["car_number"] if winner.rows else "?"},
            grounds=(ground, winner),
            importance=0.58 if row["position_in_class"] == 2 else 0.56,
            certainty=known,
            car_class=name,
        )
    yield from _one_two(tables, name, known)
    if overall and "laps" in tables:
        yield from _next_places(tables, name, known)


def _next_places(tables: Tables, name: str, known: Certainty) -> Iterator[Claim]:
    """Fourth and fifth of the winner's class, where both have a place."""
    ground = tables.ask(
        f"select car_number, team, position_in_class, {GAPS} from classification where "
        f"car_class = {quoted(name)} and position_in_class in (4, 5) order by position_in_class"
    )
    if len(ground.rows) == len((4, 5)) and all(row["car_number"] for row in ground.rows):
        values = {"cars": [dict(row) for row in ground.rows], "car_class": name}
        if all(_has_gap(row) for row in ground.rows):
            yield Claim(
                f"{slug(name)}-next-places", "next_places", Section.CLASSES, values, (ground,),
                importance=0.3, certainty=known, car_class=name,
            )  # fmt: skip


def _has_gap(row: Row) -> bool:
    return bool(row["class_gap_laps"]) or row["class_gap_ms"] is not None


def _class_won(
    name: str, first: Ground, counted: Ground, disputed: Ground, known: Certainty
) -> Claim:
    return Claim(
        id=f"{slug(name)}-won",
        kind="class_won",
        section=Section.CLASSES,
        values={
            **first.rows[0],
            **counted.rows[0],
            "official": disputed.rows[0]["official"] if disputed.rows else None,
        },
        grounds=(first, counted, *((disputed,) if disputed.rows else ())),
        importance=0.75,
        certainty=known,
        car_class=name,
    )


def _one_two(tables: Tables, name: str, known: Certainty) -> Iterator[Claim]:
    ground = tables.ask(
        "select car_number, manufacturer from classification where "
        f"car_class = {quoted(name)} and position_in_class <= 2 order by position_in_class"
    )
    makes = {row["manufacturer"] for row in ground.rows}
    if len(ground.rows) < 2 or len(makes) != 1 or None in makes:
        return
    field = tables.ask(
        "select count(distinct manufacturer) as makes from classification where "
        f"car_class = {quoted(name)}"
    )
    if field.rows[0]["makes"] == 1 and "laps" in tables:
        return  # of a class with cars of one make there is no other one-two
    yield Claim(
        id=f"{slug(name)}-one-two",
        kind="one_two",
        section=Section.CLASSES,
        values={
            "manufacturer": ground.rows[0]["manufacturer"],
            "first": ground.rows[0]["car_number"],
            "second": ground.rows[1]["car_number"],
            "car_class": name,
        },
        grounds=(ground, field),
        importance=0.45,
        certainty=known,
        car_class=name,
    )
