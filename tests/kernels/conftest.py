"""The machine code that is tested, and left on disk, is that of the kernels as they stand."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest

from dryline import kernels
from dryline.kernels.race_lap import simulate_chunk
from tests.kernels.a_grid import a_race, a_sheet

HERE, ROOM = Path(__file__).parent, Path(kernels.__file__).parent


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Throw away what is older than the last edit, then compile the whole before its parts.

    numba looks only at the file of the outermost function, not at those that it folds in; and a
    simulator compiled after tests have compiled its parts alone runs at half its speed.
    """
    edited = max(file.stat().st_mtime for file in ROOM.glob("*.py"))
    for index in chain(ROOM.glob("__pycache__/*.nbi"), HERE.glob("__pycache__/*.nbi")):
        with suppress(FileNotFoundError):  # another worker has thrown it away
            if index.stat().st_mtime < edited:
                index.unlink()
    race, run = a_race(0)
    simulate_chunk(race, 0, 0, run, a_sheet(race, 1))
