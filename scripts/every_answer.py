"""Write down what every question is answered with, so that two versions can be held together.

    .venv/bin/python scripts/every_answer.py FOLDER [--races NAME ...] [--jobs 2] [--screens]
    diff -r BEFORE AFTER

Asks every command that answers with ``--json`` over twelve races of ``../shared/data`` (both
series, wet and dry, the embedded race), of the whole race and at three instants, and writes each
answer into a file of its own: exit status, standard output and, where it was refused, the refusal.
With ``--screens`` what people see is written too. Replicates are few: it is the path that is
compared, not the figures' sharpness. What the clock alone decides (``elapsed_s``) is left out; the
numbers of clip paths in a report's pictures depend on what the process has drawn before.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
EMBEDDED = "imola-2024"
RACES: dict[str, tuple[str, ...]] = {
    EMBEDDED: ("1:30:00", "3:10:00", "4:40:00"),
    "wec/2020/spa_6h": ("1:30:00", "3:00:00", "4:30:00"),
    "wec/2024/fuji_6h": ("1:30:00", "3:00:00", "5:58:00"),
    "wec/2024/bahrain_8h": ("2:00:00", "4:00:00", "6:00:00"),
    "wec/2024/le_mans_24h": ("6:00:00", "8:30:00", "18:00:00"),
    "wec/2025/imola_6h": ("2:00:00", "2:03:00", "4:00:00"),
    "wec/2025/spa_6h": ("1:30:00", "3:00:00", "4:30:00"),
    "imsa/2021/01-roar-before-the-24": ("0:20:00", "0:50:00", "1:15:00"),
    "imsa/2022/10-belle-isle-street-course": ("0:25:00", "0:50:00", "1:15:00"),
    "imsa/2023/12-watkins-glen-international": ("1:30:00", "3:00:00", "4:30:00"),
    "imsa/2024/17-tire-rack.com-battle-on-the-bricks": ("1:30:00", "3:00:00", "4:30:00"),
    "imsa/2025/11-detroit-street-course": ("0:25:00", "0:50:00", "1:15:00"),
}
"""Each with its instants; at Imola 2025 a neutralisation stands or has just ended at all three."""
WHOLE = (
    "show", "classification", "classification --on-the-road", "laps", "stints", "stops",
    "neutralisations", "pace", "track", "points", "ledger", "penalties",
    "gaps --car {first}", "debrief --car {second}",
    "chart pace", "chart slope", "chart stints", "chart gap", "chart positions", "chart wetness",
    "report",
)  # fmt: skip
AT_AN_INSTANT = (
    "show", "classification", "stops", "neutralisations", "track", "range", "points", "ledger",
    "queue",
    "forecast --replicates 100", "forecast --forecaster statistical --replicates 100",
    "rejoin --car {first} --replicates 200", "rejoin --car {last} --replicates 200",
    "advise --car {first} --replicates 24", "advise --car {second} --replicates 24",
    "advise --car {last} --replicates 24", "advise --team {team} --replicates 16",
)  # fmt: skip
ELSEWHERE = (
    "plan setup.toml --plans 2 --replicates 20", "standings wec/2024 --after 2",
    "standings wec/2024 --after 2 --title",
)  # fmt: skip
CLOCK = re.compile(rb'"elapsed_s":\s*[0-9.e-]+|\b\d+\.\d s\b')
DRAWN = ("chart", "report")
"""These write files instead, and the files are kept."""


@dataclass(frozen=True)
class Asked:
    """One command line, and the file that its answer goes to."""

    words: str
    name: str


def run_quietly(words: str) -> tuple[int, bytes, bytes]:
    """Exit status, standard output and standard error of one command, run in this process."""
    from dryline.apps.cli.run import run

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(shlex.split(words))
    for stream in (out, err):
        stream.flush()
    return status, *(stream.buffer.getvalue() for stream in (out, err))  # type: ignore[attr-defined]


def source(race: str) -> str:
    """How a race is named on the command line: its files and its length."""
    if race == EMBEDDED:
        return EMBEDDED
    with (DATA / "catalogue.csv").open() as file:
        row = next(line.split(",") for line in file if line.startswith(race + ","))
    minutes = round(float(row[2]) * 60)
    return f"{shlex.quote(str(DATA / row[1]))} --length {minutes // 60}:{minutes % 60:02d}"


def cars(race: str, at: str) -> dict[str, str]:
    """Who is asked about: the leader, the leader of the last class, and somebody in the middle."""
    status, out, _ = run_quietly(f"classification {source(race)} --json {at}")
    rows = json.loads(out)["rows"] if status == 0 else []
    numbers = [row["car_number"] for row in rows if row["car_number"] and row["laps"]] or ["1"]
    leaders = {row["car_class"]: row["car_number"] for row in reversed(rows) if row["car_number"]}
    last = next(iter(leaders.values()), numbers[-1])
    teams = [row["team"] for row in rows if row["car_number"] and row["team"]] or [""]
    middle = numbers[len(numbers) // 3]
    return {"first": numbers[0], "second": middle, "last": last, "team": shlex.quote(teams[0])}


def questions(race: str, screens: bool) -> Iterator[Asked]:
    """Every command line of one race."""
    for at in ("", *RACES[race]):
        instant = f"--at {at}" if at else ""
        who = cars(race, instant)
        for words in AT_AN_INSTANT if at else WHOLE:
            command, *rest = words.format(**who).split(" ", 1)
            tail = " ".join([*rest, instant])
            label = re.sub(r"[^A-Za-z0-9]+", "-", f"{at or 'whole'} {words}").strip("-")
            if command in DRAWN:
                kind, *options = tail.split() if command == "chart" else ("", *tail.split())
                out = f"{{out}}/{label}" + (".json" if command == "chart" else "")
                yield Asked(
                    " ".join([command, kind, source(race), "--out", out, *options]), label + ".said"
                )
                continue
            yield Asked(f"{command} {source(race)} --json {tail}", label + ".json")
            if screens:
                yield Asked(f"{command} {source(race)} {tail}", label + ".txt")


def write(answer: tuple[int, bytes, bytes], file: Path) -> None:
    """One answer as text: the status, then what was said."""
    status, out, err = answer
    said = CLOCK.sub(b"", out if status == 0 else out + err)
    for folder, name in ((DATA, b"data"), (file.parent, b"out")):
        said = said.replace(str(folder).encode(), name)
    file.write_bytes(f"status {status}\n".encode() + said.replace(b",{", b",\n{"))


def one_race(job: tuple[str, Path, bool]) -> str:
    """Every question of one race."""
    race, top, screens = job
    folder = top / race.replace("/", "_")
    folder.mkdir(parents=True, exist_ok=True)
    began, count = time.perf_counter(), 0
    for asked in questions(race, screens):
        write(run_quietly(asked.words.replace("{out}", str(folder))), folder / asked.name)
        count += 1
    return f"{race}: {count} answers in {time.perf_counter() - began:.0f} s"


def elsewhere(top: Path) -> None:
    """Questions that no race is asked: a plan, the championship."""
    top.mkdir(parents=True, exist_ok=True)
    setup = run_quietly("plan --example")[1]
    (top / "setup.toml").write_bytes(setup)
    for number, words in enumerate(ELSEWHERE):
        words = words.replace("setup.toml", str(top / "setup.toml"))
        write(run_quietly(words + " --json"), top / f"elsewhere-{number}.json")
        write(run_quietly(words), top / f"elsewhere-{number}.txt")


def main() -> None:
    """Ask everything, race by race."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--races", nargs="*", default=list(RACES), metavar="NAME")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--screens", action="store_true")
    given = parser.parse_args()
    os.environ.update(NO_COLOR="1", COLUMNS="120", POLARS_MAX_THREADS="1")
    elsewhere(given.folder)
    jobs = [(race, given.folder, given.screens) for race in given.races]
    with multiprocessing.get_context("spawn").Pool(given.jobs) as pool:
        for said in pool.imap_unordered(one_race, jobs, chunksize=1):
            print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
