"""Slow answers beside the timing: questions go to other processes and come back as events."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from dryline.engine.live.hands import DEADLINE_S, Errand, Finished, Hand, Work, answer
from dryline.engine.live.state import Ask
from dryline.race.race import Race

__all__ = [
    "GIVEN_UP",
    "Finished",
    "InlineWorkers",
    "Lanes",
    "ProcessWorkers",
    "Work",
    "Workers",
    "answer",
]

GIVEN_UP = "given up for a newer question"
_MOST_TROUBLES = 100


class Workers(Protocol):
    """Where questions go."""

    def submit(self, number: int, work: Work, race: Race, ask: Ask) -> None:
        """Begin to answer question ``number``."""

    def finished(self) -> list[Finished]:
        """What has been answered since the last call; never waits."""

    def troubles(self) -> list[str]:
        """What went wrong with the processes since the last call, in words."""

    @property
    def fault(self) -> str:
        """What is wrong with them now, empty where nothing is."""

    def close(self) -> None:
        """Stop, dropping what is not done."""


class ProcessWorkers:
    """Answers in processes of their own; timing goes on meanwhile.

    Args:
        processes: how many questions are worked on at once.
        most: how many may be open; where more come, the oldest that has not begun is given up.
        latest_only: kinds of which only the newest question matters: an older one that has not
            begun is given up for it.
        prepare: done once in each process before its first question.
        deadline_s: how long a question may take. A process that is silent for longer is ended and
            the question asked of a new one, once.
    """

    def __init__(
        self,
        processes: int = 1,
        most: int = 8,
        *,
        latest_only: Collection[str] = (),
        prepare: Callable[[], object] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._most, self._latest_only = most, frozenset(latest_only)
        self._waiting: list[Errand] = []
        self._done: list[Finished] = []
        self._working = 0
        self._closed = False
        self._changed = threading.Condition()
        self._troubles: deque[str] = deque(maxlen=_MOST_TROUBLES)
        self._hands = [
            Hand(self._next, self._put, self._troubles.append, prepare, deadline_s)
            for _ in range(processes)
        ]

    def submit(self, number: int, work: Work, race: Race, ask: Ask) -> None:
        """Let the question wait for its turn, making room for it."""
        with self._changed:
            if ask.kind in self._latest_only:
                self._give_up([each for each in self._waiting if each.ask.kind == ask.kind])
            too_many = self._working + len(self._waiting) + 1 - self._most
            self._give_up(self._waiting[: max(0, too_many)])
            self._waiting.append(Errand(number, work, race, ask))
            self._changed.notify()

    def finished(self) -> list[Finished]:
        """What is done; a question whose process died was asked once more."""
        with self._changed:
            done, self._done = self._done, []
            return done

    def troubles(self) -> list[str]:
        """Processes that died or were ended since the last call."""
        return [self._troubles.popleft() for _ in range(len(self._troubles))]

    @property
    def fault(self) -> str:
        """The troubles that no answer has ended yet."""
        return "; ".join(filter(None, (hand.fault for hand in self._hands)))

    def close(self) -> None:
        """Stop, dropping what is not done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for hand in self._hands:
            hand.close()

    def _next(self) -> Errand | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            if self._closed:
                return None
            self._working += 1
            return self._waiting.pop(0)

    def _put(self, answered: Finished) -> None:
        with self._changed:
            self._working -= 1
            self._done.append(answered)

    def _give_up(self, questions: Collection[Errand]) -> None:
        numbers = {each.number for each in questions}
        self._waiting = [each for each in self._waiting if each.number not in numbers]
        self._done += [Finished(number, error=GIVEN_UP) for number in sorted(numbers)]


class Lanes:
    """Workers by kind of question, so that an urgent one need not wait for a slow one.

    Args:
        lanes: workers by kind.
        other: workers of every other kind.
    """

    def __init__(self, lanes: Mapping[str, Workers], other: Workers) -> None:
        self._lanes, self._other = dict(lanes), other
        self._every = list({id(each): each for each in (*lanes.values(), other)}.values())

    def submit(self, number: int, work: Work, race: Race, ask: Ask) -> None:
        """Begin to answer question ``number`` in its lane."""
        self._lanes.get(ask.kind, self._other).submit(number, work, race, ask)

    def finished(self) -> list[Finished]:
        """What has been answered in any lane since the last call."""
        return [done for workers in self._every for done in workers.finished()]

    def troubles(self) -> list[str]:
        """What went wrong in any lane since the last call."""
        return [trouble for workers in self._every for trouble in workers.troubles()]

    @property
    def fault(self) -> str:
        """What is wrong in any lane now."""
        return "; ".join(filter(None, (workers.fault for workers in self._every)))

    def close(self) -> None:
        """Stop every lane."""
        for workers in self._every:
            workers.close()


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

    def troubles(self) -> list[str]:
        """None: there are no processes."""
        return []

    @property
    def fault(self) -> str:
        """Never any."""
        return ""

    def close(self) -> None:
        """Nothing to stop."""
