"""One race as it goes on: clock, feeds, state and journal in one object.

A replay and a live race differ in the clock and the feed that they are given, in nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_
from pathlib import Path
from typing import Any, Protocol

import msgspec

from dryline._version import __version__
from dryline.domain.entry import Driver
from dryline.domain.errors import BadOption, InputError
from dryline.domain.event import TeamInput
from dryline.domain.finding import Finding
from dryline.domain.instant import START, Instant
from dryline.domain.legible import legible
from dryline.domain.race_info import UNNAMED, RaceInfo
from dryline.domain.weekend import NO_WEEKEND, Weekend
from dryline.engine.live.clock import Clock
from dryline.engine.live.desk import TYPED, Desk, typed_input
from dryline.engine.live.frames import Frames
from dryline.engine.live.habits_so_far import HabitsSoFar
from dryline.engine.live.journal import Journal, JournalHealth, open_journal
from dryline.engine.live.record import Kind, Record
from dryline.engine.live.remarks import trouble_remark
from dryline.engine.live.sieve import Sieve
from dryline.engine.live.state import Answered, Ask, Beginning, SessionState, digest
from dryline.engine.live.workers import InlineWorkers, Work, Workers
from dryline.feeds.live.arrival import Arrival
from dryline.feeds.live.lines import team_line
from dryline.feeds.live.team_lines import read_team_line
from dryline.race.fold import RaceState
from dryline.race.habits import Habits
from dryline.race.race import Race

MARK_EVERY = 2_000
TEAM = "team"
Listener = Callable[[SessionState], None]


class Prompt(Protocol):
    """What asks a kind of question by itself, looking at nothing but the state.

    A question that was asked must no longer be due: the state then shows it.
    """

    @property
    def kind(self) -> str:
        """The question."""

    def due(self, state: SessionState) -> Mapping[str, Any] | None:
        """The arguments of the question to be asked now; ``None`` where none is."""


@dataclass(frozen=True, slots=True)
class Routine:
    """A question asked by itself, at the first event of every ``every_ms`` of the race."""

    kind: str
    every_ms: int
    arguments: Mapping[str, Any] | None = None

    def due(self, state: SessionState) -> Mapping[str, Any] | None:
        """Its arguments once ``every_ms`` have begun anew since it was last asked."""
        last_ms = state.asked.get(self.kind, -1)
        if state.race.now.ms // self.every_ms <= last_ms // self.every_ms:
            return None
        return self.arguments or {}


class LiveSession:
    """A race that goes on. Threads may call it; each call is whole before the next begins.

    Args:
        info: the race, where it is known; a feed may name it else.
        clock: where the race is now.
        journal: the file that keeps it all; an existing one is gone on with.
        seed: the luck of every answer.
        works: how questions are answered, by kind.
        routines: questions that are asked by themselves.
        workers: who answers; on the spot when left out.
        started: when the session began, as text for the record.
        crews: drivers by car, where an entry list or a result tells them.
        weekend: what other sessions of the weekend told.

    Raises:
        JournalError: the journal cannot be opened or is another session's.
        UnreadableFile: ``journal`` is some other file.
    """

    def __init__(
        self,
        info: RaceInfo,
        clock: Clock,
        *,
        journal: Path | None = None,
        seed: int = 1,
        works: Mapping[str, Work] | None = None,
        routines: Sequence[Prompt] = (),
        workers: Workers | None = None,
        started: str = "",
        crews: Mapping[str, tuple[Driver, ...]] | None = None,
        weekend: Weekend = NO_WEEKEND,
    ) -> None:
        self.clock = clock
        self._lock = threading.RLock()
        self._works, self._routines = dict(works or {}), tuple(routines)
        self._workers: Workers = InlineWorkers() if workers is None else workers
        self._listeners: list[Listener] = []
        self._desk, self._frames, self._habits = Desk(), Frames(), HabitsSoFar()
        self._sieve = Sieve(self._desk)
        self._since_mark = 0
        self._reached: Instant | None = None
        self._quiet = False
        self._journal: Journal | None = None
        found: tuple[Finding, ...] = ()
        if journal is not None:
            self._journal, found = open_journal(journal, self._desk.apply)
        self.resumed = self._desk.state.seq >= 0
        if not self.resumed:
            self._begin(info, seed, started, crews or {}, weekend)
        elif self._says_anew(info, weekend):
            told = weekend or self.state.race.weekend
            self._begin(info, self.state.seed, started, self.state.crews, told)
        for finding in found:
            self.remark(finding)
        clock.sync(self.state.now)
        self._ask_again()

    @property
    def state(self) -> SessionState:
        """Everything known now: an immutable value, safe to keep and to read from any thread."""
        return self._desk.state

    @property
    def journal_health(self) -> JournalHealth | None:
        """How the journal is doing; ``None`` without one."""
        return None if self._journal is None else self._journal.health

    @property
    def workers_fault(self) -> str:
        """What is wrong with the workers now, empty where nothing is."""
        return self._workers.fault

    def race(self) -> Race:
        """The race as it stands."""
        with self._lock:
            state = self.state
            return with_(self._race(state.race), findings=state.all_findings())

    def habits(self) -> Habits:
        """How long things usually take in the race so far."""
        with self._lock:
            return self._habits.of(self._race(self.state.race))

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with the state after every change; the answer stops it again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def reach(self, at: Instant) -> None:
        """The feeds keep the time themselves and have handed over all until ``at``.

        What comes from elsewhere is dated no later, so that it stands before what follows.
        """
        self._reached = at

    def catch_up(self) -> None:
        """Ask nothing by itself until ``caught_up``: what arrives now is long past."""
        self._quiet = True

    def caught_up(self) -> None:
        """The present is reached: ask what is to be asked about it."""
        with self._lock:
            if self._quiet:
                self._quiet = False
                self._ask_routinely()
                self._tell_listeners()

    def moment(self) -> Instant:
        """The instant at which something typed or answered now comes."""
        now = self.clock.now() if self._reached is None else self._reached
        return max(now, Instant(self.state.at_ms))

    def receive(self, arrivals: Iterable[Arrival]) -> SessionState:
        """Take what has arrived: into the journal first, then into the state."""
        with self._lock:
            before = self.state
            for arrival in arrivals:
                at = self.clock.now() if arrival.at is None else arrival.at
                for kept in self._sieve.through(arrival, at):
                    self._put_down(kept, at)
                    self.clock.sync(self.state.race.now)
                    self._ask_routinely()
            if self.state is not before:
                self._tell_listeners()
            return self.state

    def tell(self, author: str, text: str) -> TeamInput:
        """A line typed on the pit wall.

        Raises:
            InputError: where it cannot be understood; nothing is kept then.
        """
        author, text = legible(author), legible(text)
        with self._lock:
            now = max(self.moment(), self.state.race.now)
            line = team_line(author, text, now)
            read_team_line(TeamInput(happened_at=now, known_at=now, author=author, text=text))
            before = len(self.state.race.team)
            source = f"{TEAM}: {author}"
            self._keep(Kind.ARRIVAL, line, at=now, source=source, form=TYPED)
            self._ask_routinely()
            self._tell_listeners()
            if len(self.state.race.team) == before:
                raise InputError(self.state.feeds[source].last_garbage)
            return typed_input(self.state, before + 1)

    def ask(
        self, kind: str, arguments: Mapping[str, Any] | None = None, seed: int | None = None
    ) -> int:
        """Ask the workers about the race as it stands; the question's number.

        Raises:
            BadOption: where nobody knows how to answer that kind.
        """
        if kind not in self._works:
            raise BadOption(f"nobody answers {kind!r}; known are {', '.join(self._works) or '-'}")
        with self._lock:
            state = self.state
            question = Ask(
                kind=kind,
                as_of_ms=state.now.ms,
                seed=state.seed if seed is None else seed,
                arguments=dict(arguments or {}),
            )
            data = msgspec.json.encode(question)
            number = self._keep(Kind.ASKED, data, at=state.now).seq
            self._submit(number, question, state.race)
            return number

    def collect(self) -> int:
        """Take in the answers that are there, and what became of the workers; how many."""
        with self._lock:
            taken = 0
            for trouble in self._workers.troubles():
                self.remark(trouble_remark(trouble))
                taken += 1
            for done in self._workers.finished():
                if done.ask not in self.state.asks:
                    continue
                question, _ = self.state.asks[done.ask]
                answer = Answered(
                    ask=done.ask,
                    kind=question.kind,
                    as_of_ms=question.as_of_ms,
                    seed=question.seed,
                    known_ms=max(self.moment(), self.state.race.now).ms,
                    value=msgspec.Raw(done.value),
                    error=done.error,
                )
                self._keep(Kind.ANSWERED, msgspec.json.encode(answer))
                taken += 1
            if taken:
                self._tell_listeners()
            return taken

    def remark(self, finding: Finding) -> None:
        """A remark of the session's own."""
        with self._lock:
            self._keep(Kind.REMARK, msgspec.json.encode(finding), at=self.state.now)

    def jump_back(self, to: Instant) -> None:
        """Forget what came after ``to``: for replays only. The journal keeps it all."""
        with self._lock:
            self._keep(Kind.JUMP, b"", at=to)
            self._reached = None if self._reached is None else to
            self._tell_listeners()

    def file_content(self, source: str, name: str) -> bytes:
        """What a file of that feed held when it was last seen."""
        return self._desk.content(source, name)

    def close(self) -> None:
        """Mark the end, flush the journal, stop the workers.

        Raises:
            JournalError: where the journal could not be written to its end.
        """
        with self._lock:
            self._workers.close()
            for left_out in self._sieve.rest(self.clock.now()):
                self._put_down(left_out, self.clock.now())
            if self._journal is not None:
                self._mark()
                journal, self._journal = self._journal, None
                journal.close()

    def _put_down(self, arrival: Arrival, at: Instant) -> None:
        self._keep(
            Kind.ARRIVAL,
            arrival.data,
            at=at,
            source=arrival.source,
            form=arrival.form.value,
            name=arrival.name,
            position=arrival.position,
        )

    def _says_anew(self, info: RaceInfo, weekend: Weekend) -> bool:
        """Whether something is said at this end that the journal does not have."""
        if weekend not in (NO_WEEKEND, self.state.race.weekend):
            return True
        return self._desk.said_here(info) != self._desk.said_here(RaceInfo(name=UNNAMED))

    def _begin(
        self,
        info: RaceInfo,
        seed: int,
        started: str,
        crews: Mapping[str, tuple[Driver, ...]],
        weekend: Weekend,
    ) -> None:
        """Put down what is said of the race at this end, at the first start or at a later one."""
        beginning = Beginning(
            info=info,
            seed=seed,
            version=__version__,
            started=started,
            crews=dict(crews),
            weekend=weekend,
        )
        self._keep(Kind.BEGIN, msgspec.json.encode(beginning), at=START)

    def _keep(
        self,
        kind: Kind,
        data: bytes,
        *,
        at: Instant | None = None,
        source: str = "",
        form: str = "",
        name: str = "",
        position: int = 0,
    ) -> Record:
        state = self.state
        now = self.moment() if at is None else at
        at_ms = max(now.ms, state.at_ms)
        if kind is Kind.JUMP:
            at_ms = now.ms
        elif kind is Kind.MARK:
            at_ms = state.at_ms
        record = Record(
            seq=state.seq + 1,
            kind=kind,
            at_ms=at_ms,
            source=source,
            data=data,
            form=form,
            name=name,
            position=position,
        )
        if self._journal is not None:
            self._journal.append(record)
        self._desk.apply(record)
        self._since_mark += 1
        if self._since_mark >= MARK_EVERY and self._journal is not None:
            self._mark()
        return record

    def _mark(self) -> None:
        self._since_mark = -1
        self._keep(Kind.MARK, digest(self.state).encode())

    def _ask_routinely(self) -> None:
        """What a pit wall asks by itself is about races: of other sessions nothing is asked."""
        race = self.state.race
        if self._quiet or not len(race.rows) or not race.info.session_kind.is_race:
            return
        for routine in self._routines:
            arguments = routine.due(self.state)
            if arguments is not None:
                self.ask(routine.kind, arguments)

    def _ask_again(self) -> None:
        """After a crash: the questions that were open, about the state that they were about."""
        for number, (question, about) in sorted(self.state.asks.items()):
            if question.kind in self._works:
                self._submit(number, question, about)
        if self.resumed:
            self._ask_routinely()

    def _submit(self, number: int, question: Ask, about: RaceState) -> None:
        race = self._race(about)
        self._workers.submit(number, self._works[question.kind], race, question)

    def _race(self, about: RaceState) -> Race:
        return with_(self._frames.race(about), crews=self.state.crews)

    def _tell_listeners(self) -> None:
        state = self.state
        for listener in list(self._listeners):
            listener(state)
