"""What a race is called in a sentence, from what its file or folder is called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dryline.domain.proper_names import proper

_HOURS = re.compile(r"([a-z_]+)_(\d{1,2})h")
_HOURS_OF = re.compile(r"(\d{1,2}) Hours? [Oo]f (.+)")
_FOLDER = re.compile(r"\d\d-([a-z0-9.-]+)")
_NUMBERED = re.compile(r"(.+?)[\s_]+[Rr]ace[\s_]*(\d)")
_SMALL = frozenset({"at", "by", "in", "of", "on", "the"})


@dataclass(frozen=True)
class RaceTitle:
    """A race's title; ``place`` where it is only where it was run, ``number`` one of several.

    ``known``: it is a proper name, and needs no marks around it.
    """

    title: str
    place: bool = False
    number: int | None = None
    known: bool = True

    @property
    def noun(self) -> str:
        """``the 6 Hours of Fuji``, ``the race at Detroit``, ``race 1 at Barber``."""
        if not self.known:
            return f"the race “{self.title}”"
        if not self.place:
            return f"the {self.title}"
        return f"the race at {self.title}" if self.number is None else self._numbered

    @property
    def after_won(self) -> str:
        """The same behind a verb: ``won at Detroit``, ``won the 6 Hours of Fuji``."""
        return f"at {self.title}" if self.place and self.number is None else self.noun

    @property
    def written(self) -> str:
        """As a heading: ``Detroit``, ``Barber, race 1``."""
        return self.title if self.number is None else f"{self.title}, race {self.number}"

    @property
    def _numbered(self) -> str:
        return f"race {self.number} at {self.title}"


def race_title(name: str) -> RaceTitle:
    """``le_mans_24h``, ``11-detroit-street-course`` or ``COTA_Race_1 Race1`` as a title."""
    hours = _HOURS.fullmatch(name)
    if hours is not None:
        return _hours(int(hours[2]), hours[1])
    said = _HOURS_OF.fullmatch(name)
    if said is not None:
        return _hours(int(said[1]), said[2])
    folder = _FOLDER.fullmatch(name)
    text = name if folder is None else folder[1]
    event = proper("events", text)
    if event is not None:
        return RaceTitle(event)
    place, number = _without_number(text)
    known = proper("places", place)
    if known is not None:
        return RaceTitle(known, place=True, number=number)
    if folder is not None:
        return RaceTitle(_capitals(folder[1]), place=True)
    return RaceTitle(name.replace("_", " "), known=False)


def _hours(hours: int, place: str) -> RaceTitle:
    written = proper("places", place) or (
        place if any(c.isupper() for c in place) else place.replace("_", " ").title()
    )
    return RaceTitle(f"{hours} {'Hour' if hours == 1 else 'Hours'} of {written}")


def _without_number(text: str) -> tuple[str, int | None]:
    """The place without its race's number, which some folders give twice, like the place."""
    number = None
    while (found := _NUMBERED.fullmatch(text)) is not None:
        text, number = found[1], int(found[2])
    words = re.split(r"[\s_]+", text)
    if len(words) == 2 and words[0].casefold() == words[1].casefold():
        text = words[1]
    return text, number


def _capitals(words: str) -> str:
    parts = [word for word in re.split(r"-+", words) if word]
    return " ".join(w if w in _SMALL and at else w.capitalize() for at, w in enumerate(parts))
