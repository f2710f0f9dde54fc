"""What every answer about one race begins with."""

from __future__ import annotations

from dryline.answers.answer import Answer
from dryline.domain.fields import RaceName, SessionKindField, SimulatedRace
from dryline.domain.session_kind import SessionKind


class AboutRace(Answer, frozen=True, kw_only=True):
    """An answer that says of which race it is, and whether that was a simulated running."""

    race: RaceName
    simulated: SimulatedRace

    def titled(self, text: str) -> str:
        """A heading: the race, what is told of it, and whether it was simulated."""
        return f"{self.race}: {text}{' (simulated)' if self.simulated else ''}"


class AboutSession(AboutRace, frozen=True, kw_only=True):
    """One that can be asked of practice and qualifying too, and says which it is about."""

    session_kind: SessionKindField = SessionKind.RACE

    @property
    def stint_word(self) -> str:
        """What the laps between two stops are called there: ``Stint``, outside races ``Run``."""
        return "Stint" if self.session_kind.is_race else "Run"
