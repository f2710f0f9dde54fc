"""The commands that print a table of the rebuilt race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from dryline.apps.cli.asking import answered, emit_framed
from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm
from dryline.apps.cli.options import Car, CarClass, option

if TYPE_CHECKING:
    from dryline.domain.qualifying_part import PartLap


def laps(source: RaceSource, form: OutputForm, car: Car = None, car_class: CarClass = None) -> None:
    """Every lap: sectors, driver, position, in- and out-laps, neutralisation.

    Example: dryline laps 23_Analysis_Race.CSV --car 50 --csv > car-50.csv
    """
    from dryline.engine.questions import AskLaps
    from dryline.present.terminal import screens

    question = AskLaps(car_number=car, car_class=car_class)
    answered(source, form, question, screens.laps_screen, "stints", "stops")


def stints(
    source: RaceSource, form: OutputForm, car: Car = None, car_class: CarClass = None
) -> None:
    """Every stint: driver, laps, pace (average of the best fifth of its green laps).

    Example: dryline stints 23_Analysis_Race.CSV --class LMGT3
    """
    from dryline.engine.questions import AskStints
    from dryline.present.terminal import screens

    question = AskStints(car_number=car, car_class=car_class)
    answered(source, form, question, screens.stints_screen, "stops", "laps")


def session(
    source: RaceSource,
    form: OutputForm,
    by: Annotated[str, option("--by", "car|driver|run", "What a row is.")] = "car",
    car: Car = None,
    car_class: CarClass = None,
    parts: Annotated[
        list[str] | None, option("--with", "RACE", "Another part of the same qualifying.")
    ] = None,
) -> None:
    """Practice, qualifying, a warm-up or a test: best laps, runs, programmes, laps taken away.

    Theory is the sum of the own best sectors. A long run has five green laps within 4 % of its
    best. --json has all at once: drivers, runs, pace by lap of the run, laps lost in one sector.
    Q1 and Hyperpole in one folder or event are put together, and so are those named with --with.

    Example: dryline session "23_Analysis_Free Practice 1.CSV" --by run --class HYPERCAR
    """
    from dryline.engine.opening import open_race
    from dryline.engine.qualifying_parts import part_laps, parts_beside
    from dryline.engine.questions import AskSession, ask
    from dryline.present.terminal import session_screen

    race = source.open()
    laps: tuple[PartLap, ...] = ()
    if parts:
        laps = part_laps(race, *(open_race(part) for part in parts))
    elif source.at is None:
        laps = parts_beside(source.race, race)
    question = AskSession(by=by, car_number=car, car_class=car_class, parts=laps)
    other = "session --by driver" if by == "run" else "session --by run"
    answer = ask(race.moment(source.at), question)
    emit_framed(source, form, race, answer, session_screen.screen, other, "classification")


def neutralisations(source: RaceSource, form: OutputForm) -> None:
    """Full course yellows, virtual and real safety cars, red flags, slow zones, on race time.

    Those without a flag in the file are inferred from the whole field, with a confidence.

    Example: dryline neutralisations 23_Analysis_Race.CSV --series wec --json
    """
    from dryline.engine.questions import AskNeutralisations
    from dryline.present.terminal import screens

    question = AskNeutralisations()
    answered(source, form, question, screens.neutralisations_screen, "show", "stops")


def gaps(
    source: RaceSource,
    form: OutputForm,
    car: Annotated[str, option("--car", "N", "The reference car.")],
    car_class: CarClass = None,
) -> None:
    """Gaps of every car to one, in seconds even when laps down; positive is behind.

    For people the latest gap of each car; --json, --csv and --parquet give every lap.

    Example: dryline gaps 23_Analysis_Race.CSV --car 7 --at 4:00:00 --class HYPERCAR
    """
    from dryline.engine.questions import AskGaps
    from dryline.present.terminal import screens

    question = AskGaps(car_number=car, car_class=car_class)
    answered(source, form, question, screens.gaps_screen, "show", "stints")


PANEL = "Read a race"
COMMANDS = {
    "laps": laps,
    "stints": stints,
    "session": session,
    "neutralisations": neutralisations,
    "gaps": gaps,
}
"""In the order in which the help lists them."""
