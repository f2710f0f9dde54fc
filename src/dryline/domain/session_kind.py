"""What kind of session it is: only one of them is a race."""

from __future__ import annotations

import re
from enum import StrEnum


class SessionKind(StrEnum):
    """A session by what decides its order: distance in a race, the best lap in all others."""

    RACE = "race"
    QUALIFYING = "qualifying"
    PRACTICE = "practice"
    WARM_UP = "warm_up"
    TEST = "test"

    @property
    def is_race(self) -> bool:
        """Whether it is won by distance, and not by one lap."""
        return self is SessionKind.RACE

    @property
    def words(self) -> str:
        """As it stands in a sentence: ``a warm-up``."""
        return "qualifying" if self is SessionKind.QUALIFYING else f"a {self.name_in_words}"

    @property
    def name_in_words(self) -> str:
        """Its bare name: ``warm-up``."""
        return self.value.replace("_", "-")


_WORDS = {
    SessionKind.RACE: r"\brace\b",
    SessionKind.QUALIFYING: r"\bqualif|\bquali\b|hyperpole|superpole|\bq\d?\b",
    SessionKind.WARM_UP: r"\bwarm ?up\b",
    SessionKind.PRACTICE: r"\bpractice\b|\bfp ?\d?\b|\bfree\b|essais",
    SessionKind.TEST: r"\btests?\b|\bprologue\b|\bshakedown\b|\broar\b|^session\b",
}


def kind_in_name(name: str) -> SessionKind | None:
    """The kind that a session's name says; ``None`` where it says none.

    A race for the grid (``Qualifying Race``) is a race.
    """
    low = name.casefold()
    return next((kind for kind, words in _WORDS.items() if re.search(words, low)), None)
