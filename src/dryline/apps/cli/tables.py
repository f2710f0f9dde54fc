"""The commands that print a table of the rebuilt race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dryline.apps.cli.bundles import RaceSource, bundled
from dryline.apps.cli.emit import Form, emit

if TYPE_CHECKING:
    import polars as pl

    from dryline.race.race import Race

CarClass = Annotated[str | None, typer.Option("--class", metavar="CLASS", help="Only this class.")]
Car = Annotated[str | None, typer.Option("--car", metavar="N", help="Only this car.")]


def register(app: typer.Typer) -> None:
    """Add the commands in the order in which the help lists them."""
    for command in (laps, stints, neutralisations, gaps):
        app.command(rich_help_panel="Read a race")(bundled(command))


def only(frame: pl.DataFrame, race: Race, car_class: str | None, car: str | None) -> pl.DataFrame:
    """The rows of one class or one car, both checked against the race."""
    import polars as pl

    from dryline.apps.cli.opening import known_class

    if car is not None:
        frame = frame.filter(pl.col("car_number") == race.known_car(car))
    if car_class is not None:
        frame = frame.filter(pl.col("car_class") == known_class(race, car_class))
    return frame


def laps(source: RaceSource, form: Form, car: Car = None, car_class: CarClass = None) -> None:
    """Every lap: sectors, driver, position, in- and out-laps, neutralisation.

    Example: dryline laps 23_Analysis_Race.CSV --car 50 --csv > car-50.csv
    """
    from dryline.present import contract
    from dryline.present.terminal import screens
    from dryline.present.terminal.timing_screen import framed

    race = source.open()
    frame = only(race.laps, race, car_class, car)
    emit(
        form,
        json=lambda: contract.laps(race, frame),
        table=lambda: frame,
        screen=lambda width: framed(
            race,
            screens.laps_screen(frame, width),
            f"dryline stints {source.quoted}",
            f"dryline stops {source.quoted}",
        ),
    )


def stints(source: RaceSource, form: Form, car: Car = None, car_class: CarClass = None) -> None:
    """Every stint: driver, laps, pace (average of the best fifth of its green laps).

    Example: dryline stints 23_Analysis_Race.CSV --class LMGT3
    """
    from dryline.present import contract
    from dryline.present.terminal import screens
    from dryline.present.terminal.timing_screen import framed

    race = source.open()
    frame = only(race.stints, race, car_class, car)
    emit(
        form,
        json=lambda: contract.stints(race, frame),
        table=lambda: frame,
        screen=lambda width: framed(
            race,
            screens.stints_screen(frame, width),
            f"dryline stops {source.quoted}",
            f"dryline laps {source.quoted}",
        ),
    )


def neutralisations(source: RaceSource, form: Form) -> None:
    """Full course yellows, virtual and real safety cars, red flags, slow zones, on race time.

    Those without a flag in the file are inferred from the whole field, with a confidence.

    Example: dryline neutralisations 23_Analysis_Race.CSV --series wec --json
    """
    from dryline.present import contract
    from dryline.present.terminal import screens
    from dryline.present.terminal.timing_screen import framed

    race = source.open()
    emit(
        form,
        json=lambda: contract.neutralisations(race),
        table=lambda: race.neutralisations,
        screen=lambda width: framed(
            race,
            screens.neutralisations_screen(race.neutralisations, width),
            f"dryline show {source.quoted}",
            f"dryline stops {source.quoted}",
        ),
    )


def gaps(
    source: RaceSource,
    form: Form,
    car: Annotated[str, typer.Option("--car", metavar="N", help="The reference car.")],
    car_class: CarClass = None,
) -> None:
    """Gaps of every car to one, in seconds even when laps down; positive is behind.

    For people the latest gap of each car; --json, --csv and --parquet give every lap.

    Example: dryline gaps 23_Analysis_Race.CSV --car 7 --at 4:00:00 --class HYPERCAR
    """
    from dryline.present import contract
    from dryline.present.terminal import screens
    from dryline.present.terminal.timing_screen import framed

    race = source.open()
    frame = only(race.gaps(car), race, car_class, None)
    latest = frame.sort("lap").unique("car_number", keep="last").sort("gap_ms")
    emit(
        form,
        json=lambda: contract.gaps(race, car, frame),
        table=lambda: frame,
        screen=lambda width: framed(
            race,
            screens.gaps_screen(latest, width),
            f"dryline show {source.quoted}",
            f"dryline stints {source.quoted}",
        ),
    )
