"""Claims about changes between slicks and wets, as the estimate read them from the lap times."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import polars as pl

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.result import classes
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted, slug

WAVE_MS, FEWEST, SHARE, LATE_MS, FRONT = 1_200_000, 3, 0.25, 120_000, 3
MOST_FIRST, MOST_OTHER = 8, 3
SURE, NEAR_MS = 0.8, 300_000
COMPARED = 2
"""Cars already on the new tyre from which a late car's loss is told."""


CALLS: dict[str, type[pl.DataType]] = {
    "at_ms": pl.Int64,  # when the stint on the other tyre began
    "lap": pl.Int32,
    "car_number": pl.String,
    "car_class": pl.String,
    "tyre": pl.String,
    "p": pl.Float64,  # that both stints were on what they are taken to have been on
}


def tyre_calls(stints: pl.DataFrame, stint_tyres: pl.DataFrame, wet: pl.DataFrame) -> pl.DataFrame:
    """Stops at which a car went from one kind of tyre to the other: schema ``CALLS``.

    Both stints count only where their kind is likely; one that cannot be told ends the chain. So
    does a change onto wets more than five minutes off the time when the track was wet: a stint
    that began dry is read by its later, wet laps.

    Args:
        stints: schema ``STINTS``.
        stint_tyres: ``car_number``, ``stint`` and ``p_wet`` as believed at the stint's end.
        wet: when the track was wet (``start_ms``, ``end_ms``; null: to the end).
    """
    p = pl.col("p_wet")
    tyre = pl.when(p >= SURE).then(pl.lit("wet")).when(p <= 1 - SURE).then(pl.lit("slick"))
    before = pl.col("tyre").shift(1).over("car_number")
    sure = pl.max_horizontal(p, 1 - p)
    found = (
        stints.join(stint_tyres, on=["car_number", "stint"], how="left")
        .sort("car_number", "start_ms")
        .with_columns(tyre=tyre, sure=sure)
        .with_columns(p=pl.col("sure") * pl.col("sure").shift(1).over("car_number"))
        .filter(before.is_not_null() & pl.col("tyre").is_not_null() & (pl.col("tyre") != before))
        .select(
            "car_number",
            "car_class",
            "tyre",
            "p",
            at_ms=pl.col("start_ms"),
            lap=pl.col("first_lap"),
        )
        .sort("at_ms", "car_number")
        .select(*CALLS)
    )
    rained = pl.lit(value=False)
    for start, end in wet.select("start_ms", "end_ms").iter_rows():
        until = pl.lit(end, pl.Int64).fill_null(pl.col("at_ms"))
        rained = rained | pl.col("at_ms").is_between(start - NEAR_MS, until + NEAR_MS)
    return found.filter((pl.col("tyre") == "slick") | rained)


def tyre_waves(tables: Tables) -> Iterator[Claim]:
    """In each class the waves of changes: how many, who first, when the first three, what it cost.

    What a late change cost is told of the first three of the class told first, and of the first of
    the others. A wave is at least three cars and a quarter of the class within twenty minutes of
    the first.
    """
    if "tyre_changes" not in tables or "laps" not in tables:
        return
    for name in classes(tables):
        size = tables.ask(
            f"select count(*) as cars from classification where car_class = {quoted(name)}"
        )
        seen = tables.ask(
            "select at_ms, tyre, car_number from tyre_changes where "
            f"car_class = {quoted(name)} order by at_ms"
        )
        most = MOST_FIRST if name == classes(tables)[0] else MOST_OTHER
        found = waves(seen.rows, size.rows[0]["cars"])[:most]
        for number, wave in enumerate(found, start=1):
            yield from _wave(tables, name, number, wave, size)


def waves(rows: tuple[Row, ...], cars: int) -> list[tuple[str, int, int]]:
    """Waves among changes in order of time: tyre, first and last instant."""
    found: list[tuple[str, int, int]] = []
    for tyre in ("wet", "slick"):
        at = [(row["at_ms"], row["car_number"]) for row in rows if row["tyre"] == tyre]
        while at:
            inside = [each for each in at if each[0] - at[0][0] < WAVE_MS]
            if len({car for _, car in inside}) >= max(FEWEST, SHARE * cars):
                found.append((tyre, inside[0][0], inside[-1][0]))
                at = at[len(inside) :]
            else:
                at = at[1:]
    return sorted(found, key=lambda wave: wave[1])


def _wave(
    tables: Tables, name: str, number: int, wave: tuple[str, int, int], size: Ground
) -> Iterator[Claim]:
    tyre, start, end = wave
    changed = tables.ask(
        f"select car_number, at_ms, p from tyre_changes where car_class = {quoted(name)} and "
        f"tyre = {quoted(tyre)} and at_ms >= {start} and at_ms <= {end} order by at_ms"
    )
    front = tables.ask(
        f"select car_number, position_in_class from classification where car_class = {quoted(name)}"
        f" and position_in_class <= {FRONT} order by position_in_class"
    )
    at = {row["car_number"]: row["at_ms"] for row in reversed(changed.rows)}
    placed = [
        {**row, "at_ms": at[row["car_number"]]} for row in front.rows if row["car_number"] in at
    ]
    yield Claim(
        id=f"tyres-{slug(name)}-{number}",
        kind="tyre_wave",
        section=Section.WEATHER,
        values={
            "tyre": tyre, "cars": len(at), "of": size.rows[0]["cars"], "car_class": name,
            "start_ms": start, "end_ms": end, "front": placed,
            "first": [row["car_number"] for row in changed.rows if row["at_ms"] == start],
            "sure": round(median(row["p"] for row in changed.rows), 2),
        },
        grounds=(changed, front, size),
        importance=0.45 if name == classes(tables)[0] else 0.3,
        certainty=Certainty.INFERRED,
        car_class=name,
        at_ms=start,
    )  # fmt: skip
    told = placed if name == classes(tables)[0] else placed[:1]
    for row in told:
        if row["at_ms"] - start >= LATE_MS:
            yield from _late(tables, name, number, row, changed, tyre)


def _late(
    tables: Tables, name: str, number: int, row: Row, changed: Ground, tyre: str
) -> Iterator[Claim]:
    """What each lap on the old tyre took over those already on the new one, and the sum."""
    early = [each["car_number"] for each in changed.rows if each["at_ms"] < row["at_ms"]]
    start = changed.rows[0]["at_ms"]
    mine = tables.ask(
        f"select lap, start_ms, elapsed_ms, lap_time_ms from laps where "
        f"car_number = {quoted(row['car_number'])} and start_ms >= {start} and "
        f"elapsed_ms <= {row['at_ms']} and is_green and not in_lap order by lap"
    )
    theirs = tables.ask(
        "select l.car_number, l.start_ms, l.elapsed_ms, l.lap_time_ms, c.at_ms from laps l "
        "join tyre_changes c on l.car_number = c.car_number "
        f"where c.tyre = {quoted(tyre)} and c.at_ms >= {start} and c.at_ms < {row['at_ms']} and "
        f"l.car_class = {quoted(name)} and l.is_green and l.start_ms > c.at_ms and "
        f"l.elapsed_ms <= {row['at_ms'] + 120_000} order by l.elapsed_ms"
    )
    lost, laps = 0, 0
    for lap in mine.rows:
        level = [
            each["lap_time_ms"]
            for each in theirs.rows
            if each["start_ms"] < lap["elapsed_ms"] and each["elapsed_ms"] > lap["start_ms"]
        ]
        if len(level) >= COMPARED:
            lost, laps = lost + lap["lap_time_ms"] - round(median(level)), laps + 1
    if laps:
        yield Claim(
            id=f"tyres-{slug(name)}-{number}-late-{slug(row['car_number'])}",
            kind="tyre_late",
            section=Section.WEATHER,
            values={
                "car_number": row["car_number"], "tyre": tyre, "late_ms": row["at_ms"] - start,
                "laps": laps, "lost_ms": lost, "early": len(early), "car_class": name,
            },
            grounds=(changed, mine, theirs),
            importance=0.4,
            certainty=Certainty.INFERRED,
            car_class=name,
            at_ms=row["at_ms"],
        )  # fmt: skip
