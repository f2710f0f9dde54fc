"""Tasks give the same numbers wherever they run, and go on where they were cut off."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from dryline.domain.errors import BadOption
from dryline.studies.tasks import LocalEngine, RayEngine, engine_named, run_tasks


def drawn(seed: int) -> tuple[int, list[float]]:
    """A task with chance in it: numbers that depend on the item alone."""
    import numpy as np

    random = np.random.Generator(np.random.Philox(key=np.array([7, seed], dtype=np.uint64)))
    return seed, random.normal(size=5).tolist()


def once(path: str) -> str:
    """A task that refuses to run twice."""
    with Path(path).open("x") as file:
        file.write("done")
    return path


@pytest.fixture(scope="module")
def expected() -> list[tuple[int, list[float]]]:
    return run_tasks(drawn, range(12), engine=LocalEngine(1))


def test_two_workers_give_the_numbers_of_one(expected: list[tuple[int, list[float]]]) -> None:
    assert run_tasks(drawn, range(12), engine=LocalEngine(2)) == expected


def test_a_ray_cluster_of_two_workers_gives_the_numbers_of_one_process(
    expected: list[tuple[int, list[float]]],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own start-up warnings
        assert run_tasks(drawn, range(12), engine=RayEngine(workers=2)) == expected


def test_progress_counts_every_task_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    run_tasks(drawn, range(4), engine=LocalEngine(1), progress=lambda *at: told.append(at))
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_run_that_was_cut_off_goes_on_and_repeats_nothing(tmp_path: Path) -> None:
    items = [str(tmp_path / f"item-{number}") for number in range(5)]
    kept = tmp_path / "kept"
    run_tasks(once, items[:3], engine=LocalEngine(1), keys=items[:3], resume=kept)
    assert run_tasks(once, items, engine=LocalEngine(1), keys=items, resume=kept) == items
    torn = next(iter(sorted(kept.glob("*.result"))))
    torn.write_bytes(torn.read_bytes()[:3])
    with pytest.raises(FileExistsError):
        run_tasks(once, items, engine=LocalEngine(1), keys=items, resume=kept)


def test_a_task_that_fails_is_not_swallowed() -> None:
    with pytest.raises(FileNotFoundError):
        run_tasks(once, ["/nowhere/at/all"], engine=LocalEngine(1))


def test_an_unknown_engine_and_an_address_without_ray_are_refused() -> None:
    with pytest.raises(BadOption, match="no engine"):
        engine_named("slurm")
    with pytest.raises(BadOption, match="--engine ray"):
        engine_named("local", address="here:6379")
