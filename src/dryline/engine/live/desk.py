"""From records to the state: the one place where a session's knowledge changes.

The state is a function of the records and of nothing else, so reading a journal gives what the
session knew, bit for bit.
"""

from __future__ import annotations

from dataclasses import replace as race_with

import msgspec
from msgspec.structs import replace

from dryline.domain.errors import BrokenInvariant
from dryline.domain.event import TeamInput
from dryline.domain.finding import Finding
from dryline.domain.instant import Instant
from dryline.domain.race_info import UNNAMED, RaceInfo
from dryline.engine.live.hearing import TYPED, Hearing, Usefulness
from dryline.engine.live.record import Kind, Record
from dryline.engine.live.state import Answered, Ask, Beginning, SessionState
from dryline.feeds.live.arrival import ArrivalForm
from dryline.feeds.live.lines import LineReader
from dryline.feeds.said import Said
from dryline.race.fold import RaceState

__all__ = ["TYPED", "Desk", "typed_input"]


class Desk:
    """Applies records, one after another; ``state`` is what they have told so far."""

    def __init__(self) -> None:
        self._applied: list[Record] = []
        self._state = SessionState(RaceState(RaceInfo(name=UNNAMED)))
        self._hearing = Hearing()

    @property
    def state(self) -> SessionState:
        """Everything known now: an immutable value."""
        return self._state

    def apply(self, record: Record) -> SessionState:
        """The state after one more record."""
        if record.kind is Kind.JUMP:
            then = Desk()  # apart, so that nobody sees a state that is half told
            for before in self._applied:
                if before.at_ms <= record.at_ms or before.kind is Kind.BEGIN:
                    then.apply(before)
            self._applied, self._hearing = then._applied, then._hearing
            self._state = replace(then.state, at_ms=record.at_ms)
        else:
            self._take(record)
            self._applied.append(record)
        self._state = replace(self._state, seq=record.seq)
        return self._state

    def content(self, source: str, name: str) -> bytes:
        """What a file of that feed holds, as far as the records say."""
        return self._hearing.content(source, name)

    def reader(self, source: str) -> LineReader:
        """Where the reading of a JSON-lines feed stands."""
        return self._hearing.reader(source)

    def weigh(self, source: str, form: ArrivalForm, said: Said, at: Instant) -> Usefulness:
        """What would come of it if ``said`` were heard at ``at``; nothing changes."""
        return self._hearing.weigh(self._state, source, form, said, at)

    def said_here(self, info: RaceInfo) -> RaceInfo:
        """What has been said of the race at this end, with ``info`` said anew."""
        return self._hearing.said_here(info)

    def _take(self, record: Record) -> None:
        self._state = replace(self._state, at_ms=max(self._state.at_ms, record.at_ms))
        match record.kind:
            case Kind.BEGIN:
                self._begin(record)
            case Kind.ARRIVAL:
                self._state = self._hearing.take(self._state, record)
            case Kind.ASKED:
                self._asked(record)
            case Kind.ANSWERED:
                self._answered(record)
            case Kind.REMARK:
                finding = msgspec.json.decode(record.data, type=Finding)
                findings = self._state.findings.append(finding)
                self._state = replace(self._state, findings=findings)
            case Kind.MARK | Kind.JUMP:
                pass

    def _begin(self, record: Record) -> None:
        beginning = msgspec.json.decode(record.data, type=Beginning)
        race = race_with(self._state.race, weekend=beginning.weekend)
        state = replace(self._state, race=race, seed=beginning.seed, crews=beginning.crews)
        self._state = self._hearing.begin(state, msgspec.convert(beginning.info, RaceInfo))

    def _asked(self, record: Record) -> None:
        ask = msgspec.json.decode(record.data, type=Ask)
        state = self._state
        self._state = replace(
            state,
            asks={**state.asks, record.seq: (ask, state.race)},
            asked={**state.asked, ask.kind: ask.as_of_ms},
            questions={**state.questions, ask.kind: ask},
        )

    def _answered(self, record: Record) -> None:
        answer = msgspec.json.decode(record.data, type=Answered)
        state = self._state
        if answer.ask not in state.asks:
            return
        newest = state.latest.get(answer.kind)
        is_newer = newest is None or newest.as_of_ms <= answer.as_of_ms
        self._state = replace(
            state,
            asks={key: ask for key, ask in state.asks.items() if key != answer.ask},
            answers=state.answers.append(answer),
            answered=state.answered.append(state.asks[answer.ask][0]),
            latest={**state.latest, answer.kind: answer} if is_newer else state.latest,
        )


def typed_input(state: SessionState, number: int) -> TeamInput:
    """The team input of that number.

    Raises:
        BrokenInvariant: where there is none.
    """
    for entry in state.race.team:
        if entry.number == number:
            return entry
    raise BrokenInvariant(f"team input {number} is not in the state")
