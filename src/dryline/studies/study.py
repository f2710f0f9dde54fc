"""What every backtest shares: which races, where to run, going on from where, telling whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dryline._version import __version__
from dryline.domain.errors import NotKnown
from dryline.engine.catalogue import race_key
from dryline.engine.library import sessions_below
from dryline.engine.opening import open_race
from dryline.race.race import Race
from dryline.studies.tasks import Engine, Progress, run_tasks

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Study:
    """How to run a backtest: where, going on from where, telling whom, with how much chance."""

    engine: Engine | None = None
    resume: Path | None = None
    progress: Progress | None = None
    replicates: int = 2000
    seed: int = 1

    def run(
        self,
        task: Callable[[Item], Result],
        items: Sequence[Item],
        paths: Sequence[Path],
        depends: Sequence[object] | None = None,
    ) -> list[Result]:
        """``task`` over ``items``, one per race in ``paths``; ``depends`` is what else counts."""
        extra = depends if depends is not None else [""] * len(paths)
        keys = [
            f"{__version__}|{race_key(path)}|{stamp(path)}|{more}"
            for path, more in zip(paths, extra, strict=True)
        ]
        return run_tasks(
            task, items, engine=self.engine, keys=keys, resume=self.resume, progress=self.progress
        )


def stamp(path: Path) -> int:
    """When the newest file of a session was written, in nanoseconds."""
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    return max(file.stat().st_mtime_ns for file in files)


def races_of(sources: Sequence[Path]) -> list[Path]:
    """Every session in these files and folders, in order, none twice.

    Raises:
        RaceNotFound: where there is no such path.
    """
    found = [session for source in sources for session in sessions_below(source)]
    return list(dict.fromkeys(found))


def scheduled_ms(race: Race) -> int:
    """How long a race was meant to last, in ms.

    Raises:
        NotKnown: where nobody says so.
    """
    length = race.info.length
    if length is None or length.ms is None:
        raise NotKnown(
            f"how long {race.info.name} is meant to last is not known",
            remedy="Put a catalogue.csv with race, file and scheduled_h above it.",
        )
    return length.ms


def opened(path: Path) -> tuple[str, Race]:
    """A race and what it is called in studies."""
    return race_key(path), open_race(path)
