"""What the other sessions of a race's weekend told before it."""

from __future__ import annotations

from dataclasses import dataclass

from dryline.domain.dry_prior import DryPrior


@dataclass(frozen=True)
class PracticePace:
    """What one driver did in one car in a session: ``log_s``, the mean log lap time of ``laps``."""

    session: str
    car_class: str
    car_number: str
    driver: str
    laps: int
    log_s: float


@dataclass(frozen=True)
class Weekend:
    """The dry pace of each class, and how fast each driver was in which car."""

    dry: tuple[DryPrior, ...] = ()
    paces: tuple[PracticePace, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dry or self.paces)


NO_WEEKEND = Weekend()
