"""The weekend's other sessions: what they tell of a race before it is driven."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dryline.analysis.practice.paces import as_quick, practice_paces
from dryline.analysis.track.reference import is_here
from dryline.analysis.track.weekend import FEWEST_CARS, FEWEST_LAPS, fit_session
from dryline.domain.dry_prior import DryPrior
from dryline.domain.errors import BadOption
from dryline.domain.finding import Finding, Severity
from dryline.domain.weekend import PracticePace, Weekend
from dryline.race.race import Race


def with_weekend(race: Race, sessions: Sequence[Race]) -> Race:
    """The race with what these sessions tell; the race itself among them is left out.

    Raises:
        BadOption: where one tells nothing, or was driven at another circuit.
    """
    first = race.crossings["elapsed_ms"].min()
    others = [s for s in sessions if first is None or s.crossings["elapsed_ms"].min() != first]
    told = told_by(others)
    length = _length_km(race)
    for prior in told.dry:
        if length is not None and not is_here(prior, length):
            raise BadOption(
                f"{prior.race} was driven at another circuit: a lap of {prior.length_km:.3f} km, "
                f"here of {length:.3f} km",
                remedy="Name sessions of the race's own weekend with --weekend.",
            )
    itself = Finding(
        kind="weekend_is_race",
        severity=Severity.NOTE,
        message="the race itself is no session before it and tells nothing of its own dry pace",
    )
    findings = race.findings if len(others) == len(sessions) else (*race.findings, itself)
    return replace(race, weekend=told, findings=findings)


def told_by(sessions: Iterable[Race], *, strict: bool = True) -> Weekend:
    """The dry pace that sessions tell, class by class, and who was how fast in them.

    Unless ``strict``, one that tells no dry pace may still tell of its drivers.

    Raises:
        BadOption: where one of them tells none.
    """
    told: list[DryPrior] = []
    paces: list[PracticePace] = []
    for session in sessions:
        found = fit_session(session.info.name, session.laps)
        if not found and strict:
            raise BadOption(
                f"{session.info.name} tells no dry pace: no class has {FEWEST_LAPS} flying laps "
                f"of {FEWEST_CARS} cars, with sectors and speed",
                remedy="Name a longer session with --weekend, or none.",
            )
        told += found
        paces += practice_paces(session.info.name, session.laps)
    return Weekend(tuple(told), as_quick(paces))


def _length_km(race: Race) -> float | None:
    """The length of a lap, from the speeds of the laps so far."""
    km = race.crossings.select(km=race.crossings["speed_kmh"] * race.crossings["lap_time_ms"])["km"]
    middle = km.median()
    return middle / 3_600_000 if isinstance(middle, float) else None
