"""``dryline backtest forecast``: class positions at 25, 50 and 75 %, races left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dryline.analysis.track.reading import filter_track
from dryline.domain.entry import Driver
from dryline.domain.errors import BadOption, UnreadableFile
from dryline.domain.instant import Instant
from dryline.engine.catalogue import catalogue_row
from dryline.engine.measured import track_of
from dryline.engine.opening import entered_crews, official_results
from dryline.model.dry_laps import dry_laps
from dryline.model.features import ClassPrior
from dryline.model.forecast_parameters import ForecastParameters
from dryline.model.outlook import p_retire
from dryline.model.race_facts import RaceFacts, race_facts
from dryline.model.race_priors import Priors
from dryline.model.race_priors import learn as learn_race_priors
from dryline.model.rain_facts import rain_facts
from dryline.model.running import Floats, Running, running_at
from dryline.model.statistical import place_matrix
from dryline.model.stops_ahead import p_stops
from dryline.strategy.forecast_blend import ClassPlaces, pooled, simulated_places
from dryline.strategy.race_weather import Weather
from dryline.strategy.simulate_race import forecast_simulated
from dryline.studies.cases import SCORED_FRACTIONS, Case, LearningRace, Taught, race_cases
from dryline.studies.forecast_scores import PROTOCOL, scored, summary
from dryline.studies.learning.forecast import CrewsToCome, learn, learn_class_priors
from dryline.studies.stops_left_scores import scored_stops, stops_summary
from dryline.studies.study import Study, opened, scheduled_ms
from dryline.studies.weekends import practice_before

FORECASTERS = ("blend", "statistical", "simulated")
_AFTER_ALL_MS = 10**12


def learning_race(
    path: Path, length_ms: int | None = None, sessions: Path | None = None
) -> LearningRace:
    """A finished race to learn from or to be scored on; ``length_ms`` where it was scheduled so.

    ``sessions`` is a folder as `practice_before` reads it.

    Raises:
        NotKnown: where its scheduled length is not known.
    """
    key, race = opened(path)
    row = catalogue_row(path)
    condition = "dry" if row is None else row.get("condition", "dry")
    return LearningRace(
        race=key,
        series=race.info.series,
        year=race.info.year,
        length_s=(scheduled_ms(race) if length_ms is None else length_ms) / 1000,
        wet=condition.strip() != "dry",
        crossings=race.crossings,
        crews=race.crews or crews_beside(path),
        paces=practice_before(path, sessions),
    )


def crews_beside(path: Path) -> dict[str, tuple[Driver, ...]]:
    """Names and ratings as the entry list had them, from the official results beside a race."""
    try:
        return entered_crews(official_results(path, None))
    except UnreadableFile:
        return {}


@dataclass(frozen=True)
class Learnt:
    """Everything that races teach the statistical forecaster, cut into cases."""

    classes: dict[str, tuple[float, float]]
    cases: list[Case]
    taught: list[Taught]


def _whole(path: Path) -> tuple[str | None, Running]:
    race = learning_race(path)
    return race.series, running_at(race.crossings, _AFTER_ALL_MS)


def _cases(
    item: tuple[Path, dict[str, tuple[float, float]], Path | None],
) -> tuple[list[Case], Taught]:
    path, classes, sessions = item
    priors = {name: ClassPrior(*value) for name, value in classes.items()}
    return race_cases(learning_race(path, sessions=sessions), priors)


def learn_from(paths: Sequence[Path], study: Study, sessions: Path | None = None) -> Learnt:
    """Read every race and cut it into cases, on all cores; with ``sessions`` its practice too."""
    classes = learn_class_priors(study.run(_whole, paths, paths))
    items = [(path, classes, sessions) for path in paths]
    read = study.run(_cases, items, paths, [(sorted(classes.items()), sessions)] * len(paths))
    return Learnt(
        classes, [case for cases, _ in read for case in cases], [taught for _, taught in read]
    )


def _facts(path: Path) -> RaceFacts:
    _, race = opened(path)
    track = track_of(race, live=True)
    return race_facts(
        dry_laps(race.laps, track)[0],
        race.stops,
        race.neutralisations,
        scheduled_ms(race),
        race.info.series,
        complete=True,
        rain=rain_facts(track, float(race.end.ms)),
    )


def facts_of(paths: Sequence[Path], study: Study) -> list[RaceFacts]:
    """What each race teaches the simulator."""
    return study.run(_facts, paths, paths)


Simulated = dict[tuple[str, float, str], ClassPlaces]
"""Simulated places by race, fraction and class."""


def _simulate(item: tuple[Path, Priors, int, int]) -> Simulated:
    """The rest of one race simulated at each scored fraction, from what was known there."""
    path, priors, replicates, seed = item
    key, race = opened(path)
    length = scheduled_ms(race)
    starters = {number: entry.car_class for number, entry in race.entries.items()}
    found: Simulated = {}
    for fraction in SCORED_FRACTIONS:
        at = Instant(round(fraction * length))
        if race.end <= at:
            continue
        moment = race.moment(at)
        known = moment.race
        track = filter_track(known.laps, at.ms, known.messages)
        drawn = forecast_simulated(
            moment,
            length,
            priors,
            replicates=replicates,
            seed=seed,
            starters=starters,
            track=track,
        )
        wet = Weather(track, priors["rain"]).has_been_wet
        places = simulated_places(drawn, has_been_wet=wet)
        found |= {(key, fraction, name): each for name, each in places.items()}
    return found


def simulated_of(paths: Sequence[Path], study: Study) -> Simulated:
    """Every race simulated at every fraction, its priors learnt from the others."""
    facts = facts_of(paths, study)
    priors = [
        learn_race_priors([each for number, each in enumerate(facts) if number != own])
        for own in range(len(facts))
    ]
    items = [
        (path, each, study.replicates, study.seed) for path, each in zip(paths, priors, strict=True)
    ]
    depends = [(study.replicates, study.seed, sorted(map(str, each.items()))) for each in priors]
    found: Simulated = {}
    for each in study.run(_simulate, items, paths, depends):
        found |= each
    return found


def backtest_forecast(
    paths: Sequence[Path],
    study: Study,
    forecaster: str = "blend",
    *,
    earlier: bool = False,
    sessions: Path | None = None,
) -> dict[str, Any]:
    """A forecaster over these races, each left out of its own fit.

    With ``earlier`` only races before a race speak of its teams and drivers, as in its week; with
    ``sessions``, a folder as `practice_before` reads it, its practice does too.

    ``forecaster`` is ``blend`` (what ``dryline forecast`` answers), ``statistical`` (the
    control) or ``simulated``.

    Raises:
        BadOption: for any other forecaster.
    """
    if forecaster not in FORECASTERS:
        raise BadOption(f"no forecaster {forecaster!r}", remedy=f"Use {', '.join(FORECASTERS)}.")
    learnt = learn_from(paths, study, sessions)
    practised = {case.race for case in learnt.cases if case.practised}
    test = [
        case
        for case in learnt.cases
        if case.fraction in SCORED_FRACTIONS and case.practised == (case.race in practised)
    ]
    fitted = learn(learnt.cases, learnt.taught, learnt.classes, leave_out=True, earlier=earlier)
    statistical = _statistical(fitted.without, sorted(learnt.classes), study)
    simulated: Simulated = {} if forecaster == "statistical" else simulated_of(paths, study)

    def places(case: Case) -> Floats:
        drawn = simulated.get((case.race, case.fraction, case.state.car_class))
        if forecaster == "simulated" and drawn is not None:
            row = {car: index for index, car in enumerate(drawn.cars)}
            return drawn.p_place[[row[car] for car in case.state.cars]]
        return pooled(statistical(case), case.state.cars, drawn)

    rows = scored(test, places, seed=study.seed)
    stops = scored_stops(test, _stops(fitted.without), seed=study.seed)
    return {
        "protocol": PROTOCOL,
        "forecaster": forecaster,
        "races": len(paths),
        "practised": len(practised),
        "rows": [asdict(row) for row in rows],
        "summary": summary(rows, seed=study.seed),
        "stops_left": {
            "rows": [asdict(row) for row in stops],
            "fractions": stops_summary(stops),
        },
    }


def _stops(without: Mapping[str, ForecastParameters]) -> Callable[[Case], Floats]:
    def stops(case: Case) -> Floats:
        learned = without[case.race]
        retire = p_retire(case.state, case.series, np.array(learned.retire))
        return p_stops(case.state, case.series, np.array(learned.stops_ahead), retire)

    return stops


def _statistical(
    without: Mapping[str, ForecastParameters], classes: Sequence[str], study: Study
) -> Callable[[Case], Floats]:
    crews = CrewsToCome({race: each.crews for race, each in without.items()})
    streams = {name: index for index, name in enumerate(classes)}

    def places(case: Case) -> Floats:
        return place_matrix(
            case.state,
            crews.of(case),
            without[case.race],
            case.fraction,
            case.series,
            case.year,
            replicates=study.replicates,
            key=(study.seed, streams.get(case.state.car_class, len(streams))),
        )

    return places
