"""A race at an instant, and what could be known of it then: the only thing that can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import msgspec

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import UnknownLength
from dryline.domain.event import Evidence, TeamInput
from dryline.domain.instant import Instant
from dryline.domain.series import Series
from dryline.race.team_evidence import is_team

if TYPE_CHECKING:
    from dryline.race.race import Race


@dataclass(frozen=True, eq=False, repr=False)
class Moment:
    """A race as it was known at ``at``, to everybody or to one team; ``Race.moment`` makes it.

    Whatever it is made from is cut there, so that a question about a moment cannot see past it:
    the rows, messages and weather that came later are not in ``race``.

    Args:
        race: the race; what became known after ``at`` is left out.
        at: the instant.
        inputs: what the team that asks has typed by then, oldest first; empty for everybody.
    """

    race: Race
    at: Instant
    inputs: Sequence[TeamInput] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "race", self.race.known_by(self.at))
        heard = tuple(entry for entry in self.inputs if entry.known_at <= self.at)
        object.__setattr__(self, "inputs", heard)

    @property
    def at_ms(self) -> int:
        """The instant in ms since the start."""
        return self.at.ms

    @property
    def length_ms(self) -> int:
        """The scheduled length, ms; a length in laps at the leader's pace so far.

        Raises:
            UnknownLength: where nobody has said how long the race is.
        """
        race = self.race
        length = race.info.length
        if length is not None and length.ms is not None:
            return length.ms
        if length is not None and length.laps is not None and race.crossings.height:
            leader = race.at(race.end).cars[0]
            if leader.laps and leader.last_seen is not None:
                return round(leader.last_seen.ms / leader.laps * length.laps)
        raise UnknownLength(
            f"how long {race.info.name} is meant to last is not known",
            remedy="Say --length 6:00 (hours and minutes) or --length 335laps.",
        )

    @property
    def is_sprint(self) -> bool:
        """Whether it is so short a race that stints end before the tank is empty; False where
        its length is not known.
        """
        try:
            length_ms = self.length_ms
        except UnknownLength:
            return False
        return Series.of(self.race.info.series).race_of(length_ms).sprint

    @property
    def is_over(self) -> bool:
        """Whether the winner has taken the flag by then."""
        finish = self.race.finish
        return finish is not None and self.at >= finish

    def for_all(self) -> Self:
        """The same moment as everybody may know it: without what a team has seen or typed."""
        kept = tuple(said for said in self.race.messages if not is_team(said))
        if len(kept) == len(self.race.messages) and not self.inputs:
            return self
        return type(self)(replace(self.race, messages=kept), self.at)

    def as_told(self, inputs: Sequence[TeamInput]) -> Self:
        """The same moment in the eyes of a team that has typed ``inputs``, oldest first."""
        return type(self)(self.race, self.at, inputs)

    def of_car(self, car_number: str) -> Self:
        """The same moment with what the team saw of its own car said of that car by number."""
        messages = tuple(
            msgspec.structs.replace(said, car_number=car_number)
            if isinstance(said, Evidence) and said.kind == "tyre" and said.car_number is None
            else said
            for said in self.race.messages
        )
        if messages == self.race.messages:
            return self
        return type(self)(replace(self.race, messages=messages), self.at, self.inputs)

    def __repr__(self) -> str:
        return f"<{self.race.info.name} at {format_clock(self.at.ms)}: {self.race!r}>"
