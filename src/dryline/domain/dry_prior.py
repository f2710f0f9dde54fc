"""Dry sector times of a class at a circuit: what wetness may be measured against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DryPrior:
    """Dry sector times of one class at one circuit in one race, in ms.

    ``first_ms`` is the elapsed time of that race's first crossing: by it a race recognises, from
    its first row on, what was fitted on its own later laps, and does without it. ``weekend``: told
    by another session of the race's own weekend, which ``race`` names then.
    """

    race: str
    length_km: float
    car_class: str
    sectors_ms: tuple[float, float, float]
    first_ms: int = -1
    weekend: bool = False
