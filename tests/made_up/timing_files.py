"""A race as a provider's lap file, written by our own writer, and what may be wrong with it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import polars as pl

from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.dialect import Dialect
from tests.made_up.driving import Car, Lap, crossings_of

CARS = ("01", "1", "007", "7", "92")
CREW = ("Ana Ågren", "Bo de la Cruz", "Cléo ÇELIK")
START_OF_DAY_MS = 13 * 3_600_000 + 25_509


def crossings(
    cars: tuple[str, ...] = CARS,
    laps: int = 6,
    seed: int = 1,
    start_ms: int = START_OF_DAY_MS,
    lap_ms: int = 95_000,
) -> pl.DataFrame:
    """A small race with stops, driver changes, flags and two classes, listed car by car."""
    rng = random.Random(seed)
    field = (
        Car(
            number,
            "LMGT3" if place % 2 else "HYPERCAR",
            _laps(rng, laps, lap_ms),
            {"team": f"Team {number}", "manufacturer": "Maker", "group": "" if place % 2 else "H"},
        )
        for place, number in enumerate(cars)
    )
    return crossings_of(field, day_start_ms=start_ms, by_car=True)


def _laps(rng: random.Random, laps: int, lap_ms: int) -> Iterator[Lap]:
    for lap in range(1, laps + 1):
        first, second, third = (lap_ms // 3 + rng.randrange(-2000, 2000) for _ in range(3))
        yield Lap(
            first + second + third,
            sectors_ms=(first, second),
            driver=CREW[(lap // 4) % 3],
            seat=(lap // 4) % 3 + 1,
            flag="chequered" if lap == laps else "fcy" if lap == 3 else "green",
            in_pit=lap % 4 == 3,
            lane_ms=61_432 if lap % 4 == 0 else None,
            also={
                "top_speed_kmh": round(rng.uniform(60, 330), 1),
                "speed_kmh": round(rng.uniform(90, 230), 1),
            },
        )


def lap_file(dialect: Dialect = spec.WEC, **race: object) -> bytes:
    return write_laps(crossings(**race), None, dialect)  # type: ignore[arg-type]


def edited(data: bytes, line: int, column: str, value: str) -> bytes:
    """The file with one cell replaced; ``line`` counts from 1, the header being line 1."""
    lines = data.decode("utf-8-sig").split("\n")
    separator = ";" if ";" in lines[0] else ","
    names = [cell.strip() for cell in lines[0].split(separator)]
    cells = lines[line - 1].split(separator)
    cells[names.index(column)] = value
    lines[line - 1] = separator.join(cells)
    return b"\xef\xbb\xbf" + "\n".join(lines).encode()


def without_column(data: bytes, *columns: str) -> bytes:
    lines = data.decode("utf-8-sig").rstrip("\r\n").split("\n")
    separator = ";" if ";" in lines[0] else ","
    names = [cell.strip() for cell in lines[0].split(separator)]
    keep = [i for i, name in enumerate(names) if name not in columns]
    rows = [row.split(separator) for row in lines]
    return ("\n".join(separator.join(row[i] for i in keep) for row in rows) + "\n").encode()
