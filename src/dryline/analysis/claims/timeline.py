"""Claims read from an event's timeline and grid, where no timing is public.

A timeline row is a sentence of a source. What it says is taken out of it by the patterns below;
a row that fits none of them is only ever quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dryline.analysis.claims.claim import Claim, Section, published
from dryline.analysis.claims.tables import Ground, Tables, quoted, slug
from dryline.analysis.claims.tyre_call import tyre_calls

PASS = re.compile(r"(\S+) passes (\S+) (?:at|into) ([^,;.]+?)(?: for P(\d+))?")
LED = re.compile(r"leader on lap (\d+)\..*?(\w+)s led (\d+) of (\d+) laps \((.+?)\)")
FASTEST = re.compile(r"(\S+) (\d:\d\d\.\d{3})")
QUOTED = {"start": 0.4, "green": 0.45, "lead battle": 0.8, "LMGT3 lead": 0.5, "accident": 0.3}
COLUMNS = "number, race_time, at_ms, lap, event, cars, detail, sources"


def timeline(tables: Tables) -> Iterator[Claim]:
    """The event, grid, drivers at the flag, passes, rain, tyre calls, and who is missing."""
    for tell in (
        _event, _poles, _front_row, _at_the_flag, _passes, _recovered, _rain, tyre_calls, _led,
        _neutralised, _fastest, _reported, _unclassified,
    ):  # fmt: skip
        yield from tell(tables)


def events(tables: Tables, event: str) -> list[Ground]:
    """One ground for each timeline row of that event, in order."""
    rows = tables.ask(
        f"select number from timeline where event = {quoted(event)} order by number"
    ).rows
    return [
        tables.ask(f"select {COLUMNS} from timeline where number = {r['number']}") for r in rows
    ]


def driver_named(tables: Tables, car: str, surname: str) -> Ground:
    """The driver of a car by surname; without rows where the crew has none of that name."""
    return tables.ask(
        f"select car_number, driver, team from drivers where car_number = {quoted(car)} "
        f"and surname = {quoted(surname)}"
    )


def _event(tables: Tables) -> Iterator[Claim]:
    head = tables.ask("select name, series, year, round, circuit, cars from race")
    yield published("event", "event", Section.RESULT, dict(head.rows[0]), head, importance=0.9)


def _poles(tables: Tables) -> Iterator[Claim]:
    pole = tables.ask(
        "select car_number, car_class, driver, team, time_ms, sources from grid "
        "where position_in_class = 1 order by position"
    )
    for row in pole.rows:
        one = tables.ask(
            "select car_number, car_class, driver, team, time_ms, sources from grid where "
            f"position_in_class = 1 and car_class = {quoted(row['car_class'])}"
        )
        yield published(
            f"pole-{slug(row['car_class'])}", "pole", Section.QUALIFYING, dict(row), one,
            importance=0.35, car_class=row["car_class"],
        )  # fmt: skip


def _front_row(tables: Tables) -> Iterator[Claim]:
    front = tables.ask(
        "select position, car_number, manufacturer, sources from grid where position <= 3 "
        "order by position"
    )
    makes = {row["manufacturer"] for row in front.rows}
    if len(front.rows) == 3 and len(makes) == 1:
        values = {
            "manufacturer": front.rows[0]["manufacturer"],
            "cars": [row["car_number"] for row in front.rows],
        }
        yield published("grid-one-two-three", "grid_sweep", Section.QUALIFYING, values, front,
                        importance=0.55)  # fmt: skip


def _at_the_flag(tables: Tables) -> Iterator[Claim]:
    """The last driver whom the timeline names at the wheel of each of the first two."""
    for place, name in ((1, "first"), (2, "second")):
        who = tables.ask(
            f"select car_number, team, vehicle from classification where position = {place}"
        )
        if not who.rows or who.rows[0]["car_number"] is None:
            continue
        car = who.rows[0]["car_number"]
        crew = tables.ask(f"select driver, surname from drivers where car_number = {quoted(car)}")
        rows = tables.ask(
            f"select {COLUMNS} from timeline where event <> 'finish' and at_ms is not null "
            "order by number desc"
        ).rows
        for row in rows:
            named = [each for each in crew.rows if re.search(
                rf"\b{re.escape(each['surname'])}\b", row["detail"])]  # fmt: skip
            if car in row["cars"].split(";") and len(named) == 1:
                said = tables.ask(f"select {COLUMNS} from timeline where number = {row['number']}")
                driver = driver_named(tables, car, named[0]["surname"])
                values = {**who.rows[0], "driver": named[0]["driver"], "place": place, "lap": None,
                          "race_time": row["race_time"]}  # fmt: skip
                yield published(f"flag-driver-{name}", "flag_driver", Section.RESULT, values, who,
                                driver, said, importance=0.8 if place == 1 else 0.6)  # fmt: skip
                break


def _passes(tables: Tables) -> Iterator[Claim]:
    for ground in events(tables, "pass"):
        row = ground.rows[0]
        found, cars = PASS.fullmatch(row["detail"]), row["cars"].split(";")
        if found is None or len(cars) != 2:
            continue
        who, whom = (driver_named(tables, cars[i], found[i + 1]) for i in (0, 1))
        if not who.rows or not whom.rows:
            continue
        last = row["event"] == "pass" and row["race_time"] == "last lap"
        values = {
            "who": who.rows[0], "whom": whom.rows[0], "place": found[3], "race_time":
            row["race_time"], "for_position": found[4] and int(found[4]), "lap": row["lap"],
            "at_ms": row["at_ms"],
        }  # fmt: skip
        yield published(f"pass-{row['number']}", "pass", Section.LEAD, values, ground, who, whom,
                        importance=0.6 if last else 0.3)  # fmt: skip


def _recovered(tables: Tables) -> Iterator[Claim]:
    """A car that took its final place on the last lap, after it had led."""
    for ground in events(tables, "pass"):
        row = ground.rows[0]
        car = row["cars"].split(";")[0]
        placed = tables.ask(
            "select car_number, team, crew, position, sources from classification where "
            f"car_number = {quoted(car)}"
        )
        if row["race_time"] == "last lap" and placed.rows:
            yield published(f"recovered-{slug(car)}", "recovered", Section.RECOVERIES,
                            dict(placed.rows[0]), placed, ground, importance=0.5)  # fmt: skip


def _rain(tables: Tables) -> Iterator[Claim]:
    for name, event, kind in (
        ("rain-starts", "rain starts", "rain_starts"),
        ("declared-wet", "track declared WET", "declared_wet"),
    ):
        for ground in events(tables, event)[:1]:
            row = ground.rows[0]
            sector = re.search(r"mostly sector (\d) \((.+?)\)", row["detail"])
            values = {
                "at_ms": row["at_ms"],
                "race_time": row["race_time"],
                "sector": sector and int(sector[1]),
                "places": sector and sector[2],
            }
            yield published(name, kind, Section.WEATHER, values, ground, importance=0.6)


def _led(tables: Tables) -> Iterator[Claim]:
    for ground in events(tables, "status"):
        row = ground.rows[0]
        found = LED.search(row["detail"])
        if found is None:
            continue
        cars = re.findall(r"#(\S+) (\d+)", found[5])
        values = {
            "manufacturer": found[2], "led": int(found[3]), "of": int(found[4]),
            "cars": [{"car_number": car, "laps_led": int(laps)} for car, laps in cars],
            "race_time": row["race_time"], "at_ms": row["at_ms"],
        }  # fmt: skip
        yield published(f"led-by-{row['number']}", "led_by", Section.LEAD, values, ground,
                        importance=0.6)  # fmt: skip


def _neutralised(tables: Tables) -> Iterator[Claim]:
    counts = tables.ask("select fcy, safety_car from race")
    yield published("neutralisations", "neutralisation_counts", Section.NEUTRALISATIONS,
                    dict(counts.rows[0]), counts, importance=0.4)  # fmt: skip


def _fastest(tables: Tables) -> Iterator[Claim]:
    for ground in events(tables, "fastest lap"):
        row = ground.rows[0]
        found = FASTEST.fullmatch(row["detail"])
        if found is None:
            continue
        who = driver_named(tables, row["cars"], found[1])
        if who.rows:
            values = {**who.rows[0], "lap": row["lap"], "time": found[2]}
            yield published("fastest-lap", "fastest_lap_said", Section.PACE, values, who, ground,
                            importance=0.3)  # fmt: skip


def _reported(tables: Tables) -> Iterator[Claim]:
    for event, worth in QUOTED.items():
        for ground in events(tables, event):
            row = ground.rows[0]
            values = {name: row[name] for name in ("race_time", "at_ms", "event", "detail")}
            yield published(f"reported-{row['number']}", "reported", Section.LEAD, values, ground,
                            importance=worth)  # fmt: skip


def _unclassified(tables: Tables) -> Iterator[Claim]:
    missing = tables.ask(
        "select car_number, team, car_class, status, sources from classification "
        "where position is null and status not like 'classified%'"
    )
    for row in missing.rows:
        one = tables.ask(
            "select car_number, team, car_class, status, sources from classification where "
            f"car_number = {quoted(row['car_number'])}"
        )
        yield published(f"unclassified-{slug(row['car_number'])}", "unclassified",
                        Section.RETIREMENTS, dict(row), one, importance=0.2)  # fmt: skip
