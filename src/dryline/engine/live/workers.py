"""Slow answers beside the timing: questions go to other processes and come back as events."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

import msgspec

from dryline.engine.live.state import Ask
from dryline.race.race import Race

Work = Callable[[Race, Ask], Any]
"""A slow question: the race as it was known, what is asked; the answer is turned into JSON.

A function of its arguments alone, at the top of its module so that other processes find it."""


class Finished(msgspec.Struct, frozen=True):
    """One question answered, or why not."""

    ask: int
    value: bytes = b"null"
    error: str | None = None


class Workers(Protocol):
    """Where questions go."""

    def submit(self, number: int, work: Work, race: Race, ask: Ask) -> None:
        """Begin to answer question ``number``."""

    def finished(self) -> list[Finished]:
        """What has been answered since the last call; never waits."""

    def close(self) -> None:
        """Stop, dropping what is not done."""


class ProcessWorkers:
    """Answers in processes of their own; timing goes on meanwhile.

    Args:
        processes: how many questions are worked on at once.
        most: how many may wait; where more come, the oldest that has not begun is given up.
    """

    def __init__(self, processes: int = 1, most: int = 8) -> None:
        self._processes, self._most = processes, most
        self._running: dict[int, tuple[Future[Finished], Work, Race, Ask]] = {}
        self._given_up: list[Finished] = []
        self._pool = self._new_pool()
        self._retried: set[int] = set()

    def submit(self, number: int, work: Work, race: Race, ask: Ask) -> None:
        """Send the question off, making room for it."""
        self._make_room()
        try:
            future = self._pool.submit(answer, number, work, race, ask)
        except BrokenProcessPool:
            self._pool = self._new_pool()
            future = self._pool.submit(answer, number, work, race, ask)
        self._running[number] = (future, work, race, ask)

    def finished(self) -> list[Finished]:
        """What is done; a question whose process died is asked once more."""
        done, self._given_up = self._given_up, []
        for number, (future, work, race, ask) in list(self._running.items()):
            if not future.done():
                continue
            del self._running[number]
            fault = future.exception()
            if fault is None:
                done.append(future.result())
            elif number in self._retried:
                done.append(Finished(number, error="the process that worked on it died twice"))
            else:
                self._retried.add(number)
                self.submit(number, work, race, ask)
        return done

    def close(self) -> None:
        """Stop, dropping what is not done."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _make_room(self) -> None:
        waiting = [n for n, (future, *_) in self._running.items() if not future.done()]
        while len(waiting) >= self._most:
            oldest = waiting.pop(0)
            if self._running[oldest][0].cancel():
                del self._running[oldest]
                self._given_up.append(Finished(oldest, error="given up for a newer question"))

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            mp_context=multiprocessing.get_context("forkserver"),
            initializer=end_with_the_session,
        )


class InlineWorkers:
    """Answers on the spot, in order: for replays whose every answer must stand in its place."""

    def __init__(self) -> None:
        self._done: list[Finished] = []

    def submit(self, number: int, work: Work, race: Race, ask: Ask) -> None:
        """Answer at once."""
        self._done.append(answer(number, work, race, ask))

    def finished(self) -> list[Finished]:
        """What was asked since the last call."""
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Nothing to stop."""


def end_with_the_session() -> None:
    """In a worker: die when the session's process dies, however it dies."""

    def watch() -> None:
        session = multiprocessing.parent_process()
        if session is not None:
            session.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def answer(number: int, work: Work, race: Race, ask: Ask) -> Finished:
    """The answer to one question; whatever goes wrong becomes its error."""
    try:
        value = work(race, ask)
        return Finished(number, msgspec.json.encode(value))
    except Exception as error:
        return Finished(number, error=f"{type(error).__name__}: {error}"[:300])
