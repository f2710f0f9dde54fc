"""Who runs, as RMonitor says it: numbers, classes, names."""

from __future__ import annotations

from dataclasses import dataclass, field

from dryline.feeds.rmonitor.records import ListedCar

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class EnteredCar:
    """What is known of a car. ``driver`` is empty where the names are not those of one person."""

    number: str
    car_class: str = ""
    driver: str = ""
    team: str = ""


@dataclass
class EntryList:
    """The cars by their registration numbers, and the classes by theirs.

    A feed that names a crew first (``Long / Bergmeister``) names who is in the car afterwards.
    """

    classes: dict[int, str] = field(default_factory=dict)
    _entrants: dict[str, ListedCar] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)
    _crews: dict[str, str] = field(default_factory=dict)

    def add(self, entrant: ListedCar) -> None:
        """A car, or something new about it; of two with one number the later is called else."""
        if "/" in entrant.first_name + entrant.last_name:
            self._crews[entrant.registration] = _joined(entrant, " / ")
        if self._numbers.setdefault(entrant.number, entrant.registration) == entrant.registration:
            self._entrants[entrant.registration] = entrant
            return
        number = f"{entrant.number}-{entrant.registration}"
        number = entrant.registration if entrant.registration not in self._numbers else number
        self._entrants[entrant.registration] = ListedCar(
            entrant.registration,
            number,
            entrant.class_number,
            entrant.first_name,
            entrant.last_name,
        )

    def car(self, registration: str) -> EnteredCar:
        """Who that is: no more than its number where nothing else was said."""
        entrant = self._entrants.get(registration)
        if entrant is None:
            return EnteredCar(registration)
        driver, team = self._names(entrant)
        car_class = self.classes.get(entrant.class_number or 0, "")
        return EnteredCar(entrant.number, car_class[:_LONGEST], driver, team)

    def _names(self, entrant: ListedCar) -> tuple[str, str]:
        """The driver, and what the entry is called: a crew, a team, a word of unknown meaning."""
        crew, name = self._crews.get(entrant.registration, ""), _joined(entrant, " ")
        if "/" in entrant.first_name + entrant.last_name:
            return "", crew
        if crew or (entrant.first_name and entrant.last_name):
            return name, crew
        return "", name


def _joined(entrant: ListedCar, between: str) -> str:
    names = (entrant.first_name.strip(" /"), entrant.last_name.strip(" /"))
    return between.join(filter(None, names))[:_LONGEST]
