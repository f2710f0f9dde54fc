"""``dryline backtest forecast``: class positions at 25, 50 and 75 %, races left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dryline.engine.backtests.study import Study, opened, scheduled_ms
from dryline.engine.catalogue import catalogue_row
from dryline.model.cases import SCORED_FRACTIONS, Case, LearningRace, race_cases
from dryline.model.features import ClassPrior
from dryline.model.forecast_backtest import PROTOCOL, scored, summary
from dryline.model.forecast_learning import learn, learn_class_priors
from dryline.model.ratings import RaceRatings
from dryline.model.running import Running, running_at
from dryline.model.statistical import place_matrix

_AFTER_ALL_MS = 10**12


def learning_race(path: Path) -> LearningRace:
    """A finished race to learn from or to be scored on.

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
        length_s=scheduled_ms(race) / 1000,
        wet=condition.strip() != "dry",
        crossings=race.crossings,
    )


@dataclass(frozen=True)
class Learnt:
    """Everything that races teach the statistical forecaster, cut into cases."""

    classes: dict[str, tuple[float, float]]
    cases: list[Case]
    ratings: list[RaceRatings]


def _whole(path: Path) -> tuple[str | None, Running]:
    race = learning_race(path)
    return race.series, running_at(race.crossings, _AFTER_ALL_MS)


def _cases(item: tuple[Path, dict[str, tuple[float, float]]]) -> tuple[list[Case], RaceRatings]:
    path, classes = item
    priors = {name: ClassPrior(*value) for name, value in classes.items()}
    return race_cases(learning_race(path), priors)


def learn_from(paths: Sequence[Path], study: Study) -> Learnt:
    """Read every race and cut it into cases, on all cores."""
    classes = learn_class_priors(study.run(_whole, paths, paths))
    items = [(path, classes) for path in paths]
    read = study.run(_cases, items, paths, [sorted(classes.items())] * len(paths))
    return Learnt(
        classes, [case for cases, _ in read for case in cases], [rating for _, rating in read]
    )


def backtest_forecast(paths: Sequence[Path], study: Study) -> dict[str, Any]:
    """The statistical forecaster over these races, each left out of its own fit."""
    learnt = learn_from(paths, study)
    fitted = learn(learnt.cases, learnt.ratings, learnt.classes, leave_out=True)
    streams = {name: index for index, name in enumerate(sorted(learnt.classes))}

    def forecaster(case: Case) -> Any:
        return place_matrix(
            case.state,
            fitted.without[case.race],
            case.fraction,
            case.series,
            case.year,
            replicates=study.replicates,
            key=(study.seed, streams.get(case.state.car_class, len(streams))),
        )

    test = [case for case in learnt.cases if case.fraction in SCORED_FRACTIONS]
    rows = scored(test, forecaster, seed=study.seed)
    return {
        "protocol": PROTOCOL,
        "forecaster": "statistical",
        "races": len(paths),
        "rows": [asdict(row) for row in rows],
        "summary": summary(rows, seed=study.seed),
    }
