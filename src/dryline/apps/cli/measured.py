"""``pace``, ``stops`` and ``range``: how fast, what each stop was, and how far until the next."""

from __future__ import annotations

from typing import Annotated

from dryline.apps.cli.asking import answered, emit_framed
from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm
from dryline.apps.cli.options import Car, CarClass, flag, option


def pace(
    source: RaceSource,
    form: OutputForm,
    by: Annotated[str, option("--by", "car|driver|stint", "What to compare.")] = "driver",
    car: Car = None,
    car_class: CarClass = None,
) -> None:
    """How fast everyone really is: the model's pace with its interval, and the usual measures.

    Pace is that of a clean lap, the eighth of a stint, on the track as it was on average (at
    --at: as it was then). Laps left out are counted by reason.

    Example: dryline pace 23_Analysis_Race.CSV --by car --class HYPERCAR
    """
    from dryline.engine.questions import AskPace
    from dryline.present.terminal import pace_screen

    question = AskPace(by=by, hindsight=source.at is None, car_number=car, car_class=car_class)
    answered(source, form, question, pace_screen.paces, "stints", "pace --by stint")


def stops(
    source: RaceSource,
    form: OutputForm,
    car: Car = None,
    car_class: CarClass = None,
    track: Annotated[
        bool, flag("--track/--no-track", "Read from the lap times who was on wets: seconds.")
    ] = True,
) -> None:
    """Every pit stop: time in the lane, drivers, under which flag, what it was, on which tyres.

    The service is inferred and carries a probability, in the light of all that is known: the
    whole race, or with --at the race up to then. So are the tyres, wets or slicks; the screen
    shows them where some may have been wets.

    Example: dryline stops 23_Analysis_Race.CSV --car 7
    """
    from dryline.apps.cli.progress import share
    from dryline.engine.questions import Aid, AskStops, ask
    from dryline.present.terminal import screens

    race = source.open()
    question = AskStops(car_number=car, car_class=car_class, track=track)
    with share("reading the track", quiet=form.json) as tell:
        answer = ask(race.moment(source.at), question, Aid(tell=tell))
    emit_framed(source, form, race, answer, screens.stops_screen, "stints", "neutralisations")


def range_left(
    source: RaceSource, form: OutputForm, car: Car = None, car_class: CarClass = None
) -> None:
    """How far every car still goes on its tank or allowance: laps and minutes, with an interval.

    Learnt from the longest stints that the class and the car have shown by --at, and from other
    races; a neutralised lap takes less.

    Example: dryline range 23_Analysis_Race.CSV --at 3:53:00 --class HYPERCAR
    """
    from dryline.apps.cli.opening import refuse_finished
    from dryline.engine.questions import AskRange, ask
    from dryline.present.terminal import range_screen

    race = source.open()
    moment = race.moment(source.at)
    refuse_finished(moment)
    answer = ask(moment, AskRange(car_number=car, car_class=car_class))
    emit_framed(source, form, race, answer, range_screen.screen, "stops", "stints")


PANEL = "Measure a race"
COMMANDS = {"pace": pace, "stops": stops, "range": range_left}
"""In the order in which the help lists them."""
