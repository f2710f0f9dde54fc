"""Claims about a lead that was defended: the second close behind, lap after lap, to the flag."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Claim, Section
from dryline.analysis.claims.result import certainty, classes
from dryline.analysis.claims.tables import Tables, quoted, slug

CLOSE_MS, FEWEST_LAPS, MOST_LAPS = 1_500, 8, 60


def defences(tables: Tables) -> Iterator[Claim]:
    """In each class, for how many of the last laps the second crossed the line close behind."""
    if "laps" not in tables:
        return
    for place, name in enumerate(classes(tables)):
        pair = tables.ask(
            "select car_number, team from classification where "
            f"car_class = {quoted(name)} and position_in_class <= 2 order by position_in_class"
        )
        if len(pair.rows) < 2 or not all(row["car_number"] for row in pair.rows):
            continue
        first, second = (quoted(row["car_number"]) for row in pair.rows)
        apart = tables.ask(
            "select a.lap, a.under, b.elapsed_ms, b.elapsed_ms - a.elapsed_ms as gap_ms "
            f"from laps a join laps b on a.lap = b.lap where a.car_number = {first} "
            f"and b.car_number = {second} order by a.lap desc limit {MOST_LAPS}"
        )
        close = 0
        while close < len(apart.rows) and 0 < apart.rows[close]["gap_ms"] <= CLOSE_MS:
            close += 1
        run = apart.rows[:close]
        if sum(row["under"] == "green" for row in run) < FEWEST_LAPS:
            continue
        yield Claim(
            f"{slug(name)}-defence", "defence",
            Section.LEAD if place == 0 else Section.CLASSES,
            {
                "car_number": pair.rows[0]["car_number"], "other": pair.rows[1]["car_number"],
                "laps": close, "most_ms": max(row["gap_ms"] for row in run), "car_class": name,
                "whole": close == MOST_LAPS,
            },
            (pair, apart), importance=0.7 if place == 0 else 0.5, certainty=certainty(tables),
            car_class=name, at_ms=apart.rows[close - 1]["elapsed_ms"],
        )  # fmt: skip
