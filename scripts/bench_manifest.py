"""Freeze the protocol of ``dryline bench``: its races, and what the control scores on them.

    .venv/bin/python scripts/bench_manifest.py [--control-only] [--workers N] [--resume FOLDER]

Reads the races beside the project (../shared/data) in place and writes two files of
src/dryline/data/bench. ``manifest.json``: each race's name, hash of its timing file, length, series
and where its winners came from; no timing. ``control.json``: the scores of
``dryline backtest forecast --forecaster statistical``, which leaves out whole races.
``--control-only`` fits the control anew and leaves the races alone. Fails where the backtest scores
other class-races than the manifest has, or scores naive otherwise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dryline import __version__
from dryline.model import proper_scores as ps
from dryline.model.running import running_at
from dryline.studies import Study, backtest_forecast, races_of
from dryline.studies.bench.asked import BenchRace, asked_instants, final_order, sha256_of
from dryline.studies.bench.manifest import (
    BenchManifest,
    Control,
    ControlScores,
    ForecastScores,
    FrozenClass,
    FrozenRace,
    order_sha256,
)
from dryline.studies.cases import AFTER_ALL_MS, SCORED_FRACTIONS
from dryline.studies.forecast import learning_race
from dryline.studies.tasks import LocalEngine

ROOT = Path(__file__).resolve().parents[1]
RACES = ROOT.parent / "shared" / "data"
TO = ROOT / "src" / "dryline" / "data" / "bench"
PROTOCOL = 1
DECIMALS = 6


def frozen_race(path: Path) -> FrozenRace:
    """A race as the manifest has it."""
    sha256, known = sha256_of(path), learning_race(path)
    race = BenchRace(known, sha256, in_protocol=False)
    final = final_order(running_at(known.crossings, AFTER_ALL_MS))
    nobody = BenchManifest(protocol=PROTOCOL, races=())
    asked = {each.fraction: each for each in asked_instants(race, nobody)}
    scored = next(iter(asked.values())).order
    classes = tuple(
        FrozenClass(
            name,
            len(cars),
            tuple(
                int(np.flatnonzero(asked[at].places[name] == 0)[0]) if at in asked else None
                for at in SCORED_FRACTIONS
            ),
        )
        for name, cars in scored.items()
    )
    return FrozenRace(
        known.race, sha256, race.length_ms, known.series, known.year, known.wet,
        order_sha256(final), classes,
    )  # fmt: skip


def control_rows(paths: list[Path], manifest: BenchManifest, study: Study) -> list[ControlScores]:
    """The control's scores, once they are seen to be of this manifest."""
    rows = backtest_forecast(paths, study, "statistical")["rows"]
    listed = {race.race: {each.car_class: each for each in race.classes} for race in manifest.races}
    every = {
        (race.race, at, each.car_class)
        for race in manifest.races
        for each in race.classes
        for at, won_from in zip(SCORED_FRACTIONS, each.winner_was, strict=True)
        if won_from is not None
    }
    if every != {(row["race"], row["fraction"], row["car_class"]) for row in rows}:
        sys.exit("the backtest scored other class-races than the manifest has")
    for row in rows:
        each = listed[row["race"]][row["car_class"]]
        p = manifest.winners(row["fraction"], row["race"]).win_probability(each.cars)
        won_from = each.winner_was[SCORED_FRACTIONS.index(row["fraction"])]
        if won_from is None or ps.log_loss(p, won_from) != row["naive_log_loss"]:
            sys.exit(f"naive is scored otherwise in {row['race']}, {row['car_class']}")
    return [control_row(row) for row in rows]


def control_row(row: dict[str, Any]) -> ControlScores:
    """A row of the backtest as the frozen scores have it."""
    held = ps.interval_coverage(np.array(row["pit"]))
    scores = (row["log_loss"], row["brier"], row["hit"], row["error"], held)
    return ControlScores(
        row["race"], row["fraction"], row["car_class"],
        ForecastScores(*(round(value, DECIMALS) for value in scores)),
    )  # fmt: skip


def write(name: str, empty: msgspec.Struct, rows: Sequence[msgspec.Struct]) -> None:
    """One frozen file, a row a line, so that a change can be read."""
    listed = b",\n".join(map(msgspec.json.encode, rows))
    text = msgspec.json.encode(empty).replace(b"[]", b"[\n" + listed + b"\n]")
    (TO / name).write_bytes(text + b"\n")
    print(f"wrote {(TO / name).relative_to(ROOT)}")


def main() -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control-only", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--resume", type=Path)
    asked = parser.parse_args()
    paths = races_of([RACES])
    if not asked.control_only:
        races = sorted(map(frozen_race, paths), key=lambda race: race.race)
        write("manifest.json", BenchManifest(PROTOCOL, ()), races)
    manifest = msgspec.json.decode((TO / "manifest.json").read_bytes(), type=BenchManifest)
    if {sha256_of(path) for path in paths} != {race.sha256 for race in manifest.races}:
        sys.exit("these are other races than the manifest has")
    study = Study(engine=LocalEngine(asked.workers), resume=asked.resume)
    rows = control_rows(paths, manifest, study)
    write("control.json", Control("statistical", __version__, ()), rows)


if __name__ == "__main__":
    main()
