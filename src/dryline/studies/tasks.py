"""Many independent tasks: on this machine's cores or on a Ray cluster, with the same numbers.

A task is a module-level function of one picklable item, and nothing in it depends on where or in
which order it runs; so results are the same for one worker, two, or a cluster. With a folder to
resume from, each result is kept as soon as it is there, and a run that was cut off goes on.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dryline.domain.errors import BadOption

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Called with tasks done and tasks in all."""


class Engine(Protocol):
    """Runs tasks somewhere and hands back ``(index, result)`` as each is done."""

    def run(
        self, task: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Every item's result with its index, in any order."""
        ...


@dataclass(frozen=True)
class LocalEngine:
    """This machine: ``workers`` processes; one runs in this process."""

    workers: int = 0

    def run(
        self, task: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Every item's result with its index, in any order."""
        workers = min(self.workers or os.cpu_count() or 1, len(items))
        if workers <= 1:
            yield from ((index, task(item)) for index, item in enumerate(items))
            return
        from multiprocessing import get_context

        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            futures = {pool.submit(task, item): index for index, item in enumerate(items)}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


@dataclass(frozen=True)
class RayEngine:
    """A Ray cluster: the one at ``address``, or a local one with ``workers`` processes."""

    address: str | None = None
    workers: int = 0

    def run(
        self, task: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Every item's result with its index, in any order.

        Raises:
            BadOption: where Ray is not installed or the cluster does not answer.
        """
        try:
            import ray
        except ImportError as error:
            raise BadOption("Ray is not installed", remedy="pip install 'dryline[ray]'.") from error
        cores = None if self.address else (self.workers or os.cpu_count() or 1)
        try:
            ray.init(address=self.address, num_cpus=cores, log_to_driver=False, logging_level=40)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise BadOption(f"no Ray cluster at {self.address}: {error}") from error
        try:
            remote = ray.remote(task)
            waiting = {remote.remote(item): index for index, item in enumerate(items)}
            while waiting:
                (done,), _ = ray.wait(list(waiting), num_returns=1)
                yield waiting.pop(done), ray.get(done)
        finally:
            ray.shutdown()


def engine_named(name: str, *, address: str | None = None, workers: int = 0) -> Engine:
    """``local`` or ``ray``.

    Raises:
        BadOption: for any other name, or an address without Ray.
    """
    if name == "ray":
        return RayEngine(address, workers)
    if name != "local":
        raise BadOption(f"no engine {name!r}", remedy="Use local or ray.")
    if address is not None:
        raise BadOption("--address goes with --engine ray")
    return LocalEngine(workers)


def run_tasks(
    task: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    engine: Engine | None = None,
    keys: Sequence[str] | None = None,
    resume: Path | None = None,
    progress: Progress | None = None,
) -> list[Result]:
    """The results of all items, in their order.

    Args:
        task: a module-level function of one item.
        items: picklable.
        engine: where to run; this machine's cores when left out.
        keys: what an item's result depends on, as text; needed with ``resume``.
        resume: a folder in which results are kept and looked for.
        progress: told after every result.
    """
    results: dict[int, Result] = {}
    paths = _paths(task, keys, resume)
    for index, path in paths.items():
        for kept in _kept(path):
            results[index] = kept
    left = [index for index in range(len(items)) if index not in results]
    if progress is not None:
        progress(len(results), len(items))
    for number, result in (engine or LocalEngine()).run(task, [items[i] for i in left]):
        index = left[number]
        results[index] = result
        if index in paths:
            _keep(paths[index], result)
        if progress is not None:
            progress(len(results), len(items))
    return [results[index] for index in range(len(items))]


def _paths(
    task: Callable[[Item], Result], keys: Sequence[str] | None, resume: Path | None
) -> dict[int, Path]:
    if resume is None or keys is None:
        return {}
    resume.mkdir(parents=True, exist_ok=True)
    name = f"{task.__module__}.{task.__qualname__}"
    return {
        index: resume / f"{hashlib.sha256(f'{name}|{key}'.encode()).hexdigest()[:24]}.result"
        for index, key in enumerate(keys)
    }


def _kept(path: Path) -> list[Any]:
    """A result kept earlier; nothing where there is none, or it was cut off."""
    try:
        return [pickle.loads(path.read_bytes())]  # noqa: S301 - written by this machine's user
    except (OSError, EOFError, pickle.UnpicklingError):
        return []


def _keep(path: Path, result: object) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(pickle.dumps(result))
    part.replace(path)
