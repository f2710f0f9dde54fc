"""Claims about when the field changed tyres for the rain, and what the late ones lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section, published
from dryline.analysis.claims.tables import Ground, Tables, quoted, slug

COLUMNS = "number, race_time, at_ms, lap, event, cars, detail, sources"
AHEAD = re.compile(r"\(#(\w+)\) leads, #(\w+) second")
LOST = re.compile(r"[Ll]ost (\S+) s/lap on slicks .*?, (more than \d+ min) to #(\w+)")


def tyre_calls(tables: Tables) -> Iterator[Claim]:
    """Each wave onto wets, the call that came late, and what another call would have given."""
    waves = tables.ask(
        f"select {COLUMNS} from timeline where event = 'pit for wets' and lap is not null "
        "order by lap"
    )
    for row in waves.rows:
        one = tables.ask(f"select {COLUMNS} from timeline where number = {row['number']}")
        yield published(
            f"wets-lap-{row['lap']}",
            "wets",
            Section.WEATHER,
            {"lap": row["lap"], "cars": row["cars"].split(";"), "at_ms": row["at_ms"],
             "race_time": row["race_time"]},
            one,
            importance=0.5,
        )  # fmt: skip
    yield from _late(tables, waves)
    yield from _what_ifs(tables)


def _late(tables: Tables, waves: Ground) -> Iterator[Claim]:
    """The last wave whose loss a source has put a figure on, against the first wave."""
    costly = [row for row in waves.rows if LOST.search(row["detail"])]
    if not costly or costly[-1]["lap"] == waves.rows[0]["lap"]:
        return
    late, early = costly[-1], waves.rows[0]
    found = LOST.search(late["detail"])
    assert found is not None  # noqa: S101  (chosen by this very pattern)
    grounds = [
        tables.ask(f"select {COLUMNS} from timeline where number = {row['number']}")
        for row in (late, early)
    ]
    cars = late["cars"].split(";")
    placed = tables.ask(
        "select car_number, position, manufacturer from classification where car_number in "
        f"({', '.join(quoted(car) for car in cars)}) order by position"
    )
    before = tables.ask(
        f"select {COLUMNS} from timeline where event = 'status' and at_ms <= {late['at_ms']} "
        "order by at_ms desc limit 1"
    )
    led = AHEAD.search(before.rows[0]["detail"]) if before.rows else None
    yield published(
        "late-tyre-call",
        "late_call",
        Section.WEATHER,
        {
            "cars": cars,
            "lap": late["lap"],
            "early_lap": early["lap"],
            "early_cars": early["cars"].split(";"),
            "per_lap": found[1],
            "lost": found[2],
            "to": found[3],
            "placed": [dict(row) for row in placed.rows],
            "led": None if led is None else [led[1], led[2]],
            "led_at": before.rows[0]["race_time"] if led else None,
            "at_ms": late["at_ms"],
        },
        *grounds,
        placed,
        *((before,) if led else ()),
        importance=0.9,
    )


def _what_ifs(tables: Tables) -> Iterator[Claim]:
    if "what_ifs" not in tables:
        return
    best = tables.ask("select id from what_ifs where own_call order by seconds desc")
    for name in dict.fromkeys(row["id"] for row in best.rows):
        one = tables.ask(
            "select text, car_number, car_class, p_win_class, p_win_class_as_made, seconds, "
            f"seconds_se, replicates from what_ifs where id = {quoted(name)} "
            "order by abs(p_win_class - p_win_class_as_made) desc limit 1"
        )
        row = one.rows[0]
        yield Claim(
            id=f"what-if-{slug(name)}",
            kind="what_if",
            section=Section.WEATHER,
            values=dict(row),
            grounds=(one,),
            importance=min(abs(row["p_win_class"] - row["p_win_class_as_made"]), 1.0),
            certainty=Certainty.SIMULATED,
            car_class=row["car_class"],
        )
