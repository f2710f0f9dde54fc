"""``forecast`` and ``rejoin``: how it will end, and where a stop now leads."""

from __future__ import annotations

from typing import Annotated

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit
from dryline.apps.cli.options import CarClass, Seed, flag, option

Replicates = Annotated[int, option("--replicates", "N", "Draws; more extend the same ones.")]


def forecast(
    source: RaceSource,
    form: OutputForm,
    replicates: Replicates = 2000,
    seed: Seed = 1,
    forecaster: Annotated[
        str, option("--forecaster", "blend|statistical", "Which one to ask.")
    ] = "blend",
    car_class: CarClass = None,
    everybody: Annotated[bool, flag("--all", "Every car, not the first ten.")] = False,
) -> None:
    """For every car the probability of each place in class, of winning, of retiring.

    Uses only what was known at --at, and what other races teach: statistics and a simulation of
    the rest of the race, pooled.

    Example: dryline forecast 23_Analysis_Race.CSV --at 3:00:00 --length 6:00
    """
    from dryline.apps.cli.opening import refuse_finished
    from dryline.apps.cli.progress import share
    from dryline.engine.questions import Aid, AskForecast, ask
    from dryline.present.terminal import forecast_screen, words

    race = source.open()
    moment = race.moment(source.at)
    refuse_finished(moment)
    only = None if car_class is None else race.known_class(car_class)
    with share("simulating the rest of the race", quiet=form.json) as tell:
        asked = AskForecast(replicates=replicates, seed=seed, forecaster=forecaster)
        answer = ask(moment, asked, Aid(tell=tell))
    if only is not None:
        answer = answer.of_class(only)
    places = {car.car_number: car.position_in_class for car in race.at(moment.at).cars}
    emit(
        form,
        answer,
        lambda width: forecast_screen.forecast(
            answer, places, words.race_name(race.info), width, None if everybody else 10
        ),
    )


def rejoin(
    source: RaceSource,
    form: OutputForm,
    car: Annotated[str, option("--car", "N", "The car that boxes.")],
    replicates: Replicates = 2000,
    seed: Seed = 1,
) -> None:
    """Box now, and you come out between whom: with probabilities.

    Example: dryline rejoin 23_Analysis_Race.CSV --car 50 --at 3:53:00
    """
    from dryline.apps.cli.opening import refuse_finished
    from dryline.engine.questions import AskRejoin, ask
    from dryline.present.terminal import forecast_screen, words

    race = source.open()
    moment = race.moment(source.at)
    number = race.known_car(car)
    refuse_finished(moment)
    answer = ask(moment, AskRejoin(car_number=number, replicates=replicates, seed=seed))
    emit(
        form,
        answer,
        lambda width: forecast_screen.rejoin(
            answer, words.race_name(race.info), moment.at_ms, width
        ),
    )


PANEL = "Look ahead"
COMMANDS = {"forecast": forecast, "rejoin": rejoin}
"""In the order in which the help lists them."""
