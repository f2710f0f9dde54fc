"""Opening and rebuilding, against the bare parse: run with ``make bench``.

Judged by ratios within one run: machines are noisy. Everything that ``dryline show`` needs is
counted: parsing, neutralisations (inferred ones included), laps, stops, stints, the final order.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.conftest import DATA

from dryline.engine.library import add_race, sessions_below
from dryline.engine.opening import open_race
from dryline.race.race import Race
from dryline.store.library import Library

pytestmark = pytest.mark.skipif(DATA is None, reason="the real races are not beside the project")
RACES = ("wec/2024/fuji_6h.csv", "wec/2024/le_mans_24h.csv")


def rebuilt(path: Path) -> Race:
    """Open a race and build all of it."""
    race = open_race(path)
    race.at(race.end)
    assert race.stops.height
    assert race.stints.height
    return race


@pytest.mark.parametrize("name", RACES)
def test_opening_and_rebuilding(benchmark: BenchmarkFixture, name: str) -> None:
    assert DATA is not None
    path = DATA / name
    bare = min(_seconds(lambda: _bare(path)) for _ in range(15))
    race = benchmark.pedantic(lambda: rebuilt(path), rounds=30, warmup_rounds=5)
    benchmark.extra_info["laps"] = race.crossings.height
    benchmark.extra_info["ratio_to_bare_polars"] = round(benchmark.stats.stats.median / bare, 1)


@pytest.mark.parametrize("name", RACES)
def test_the_bare_parse_for_comparison(benchmark: BenchmarkFixture, name: str) -> None:
    assert DATA is not None
    path = DATA / name
    benchmark.pedantic(lambda: _bare(path), rounds=30, warmup_rounds=5)


def _bare(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator=";", infer_schema=False, truncate_ragged_lines=True)


def _seconds(action: object) -> float:
    start = time.perf_counter()
    action()  # type: ignore[operator]
    return time.perf_counter() - start


def test_the_whole_archive_into_an_empty_library(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    assert DATA is not None
    sessions = sessions_below(DATA)
    count = iter(range(1000))

    def fill() -> Library:
        library = Library(tmp_path / f"library-{next(count)}")
        for session in sessions:
            add_race(library, session, now="2026-01-01T00:00:00+00:00")
        return library

    library = benchmark.pedantic(fill, rounds=3, warmup_rounds=0)
    laps = int(library.list()["laps"].sum())
    benchmark.extra_info["races"] = len(sessions)
    benchmark.extra_info["laps_per_second"] = round(laps / benchmark.stats.stats.median)


def test_peak_memory_of_opening_a_24_hour_race(benchmark: BenchmarkFixture) -> None:
    assert DATA is not None
    code = (
        "from dryline.engine.opening import open_race; "
        f"race = open_race({str(DATA / RACES[1])!r}); race.at(race.end); race.stops; race.stints; "
        "status = open('/proc/self/status').read(); "  # ru_maxrss would be the parent's
        "print(status.split('VmHWM:')[1].split()[0])"
    )

    def peak() -> int:
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return int(out.stdout)

    kilobytes = benchmark.pedantic(peak, rounds=3, warmup_rounds=1)
    benchmark.extra_info["peak_mb"] = round(kilobytes / 1024)


def test_help(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-m", "dryline", "--help"]
    benchmark.pedantic(
        lambda: subprocess.run(command, capture_output=True, check=True), rounds=10, warmup_rounds=2
    )
