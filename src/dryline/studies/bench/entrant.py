"""A forecaster as a command line: asked about an instant, timed, and its answer checked."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import shlex
import signal
import string
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import numpy as np

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BadForecast, BadOption
from dryline.model.running import Floats
from dryline.studies.bench.asked import AskedInstant

PLACEHOLDERS = ("file", "request", "out", "at", "length", "race", "series", "year")
MOST_BYTES = 16 * 1024 * 1024
"""An answer may be so long; that of the largest field has a few hundredths of it."""
ROUNDED, EXACT = 1e-3, 1e-9
"""Probabilities may miss a sum of one by so much, for they may be rounded; beyond ``EXACT`` they
are scaled to it."""

Probability = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class ForecastCar(msgspec.Struct, frozen=True):
    """What an answer says of one car; without ``p_win_class`` its first place is meant."""

    car_number: str
    p_position_in_class: list[Probability]
    p_win_class: Probability | None = None


class ForecastFile(msgspec.Struct, frozen=True):
    """An answer; whatever else it holds is left aside."""

    cars: list[ForecastCar]


@dataclass(frozen=True)
class ClassForecast:
    """A forecast of one class, cars in their order at the instant: [C] and [C, C]."""

    p_win: Floats
    p_place: Floats


@dataclass(frozen=True)
class Entrant:
    """A forecaster: the words of its command line, and how long it may take."""

    words: tuple[str, ...]
    limit_s: float

    @classmethod
    def of(cls, template: str, limit_s: float) -> Entrant:
        """A command line with placeholders in braces, split as a shell would and run without one.

        Raises:
            BadOption: where it cannot be split, has another placeholder, or reads no question.
        """
        if not 0.0 < limit_s < math.inf:
            raise BadOption(f"--limit {limit_s:g} is no time", remedy="Give seconds, like 60.")
        try:
            words = tuple(shlex.split(template))
            named = {name for word in words for _, name, _, _ in string.Formatter().parse(word)}
        except ValueError as error:
            raise BadOption(
                f"--run cannot be read: {error}", remedy="Write {{ and }} for braces of your own."
            ) from error
        for name in sorted({name for name in named if name is not None} - {*PLACEHOLDERS}):
            raise BadOption(
                f"--run has no {{{name}}}", remedy=f"There are {', '.join(PLACEHOLDERS)}."
            )
        if not named & {"file", "request"}:
            raise BadOption(
                "--run reads neither {file} nor {request}",
                remedy="Write: --run 'python mine.py {request} {out}'.",
            )
        return cls(words, limit_s)

    @property
    def identity(self) -> str:
        """Its words, and the content of every file that they name: what its answers depend on."""
        named = [Path(word) for word in self.words if os.path.isfile(word)]
        return "|".join([*self.words, *(_sha256(path) for path in named)])

    def answer(self, asked: AskedInstant) -> dict[str, ClassForecast]:
        """Its forecast of every class that is scored.

        Raises:
            BadForecast: naming race, instant and fault.
            BadOption: where the command cannot be started at all.
        """
        with TemporaryDirectory(prefix="dryline-bench-") as made:
            folder = Path(made)
            timing, request, out = (
                folder / name for name in ("timing.csv", "request.json", "forecast.json")
            )
            timing.write_bytes(asked.timing())
            request.write_bytes(asked.request(timing))
            known = asked.race.known
            values = {
                "file": timing,
                "request": request,
                "out": out,
                "at": format_clock(asked.at_ms),
                "length": format_clock(asked.race.length_ms),
                "race": known.race,
                "series": known.series or "",
                "year": known.year or "",
            }
            self._run([word.format(**values) for word in self.words], folder, asked)
            writes = any("{out" in word for word in self.words)
            data = _written(out if writes else folder / "stdout", asked)
        return read_forecast(data, asked)

    def _run(self, words: Sequence[str], folder: Path, asked: AskedInstant) -> None:
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            try:
                process = subprocess.Popen(  # noqa: S603 - the user's own command
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            except OSError as error:
                raise BadOption(
                    f"--run cannot start {words[0]!r}: {error.strerror or error}",
                    remedy="Give the program's path.",
                ) from error
            try:
                status = process.wait(self.limit_s)
            except subprocess.TimeoutExpired:
                raise _fault(
                    asked, f"no answer within {self.limit_s:g} s", "Allow more with --limit."
                ) from None
            finally:
                _end(process)
        if status != 0:
            said = _last_line(folder / "stderr")
            raise _fault(asked, f"it ended with status {status}{f': {said}' if said else ''}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing that it started goes on."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _fault(asked: AskedInstant, what: str, remedy: str | None = None) -> BadForecast:
    return BadForecast(f"{asked.name}: {what}", remedy=remedy)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _last_line(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2000))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[-300:]


def _written(path: Path, asked: AskedInstant) -> bytes:
    if not path.is_file() or not path.stat().st_size:
        where = "to {out}" if path.name == "forecast.json" else "on standard output"
        raise _fault(asked, f"it wrote nothing {where}")
    if path.stat().st_size > MOST_BYTES:
        raise _fault(asked, f"its answer has more than {MOST_BYTES // 2**20} MB")
    return path.read_bytes()


def read_forecast(data: bytes, asked: AskedInstant) -> dict[str, ClassForecast]:
    """An answer as arrays, every class checked.

    Raises:
        BadForecast: where it is no such JSON, a car is missing or twice there, or probabilities
            do not sum to one.
    """
    try:
        cars = msgspec.json.decode(data, type=ForecastFile).cars
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _fault(asked, f"its answer cannot be read: {error}") from error
    by_number = {car.car_number: car for car in cars}
    for number in by_number:
        if sum(car.car_number == number for car in cars) > 1:
            raise _fault(asked, f"car {number} is there twice")
    missing = sorted({car for order in asked.order.values() for car in order} - set(by_number))
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise _fault(asked, f"without car {', '.join(missing[:5])}{more}")
    return {name: _of_class(name, order, by_number, asked) for name, order in asked.order.items()}


def _of_class(
    name: str, order: Sequence[str], cars: Mapping[str, ForecastCar], asked: AskedInstant
) -> ClassForecast:
    mates = [cars[number] for number in order]
    places = []
    for car in mates:
        if len(car.p_position_in_class) != len(mates):
            raise _fault(
                asked,
                f"car {car.car_number} has {len(car.p_position_in_class)} places; {name} has "
                f"{len(mates)} starters",
            )
        p = np.array(car.p_position_in_class)
        places.append(_to_one(p, f"the places of car {car.car_number}", asked))
    said = [
        car.p_position_in_class[0] if car.p_win_class is None else car.p_win_class for car in mates
    ]
    p_win = _to_one(np.array(said), f"the winners of {name}", asked)
    return ClassForecast(p_win, np.array(places))


def _to_one(p: Floats, what: str, asked: AskedInstant) -> Floats:
    total = math.fsum(p)
    if abs(total - 1.0) > ROUNDED:
        raise _fault(asked, f"the probabilities of {what} sum to {total:.6g}, not to 1")
    return p / total if abs(total - 1.0) > EXACT else p
