"""Charts as values: frames in, a Vega-Lite specification out, nothing written.

    from dryline.present import charts

    spec = charts.race_chart(race, "gap", charts.Asked(charts.View(cars=("7", "50"))))
    charts.svg(spec)

Everything is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Asked": "of_race",
    "DARK": "theme",
    "KINDS": "of_race",
    "LIGHT": "theme",
    "SCHEMAS": "given",
    "THEMES": "theme",
    "Theme": "theme",
    "View": "view",
    "best_lap_progress": "best_laps",
    "championship_movement": "movement",
    "checked": "given",
    "crossover": "tyre_wave",
    "gap_to": "gap",
    "lap_evolution": "evolution",
    "movement_rows": "movement",
    "pace": "pace_boxes",
    "page": "render",
    "pace_tables": "estimates",
    "png": "render",
    "positions": "position",
    "race_chart": "of_race",
    "race_trace": "trace",
    "pit_time": "pits",
    "real_and_simulated": "realism",
    "script_bundle": "render",
    "stint_gantt": "gantt",
    "stint_slope": "slope",
    "stint_tyres": "tyres",
    "svg": "render",
    "to_json": "render",
    "track_tables": "estimates",
    "tyre_changes": "tyres",
    "wet_periods": "tyres",
    "wetness": "wetness_panels",
    "win_probability": "worm",
}
"""Names by the module they live in; none is called like a module, which would hide it."""

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
