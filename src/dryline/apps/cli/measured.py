"""``pace`` and ``stops``: how fast everyone really is, and what each stop was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dryline.apps.cli.bundles import RaceSource, bundled
from dryline.apps.cli.emit import Form, emit
from dryline.apps.cli.tables import Car, CarClass, only

if TYPE_CHECKING:
    import polars as pl

    from dryline.race.race import Race


def register(app: typer.Typer) -> None:
    """Add the commands in the order in which the help lists them."""
    for command in (pace, stops):
        app.command(rich_help_panel="Measure a race")(bundled(command))


def pace(
    source: RaceSource,
    form: Form,
    by: Annotated[
        str, typer.Option("--by", metavar="car|driver|stint", help="What to compare.")
    ] = "driver",
    car: Car = None,
    car_class: CarClass = None,
) -> None:
    """How fast everyone really is: the model's pace with its interval, and the usual measures.

    Pace is that of a clean lap, the eighth of a stint, on the track as it was on average (at
    --at: as it was then). Laps left out are counted by reason.

    Example: dryline pace 23_Analysis_Race.CSV --by car --class HYPERCAR
    """
    import polars as pl

    from dryline.analysis.pace.clean_laps import refusal_counts
    from dryline.domain.errors import BadOption
    from dryline.engine.measured import pace_of, pace_table
    from dryline.present.terminal import pace_screen
    from dryline.present.terminal.timing_screen import framed

    if by not in ("car", "driver", "stint"):
        raise BadOption(f"--by {by!r} is not known", remedy="Use car, driver or stint.")
    race = source.open()
    found = pace_of(race, None if source.at is None else race.instant(source.at))
    frame = only(pace_table(race, found, by), race, car_class, car)
    judged = only(found.judged, race, car_class, car)
    counts = refusal_counts(judged).group_by("verdict").agg(pl.col("laps").sum())
    counts = counts.sort("laps", descending=True)
    emit(
        form,
        json=lambda: {
            "race": race.info.name,
            "simulated": race.info.simulated,
            "at_ms": race.end.ms,
            "by": by,
            "rows": frame.to_dicts(),
            "classes": found.classes.to_dicts(),
            "laps": dict(counts.iter_rows()),
        },
        table=lambda: frame,
        screen=lambda width: framed(
            race,
            pace_screen.paces(frame, counts, width),
            f"dryline stints {source.quoted}",
            f"dryline pace {source.quoted} --by stint",
        ),
    )


def stops(source: RaceSource, form: Form, car: Car = None, car_class: CarClass = None) -> None:
    """Every pit stop: time in the lane, drivers, under which flag, and what it was.

    The service is inferred and carries a probability, in the light of all that is known: the
    whole race, or with --at the race up to then.

    Example: dryline stops 23_Analysis_Race.CSV --car 7
    """
    from dryline.present import contract
    from dryline.present.terminal import screens
    from dryline.present.terminal.timing_screen import framed

    race = source.open()
    frame = only(race.stops, race, car_class, car)
    seen = _services(race)
    emit(
        form,
        json=lambda: contract.stops(race, frame, seen),
        table=lambda: _with_services(frame, seen),
        screen=lambda width: framed(
            race,
            screens.stops_screen(frame, width, seen),
            f"dryline stints {source.quoted}",
            f"dryline neutralisations {source.quoted}",
        ),
    )


Seen = dict[tuple[str, int], dict[str, Any]]


def _services(race: Race) -> Seen:
    """What each stop was, by car number and in-lap."""
    from dryline.engine.measured import services

    found = services(race)
    return {
        (row["car_number"], row["lap"]): {
            "service": {"kind": row["kind"], "confidence": round(row["confidence"], 4)},
            "pit_loss_ms": row["pit_loss_ms"],
        }
        for row in found.iter_rows(named=True)
    }


def _with_services(frame: pl.DataFrame, seen: Seen) -> pl.DataFrame:
    import polars as pl

    keys = list(frame.select("car_number", "lap").iter_rows())
    return frame.with_columns(
        service=pl.Series([seen[key]["service"]["kind"] for key in keys], dtype=pl.String),
        service_confidence=pl.Series(
            [seen[key]["service"]["confidence"] for key in keys], dtype=pl.Float64
        ),
    )
