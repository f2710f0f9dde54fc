"""``dryline bench``: any forecaster over races, beside naive and the control, by the protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryline.domain.errors import BadOption
from dryline.model import proper_scores as ps
from dryline.model.running import Floats
from dryline.studies.bench.asked import AskedInstant, asked_instants, bench_race, sha256_of
from dryline.studies.bench.entrant import ClassForecast, Entrant
from dryline.studies.bench.manifest import PROTOCOL, ForecastScores, frozen
from dryline.studies.forecast_scores import by_fraction_and_kind
from dryline.studies.naive import naive_places
from dryline.studies.study import Study

LOSSES = ("log_loss", "brier", "error")
IN, OUTSIDE = "protocol", "outside"


@dataclass(frozen=True)
class BenchCase:
    """One class-race at one fraction: the forecaster beside naive and, in the protocol, the
    control.
    """

    race: str
    sha256: str
    in_protocol: bool
    series: str
    car_class: str
    fraction: float
    length_h: float
    wet: bool
    cars: int
    forecast: ForecastScores
    naive: ForecastScores
    control: ForecastScores | None

    def row(self) -> dict[str, Any]:
        """As one flat row: naive's and the control's scores under their names."""
        told = asdict(self)
        scores = {
            "": told.pop("forecast"),
            "naive_": told.pop("naive"),
            "control_": told.pop("control"),
        }
        for prefix, each in scores.items():
            for name in ForecastScores.__struct_fields__:
                told[f"{prefix}{name}"] = None if each is None else getattr(each, name)
        return told


def bench(paths: Sequence[Path], entrant: Entrant, study: Study, name: str = "") -> dict[str, Any]:
    """An entrant asked about every race at every instant, scored beside naive and the control.

    Raises:
        BadForecast: at the first answer that does not come or cannot be scored.
        BadOption: where two paths are the same race.
        NotKnown: where the length of a race outside the protocol is not known.
    """
    shipped = frozen()
    hashes = [sha256_of(path) for path in paths]
    for path, sha256 in zip(paths, hashes, strict=True):
        first = paths[hashes.index(sha256)]
        if first != path:
            raise BadOption(f"{first} and {path} are the same file", remedy="Name it once.")
    depends = f"{shipped.manifest_sha256}|{shipped.control_sha256}|{entrant.identity}"
    items = [(path, sha256, entrant) for path, sha256 in zip(paths, hashes, strict=True)]
    cases = [
        case
        for found in study.run(_cases, items, paths, [f"{depends}|{each}" for each in hashes])
        for case in found
    ]
    inside = {case.race for case in cases if case.in_protocol}
    return {
        "protocol": PROTOCOL,
        "version": shipped.manifest.protocol,
        "manifest_sha256": shipped.manifest_sha256,
        "control_sha256": shipped.control_sha256,
        "forecaster": name or " ".join(entrant.words),
        "races": len(inside),
        "races_in_protocol": len(shipped.manifest.races),
        "outside_protocol": sorted({case.race for case in cases if not case.in_protocol}),
        "rows": [case.row() for case in cases],
        "summary": {"fractions": list(_summary(cases, study.seed))},
    }


def _cases(item: tuple[Path, str, Entrant]) -> list[BenchCase]:
    """One race: every instant asked, every class scored."""
    path, sha256, entrant = item
    race = bench_race(path, sha256, frozen().manifest)
    return [
        case
        for asked in asked_instants(race, frozen().manifest)
        for case in _scored(asked, entrant.answer(asked))
    ]


def _scored(asked: AskedInstant, forecast: dict[str, ClassForecast]) -> Iterator[BenchCase]:
    race, known = asked.race, asked.race.known
    for car_class, said in forecast.items():
        place = asked.places[car_class]
        jitter = _jitter(race.sha256, asked.fraction, car_class, len(place))
        stays = ClassForecast(asked.winners.win_probability(len(place)), naive_places(len(place)))
        yield BenchCase(
            race=known.race,
            sha256=race.sha256,
            in_protocol=race.in_protocol,
            series=known.series or "",
            car_class=car_class,
            fraction=asked.fraction,
            length_h=known.length_s / 3600,
            wet=known.wet,
            cars=len(place),
            forecast=scores_of(said, place, jitter),
            naive=scores_of(stays, place, jitter),
            control=frozen().control.get((known.race, asked.fraction, car_class))
            if race.in_protocol
            else None,
        )


def _jitter(sha256: str, fraction: float, car_class: str, cars: int) -> Floats:
    """The uniform numbers of the randomised PIT [C]: the same for every forecaster."""
    digest = hashlib.sha256(f"{sha256}|{fraction}|{car_class}".encode()).digest()
    key = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).random(cars)


def scores_of(said: ClassForecast, place: NDArray[np.intp], jitter: Floats) -> ForecastScores:
    """The five scores of a forecast of one class; ``place`` from 0 and ``jitter`` are [C]."""
    winner = int(np.flatnonzero(place == 0)[0])
    return ForecastScores(
        log_loss=ps.log_loss(said.p_win, winner),
        brier=ps.brier(said.p_win, winner),
        hit=ps.hit(said.p_win, winner),
        error=ps.expected_place_error(said.p_place, place),
        held=ps.interval_coverage(ps.randomised_pit(said.p_place, place, jitter)),
    )


def _summary(cases: Sequence[BenchCase], seed: int) -> Iterator[dict[str, Any]]:
    """At each fraction the races of the protocol and their kinds, then those outside it."""
    inside = [case for case in cases if case.in_protocol]
    outside = [case for case in cases if not case.in_protocol]
    for fraction, kind, chosen in by_fraction_and_kind(inside):
        yield _compared(fraction, IN if kind == "all" else kind, chosen, seed)
    for fraction, kind, chosen in by_fraction_and_kind(outside):
        if kind == "all":
            yield _compared(fraction, OUTSIDE, chosen, seed)


def _compared(fraction: float, races: str, cases: Sequence[BenchCase], seed: int) -> dict[str, Any]:
    forecast, naive = [case.forecast for case in cases], [case.naive for case in cases]
    control = [case.control for case in cases if case.control is not None]
    known = len(control) == len(cases)
    return {
        "fraction": fraction,
        "races": races,
        "class_races": len(cases),
        "forecast": {
            **_means(cases, forecast, seed),
            "gain": _gains(cases, forecast, naive, seed),
            "gain_over_control": _gains(cases, forecast, control, seed) if known else None,
        },
        "naive": _means(cases, naive, seed),
        "control": {**_means(cases, control, seed), "gain": _gains(cases, control, naive, seed)}
        if known
        else None,
    }


def _means(
    cases: Sequence[BenchCase], scores: Sequence[ForecastScores], seed: int
) -> dict[str, Any]:
    cars = [case.cars for case in cases]
    held = np.repeat([each.held for each in scores], cars)
    races = np.repeat([case.race for case in cases], cars).tolist()
    coverage = asdict(ps.paired_gain(held, np.zeros(len(held)), races, seed=seed))
    return {
        **{
            name: float(np.mean([getattr(each, name) for each in scores]))
            for name in (*LOSSES, "hit")
        },
        "coverage_80": {name: coverage[name] for name in ("mean", "low", "high")},
    }


def _gains(
    cases: Sequence[BenchCase],
    scores: Sequence[ForecastScores],
    others: Sequence[ForecastScores],
    seed: int,
) -> dict[str, dict[str, float]]:
    """How much better than others, by score; above nothing is better, of hits as well."""
    races = [case.race for case in cases]

    def gain(name: str, sign: float) -> dict[str, float]:
        mine, theirs = (
            [sign * getattr(each, name) for each in group] for group in (scores, others)
        )
        return asdict(ps.paired_gain(theirs, mine, races, seed=seed))

    return {**{name: gain(name, 1.0) for name in LOSSES}, "hit": gain("hit", -1.0)}
