"""One process that answers questions, one after another, and the thread that waits for it.

Nothing here is joined at the end of the session: what is not answered then is not wanted.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, NamedTuple

import msgspec

from dryline.engine.live.state import Ask
from dryline.race.race import Race

Work = Callable[[Race, Ask], Any]
"""A slow question: the race as it was known, what is asked; the answer is turned into JSON.

A function of its arguments alone, at the top of its module so that other processes find it."""

BEHIND = 10
"""How much nicer than the session its workers are: an answer may wait, the timing may not."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Set for the processes to come: on a busy machine such threads wait for each other."""
DEADLINE_S = 240.0
"""How long a question may take: many times what it does on a busy machine."""
_SAID = 1 / 4
"""After this share of the deadline its lateness is said."""
_PREPARING = 5
_PATIENCE_S = 5.0
_GOES = 2
_LOG = logging.getLogger(__name__)


class Finished(msgspec.Struct, frozen=True):
    """One question answered, or why not."""

    ask: int
    value: bytes = b"null"
    error: str | None = None


class Errand(NamedTuple):
    """What is worked on."""

    number: int
    work: Work
    race: Race
    ask: Ask


class Hand:
    """A process that works, begun anew when it dies or is silent beyond its deadline.

    Args:
        take: the next question, waited for; ``None`` ends it.
        put: where answers go.
        tell: where troubles go, in words.
        prepare: done once in the process before its first question.
        deadline_s: how long a question may take, and, fivefold, the preparation.

    ``fault`` is the trouble that no answer has ended yet, empty where there is none.
    """

    def __init__(
        self,
        take: Callable[[], Errand | None],
        put: Callable[[Finished], None],
        tell: Callable[[str], None],
        prepare: Callable[[], object] | None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._take, self._put, self._tell, self._prepare = take, put, tell, prepare
        self._deadline_s, self._is_late, self._overdue = deadline_s, False, ""
        self._working: tuple[ForkServerProcess, Connection] | None = None
        self._closed = threading.Event()
        self.fault = ""
        threading.Thread(target=self._keep_on, name="worker", daemon=True).start()

    def close(self) -> None:
        """Stop at once."""
        self._closed.set()
        if (working := self._working) is not None:
            working[0].kill()

    def _keep_on(self) -> None:
        if self._prepare is not None:
            self._get_ready()
        while not self._closed.is_set() and (question := self._take()) is not None:
            self._put(self._answered(question))
        self._dismiss()

    def _get_ready(self) -> None:
        try:
            self._engage()
        except Exception:
            if not self._closed.is_set():
                _LOG.warning("a process for answers cannot be started", exc_info=True)
                self._complain("its preparation")
            self._dismiss()

    def _answered(self, question: Errand) -> Finished:
        for _ in range(_GOES):
            try:
                answered = self._asked(question)
            except (EOFError, OSError):
                if not self._closed.is_set():
                    self._complain(f"the question {question.ask.kind!r}")
                self._dismiss()
                if self._closed.is_set():
                    break
            except Exception as error:
                _LOG.warning("question %d cannot be sent", question.number, exc_info=error)
                return Finished(question.number, error=_said(error))
            else:
                self.fault = ""
                return answered
        return Finished(question.number, error=f"the process that worked on it {self._end} twice")

    def _asked(self, question: Errand) -> Finished:
        _, connection = self._working or self._engage()
        with self._within(self._deadline_s, f"the question {question.ask.kind!r}"):
            connection.send(question)
            answered: Finished = connection.recv()
        if self._is_late:
            self._dismiss()
        return answered

    def _engage(self) -> tuple[ForkServerProcess, Connection]:
        for name in ONE_THREAD:
            os.environ.setdefault(name, "1")
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work_on, args=(theirs, self._prepare), daemon=True)
        process.start()
        theirs.close()
        self._working = process, ours
        if self._closed.is_set():
            process.kill()
        with self._within(self._deadline_s * _PREPARING, "making a process ready"):
            ours.recv()
        return self._working

    @contextmanager
    def _within(self, seconds: float, what: str) -> Iterator[None]:
        """Say after a quarter of the time that it is late; end the process at the end of it."""
        self._is_late = False
        said_s = seconds * _SAID
        self._overdue = f"{what} has taken more than {said_s:g} s"
        timers = threading.Timer(said_s, self._say_late), threading.Timer(seconds, self._end_late)
        for timer in timers:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()
            if self.fault == self._overdue:
                self.fault = ""

    def _say_late(self) -> None:
        self.fault = self.fault or self._overdue

    def _end_late(self) -> None:
        self._is_late = True
        if (working := self._working) is not None:
            working[0].kill()

    @property
    def _end(self) -> str:
        return "did not answer in time" if self._is_late else "died"

    def _complain(self, what: str) -> None:
        self.fault = f"the process that worked on {what} {self._end}: a new one is begun"
        _LOG.warning("%s", self.fault)
        self._tell(self.fault)

    def _dismiss(self) -> None:
        working, self._working = self._working, None
        if working is not None:
            working[0].kill()
            working[0].join(_PATIENCE_S)
            working[1].close()


def answer(number: int, work: Work, race: Race, ask: Ask) -> Finished:
    """The answer to one question; whatever goes wrong becomes its error."""
    try:
        value = work(race, ask)
        return Finished(number, msgspec.json.encode(value))
    except Exception as error:
        return Finished(number, error=_said(error))


def _work_on(connection: Connection, prepare: Callable[[], object] | None) -> None:
    """In a process of its own: answer what comes until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the session, which ends this
    _end_with_the_session()
    os.nice(BEHIND)
    if prepare is not None:
        prepare()
    connection.send(None)
    while True:
        try:
            question: Errand = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(answer(*question))


def _end_with_the_session() -> None:
    """Die when the session's process dies, however it dies."""

    def watch() -> None:
        session = multiprocessing.parent_process()
        if session is not None:
            session.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
