"""What every answer about one race begins with."""

from __future__ import annotations

from typing import Annotated

from dryline.answers.answer import Answer, means


class AboutRace(Answer, frozen=True, kw_only=True):
    """An answer that says of which race it is, and whether that was a simulated running."""

    race: Annotated[str, means("the race's name")]
    simulated: Annotated[bool, means("whether the race is a simulated one")]

    def titled(self, text: str) -> str:
        """A heading: the race, what is told of it, and whether it was simulated."""
        return f"{self.race}: {text}{' (simulated)' if self.simulated else ''}"
