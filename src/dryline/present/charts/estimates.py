"""What the analysis has worked out of a race, as tables for the charts that want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dryline.analysis.track.spells import wet_spells
from dryline.present.charts.tyres import stint_tyres, tyre_changes, wet_periods
from dryline.race.race import Race

if TYPE_CHECKING:
    from dryline.analysis.pace.estimate import Pace
    from dryline.analysis.track.reading import TrackEstimate


def track_tables(race: Race, estimate: TrackEstimate) -> dict[str, pl.DataFrame]:
    """Wetness, tyre changes, stints on wets, wet periods: by the names of ``given.SCHEMAS``."""
    return {
        "samples": estimate.samples,
        "tyre_changes": tyre_changes(estimate.tyres, race.laps),
        "stint_tyres": stint_tyres(estimate.tyres, race.stints),
        "wet": wet_periods(wet_spells(estimate, race)),
    }


def pace_tables(pace: Pace, by: str) -> dict[str, pl.DataFrame]:
    """The model's paces by ``car`` or ``driver`` with their intervals."""
    return {"estimates": pace.drivers if by == "driver" else pace.cars}
