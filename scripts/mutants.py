"""Spoil timing files in many ways and ask for the race: right, doubted or refused, never false.

    .venv/bin/python scripts/mutants.py [FILE ...] [--mutants 6000] [--seed 1] [--jobs 2]
                                        [--deep 1.0] [--keep FOLDER]

Without files it spoils made-up races of every dialect. Each mutant is shown and classified, and a
share of them is asked one thing more, in a process of its own that may be killed. Ends with status
1 where a command ends in a fault of Dryline's, dies or hangs, or where a *false winner* is told:
the order differs from the sound file's and nothing on the first screen (``show``) says what is
wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.spoilt import files as spoiling
from tests.spoilt.judging import Sound, false_winner, standing

PATIENCE_S, MEMORY_BYTES = 600.0, 4 << 30
PROGRESS = 250
FURTHER = (
    ("laps",), ("stints",), ("stops",), ("neutralisations",), ("gaps",), ("pace",), ("track",),
    ("points",), ("penalties",), ("chart", "position"), ("chart", "laps"), ("report",),
)  # fmt: skip
Told = tuple[int, str, str]


# the process that runs commands, and may be killed


def serve(pipe: Connection) -> None:
    """Run each command that comes, with its output held back; the parent may kill us."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ.update(NO_COLOR="1", COLUMNS="120", OPENBLAS_NUM_THREADS="1")
    from dryline.apps.cli.run import run

    while (arguments := pipe.recv()) is not None:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(arguments)
        texts = []
        for stream in (out, err):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode("utf-8", "replace"))
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pipe.send((status, *texts, peak_mb))


class Runner:
    """Commands in a process beside this one; it is made anew when it dies or hangs."""

    def __init__(self) -> None:
        self.slowest_s = self.peak_mb = 0.0
        self._begin()

    def _begin(self) -> None:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        self._pipe = ours
        self._process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(theirs,), daemon=True
        )
        self._process.start()
        theirs.close()

    def ask(self, *arguments: str) -> Told | str:
        """What the command said; in words, where it died or hung."""
        start = time.monotonic()
        self._pipe.send(list(arguments))
        try:
            if not self._pipe.poll(PATIENCE_S):
                return self._again(f"hung for {PATIENCE_S:.0f} s")
            status, out, err, peak_mb = self._pipe.recv()
        except EOFError:
            self._process.join()
            return self._again(f"died with {self._process.exitcode}")
        self.slowest_s = max(self.slowest_s, time.monotonic() - start)
        self.peak_mb = max(self.peak_mb, peak_mb)
        return status, out, err

    def _again(self, why: str) -> str:
        self.close()
        self._begin()
        return why

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


# the run


def _sound(file: Path, runner: Runner) -> Sound:
    shown, classified = (
        runner.ask("show", str(file)),
        runner.ask("classification", str(file), "--json"),
    )
    if isinstance(shown, str) or isinstance(classified, str) or shown[0] or classified[0]:
        raise SystemExit(f"{file} cannot be opened sound: {shown}")
    return Sound.told(file.name, file.read_bytes(), shown[1], classified[1])


@dataclass
class Tally:
    """What came of the mutants so far."""

    ends: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def judge(
    sound: Sound, mutant: spoiling.Mutant, file: Path, runner: Runner, further: tuple[str, ...]
) -> tuple[str, str]:
    """How one mutant ended ("refused", "same order", ...), and the fault where there is one."""
    file.write_bytes(mutant.data)
    drawn = further[:1] in (("report",), ("chart",))
    out = ("--out", str(file.with_suffix(""))) if drawn else ()
    asked = [("show", str(file)), ("classification", str(file), "--json")]
    if further:
        more = ("--car", sound.rows[0][0]) if further[0] == "gaps" else out
        asked.append((*further, str(file), *more))
    told = [runner.ask(*arguments) for arguments in asked]
    for arguments, answer in zip(asked, told, strict=True):
        command = " ".join(arguments[:2] if arguments[0] == "chart" else arguments[:1])
        if isinstance(answer, str):
            return "fault", f"{command} {answer}"
        if answer[0] not in (0, 2) or "Traceback" in answer[2]:
            return "fault", f"{command}: exit {answer[0]}: {answer[2].strip()[-300:]}"
    shown, classified = told[:2]
    if isinstance(shown, str) or isinstance(classified, str) or shown[0] or classified[0]:
        return "refused", ""
    rows = standing(classified[1])
    if false_winner(sound, mutant, rows, shown[1] + shown[2]):
        was = " ".join(car for car, _ in sound.rows[:8])
        return "false winner", f"{was} -> {' '.join(car for car, _ in rows[:8])}"
    same = [car for car, _ in rows] == [car for car, _ in sound.rows]
    return "same order" if same else "another order, said", ""


def run(sounds: list[Sound], said: argparse.Namespace, jobs: list[int], folder: Path) -> Tally:
    """Every mutant of these numbers; the answers in one tally."""
    tally, runner, lock = Tally(), Runner(), threading.Lock()
    for place, number in enumerate(jobs, start=1):
        chance = random.Random(f"{said.seed}/{number}")
        sound = sounds[number % len(sounds)]
        mutant = spoiling.mutant(sound.data, chance)
        file = folder / f"{number}-{sound.name}"
        further = chance.choice(FURTHER) if chance.random() < said.deep else ()
        end, fault = judge(sound, mutant, file, runner, further)
        with lock:
            tally.ends[end] += 1
            if fault:
                tally.ways[mutant.way] += 1
                where = f"cars {', '.join(sorted(mutant.cars))}" if mutant.cars else "all"
                told = f"{number} {sound.name}, {mutant.way} ({where}): {end}: {fault}"
                tally.faults.append(told)
                say(tally.faults[-1])
                if said.keep is not None:
                    (said.keep / file.name).write_bytes(mutant.data)
        file.unlink()
        if place % PROGRESS == 0:
            sys.stderr.write(f"{place} of {len(jobs)} in one of {said.jobs} processes\n")
    runner.close()
    tally.ends["(slowest ms)"] = round(1000 * runner.slowest_s)
    tally.ends["(peak MB)"] = round(runner.peak_mb)
    return tally


def made_up(folder: Path) -> Iterator[Path]:
    """Sound races of every dialect, with flags and without."""
    from tests.made_up.field import crossings

    from dryline.feeds.alkamel import spec
    from dryline.feeds.alkamel.write import write_laps

    dialects = {"wec": spec.WEC, "wec_2020": spec.WEC_2020, "imsa": spec.IMSA}
    for seed, (name, dialect) in enumerate(dialects.items(), start=1):
        file = folder / f"made_up_{name}_1h.csv"
        file.write_bytes(write_laps(crossings(cars=9, seed=seed), None, dialect))
        yield file


def say(text: str) -> None:
    """One line for whoever runs this."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Spoil, ask, judge; 0 when nothing false was told and nothing fell."""
    parser = argparse.ArgumentParser(description="Ask for races whose files are spoilt.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--mutants", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes that run commands")
    parser.add_argument("--deep", type=float, default=1.0, help="share asked one thing more")
    parser.add_argument("--only", type=int, nargs="*", help="these mutants alone, by number")
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that were told wrong")
    said = parser.parse_args()
    if said.keep is not None:
        said.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder, runner = Path(name), Runner()
        os.environ["DRYLINE_LIBRARY"] = str(folder / "library")
        files = said.files or list(made_up(folder))
        sounds = [_sound(file, runner) for file in files]
        for further in (("track",), ("report", "--out", str(folder / "compiled"))):
            runner.ask(*further[:1], str(files[0]), *further[1:])  # what is compiled is kept
        runner.close()
        numbers = list(range(said.mutants)) if said.only is None else said.only
        tallies: list[Tally] = []

        def work(share: list[int]) -> None:
            tallies.append(run(sounds, said, share, folder))

        threads = [
            threading.Thread(target=work, args=(numbers[job :: said.jobs],))
            for job in range(said.jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return _summed_up(tallies, said.seed)


def _summed_up(tallies: list[Tally], seed: int) -> int:
    ends: Counter[str] = Counter()
    for tally in tallies:
        for end, count in tally.ends.items():
            ends[end] = max(ends[end], count) if end.startswith("(") else ends[end] + count
    faults = sum(len(tally.faults) for tally in tallies)
    say(f"seed {seed}: " + ", ".join(f"{end} {count}" for end, count in sorted(ends.items())))
    ways = sum((tally.ways for tally in tallies), Counter[str]())
    for way, count in ways.most_common():
        say(f"  {count:4} {way}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
