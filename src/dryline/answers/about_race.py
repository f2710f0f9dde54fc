"""What every answer about one race begins with."""

from __future__ import annotations

from dryline.answers.answer import Answer
from dryline.domain.fields import RaceName, SimulatedRace


class AboutRace(Answer, frozen=True, kw_only=True):
    """An answer that says of which race it is, and whether that was a simulated running."""

    race: RaceName
    simulated: SimulatedRace

    def titled(self, text: str) -> str:
        """A heading: the race, what is told of it, and whether it was simulated."""
        return f"{self.race}: {text}{' (simulated)' if self.simulated else ''}"
