"""Dryline: endurance races rebuilt from official timing.

    import dryline

    race = dryline.open_race("23_Analysis_Race.CSV")
    race.laps                       # every lap, a polars frame; .to_pandas() if you prefer
    now = race.moment("3:55:00")    # the race as it was known then; nothing later is in it
    now.order, now.forecast(), now.rejoin(car="50")
    race.stints, race.stops, race.neutralisations, race.findings

    race = dryline.get_session("wec", 2025, "imola")      # from the library

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dryline._version import __version__

if TYPE_CHECKING:
    from dryline.domain.errors import DrylineError, InputError
    from dryline.domain.instant import Duration, Instant
    from dryline.engine.facade import get_session, open_race
    from dryline.race.moment import Moment
    from dryline.race.race import Race
    from dryline.race.snapshot import Snapshot
    from dryline.store.library import Library

__all__ = [
    "DrylineError",
    "Duration",
    "InputError",
    "Instant",
    "Library",
    "Moment",
    "Race",
    "Snapshot",
    "__version__",
    "get_session",
    "open_race",
]

_HOMES = {
    "DrylineError": "dryline.domain.errors",
    "Duration": "dryline.domain.instant",
    "InputError": "dryline.domain.errors",
    "Instant": "dryline.domain.instant",
    "Library": "dryline.store.library",
    "Moment": "dryline.race.moment",
    "Race": "dryline.race.race",
    "Snapshot": "dryline.race.snapshot",
    "get_session": "dryline.engine.facade",
    "open_race": "dryline.engine.facade",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dryline' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
