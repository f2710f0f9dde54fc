"""Each class's parameters: what this race shows of it, drawn towards what other races teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.pace.design import knot_weights
from dryline.analysis.pace.model import PaceModel, PacePriors
from dryline.domain.series import RaceKind, Series, StopHabits
from dryline.kernels import race_columns as col
from dryline.kernels import race_neutral as neutral
from dryline.model.race_facts import KIND, CarLog, ClassFacts, RaceFacts, family
from dryline.model.race_priors import FALLBACK, USUAL_ANSWER

Floats = NDArray[np.float64]
CLOSED_MS = 1.0e12
REFERENCE_LAP = 8.0


@dataclass(frozen=True)
class ClassFit:
    """One class: its kernel row, and what its cars need to be told apart."""

    name: str
    row: Floats  # (CLASS_COLUMNS,)
    base_ms: float
    cars: int
    range_laps: float
    range_sd: float
    usual_crew: int
    car_sd: float
    driver_sd: float
    pit: Mapping[str, tuple[float, int]]  # mean residual ms and stops, by car
    pit_sd: float
    shares: Mapping[str, float]
    in_share: float
    stops: int = 1  # that a race of this length asks for

    def pit_of(self, car: str) -> tuple[float, float]:
        """A crew's own offset per stop in ms, and the sd of what is not known of it."""
        mean, n = self.pit.get(car, (0.0, 0))
        weight = n / (n + 4.0)
        return weight * mean, self.pit_sd * (1.0 - weight) ** 0.5

    def in_share_of(self, car: str) -> float:
        """Share of the car's stop loss that falls before the line."""
        return self.shares.get(car, self.in_share)


def class_fits(
    classes: Sequence[str],
    facts: RaceFacts,
    series: Series,
    families: Mapping[str, Mapping[str, float]],
    pace: PaceModel | None,
    logs: Sequence[CarLog],
    t: float,
    length_ms: float,
) -> list[ClassFit]:
    """Fit every class, in the given order."""
    out = []
    for name in classes:
        prior = {**FALLBACK, **families.get(family(name), {})}
        seen = facts.classes.get(name, ClassFacts())
        cars = sum(1 for log in logs if log.car_class == name)
        bases = [log.base_ms for log in logs if log.car_class == name]
        base = seen.base_ms or float(np.median(bases))
        fit = _fit(name, cars, base, prior, seen, facts.kind, series, pace, t)
        if facts.kind.sprint:
            own = [log for log in logs if log.car_class == name and len(log.lap)]
            reach, stops = _implied_range(own, fit, length_ms)
            fit = replace(fit, range_laps=reach, range_sd=0.025 * reach, stops=stops)
        out.append(fit)
    return out


def _implied_range(logs: Sequence[CarLog], fit: ClassFit, length_ms: float) -> tuple[float, int]:
    """The range that crews show they count on, by having made what must be their last stop.

    Sprint stints never reach the end of the range, so stops, not stint lengths, tell it: a crew
    that has stopped as often as the race asks for means to reach the flag.
    """
    if not logs:
        return fit.range_laps, 1
    yellow = float(np.median([(log.lap * log.neutral).sum() for log in logs]))
    needed = (length_ms - 0.5 * yellow) / (1.1 * fit.range_laps * fit.base_ms)
    stops = max(1, int(np.ceil(needed)) - 1)
    shown = []
    for log in logs:
        at = np.flatnonzero(log.in_lap)
        if len(at) >= stops:
            since = slice(int(at[stops - 1]) + 1, None)
            spared = 0.5 * float((log.lap * log.neutral)[since].sum())
            last = float(log.elapsed[at[stops - 1]])
            shown.append((length_ms - last - spared) / fit.base_ms)
    if len(shown) < 0.3 * len(logs):
        return fit.range_laps, stops
    return float(np.clip(np.median(shown), fit.range_laps, 1.5 * fit.range_laps)), stops


def _fit(
    name: str,
    cars: int,
    base: float,
    prior: Mapping[str, float],
    seen: ClassFacts,
    kind: RaceKind,
    series: Series,
    pace: PaceModel | None,
    t: float,
) -> ClassFit:
    row, car_sd, driver_sd = _pace_row(name, base, pace, t)
    reach, reach_sd = _range(base, prior, seen, kind)
    loss, pit, pit_sd, spread = _stops(prior, seen)
    _stop_columns(row, series.stops, loss, reach, spread, prior)
    row[col.CLASS_RETIRE_PER_H] = prior["retire_per_h"]
    row[col.CLASS_TROUBLE_PER_H] = prior["trouble_per_h"]
    row[col.CLASS_TROUBLE_MU] = prior["trouble_mu"]
    row[col.CLASS_TROUBLE_SD] = prior["trouble_sd"]
    row[col.CLASS_PENALTY_PER_H] = prior["penalty_per_h"]
    row[col.CLASS_EARLY] = prior["early"]
    row[col.CLASS_PASS_MS] = series.traffic.pass_ms
    row[col.CLASS_FOLLOW_MS] = 600.0
    row[col.CLASS_FUEL_YELLOW] = 0.5
    row[col.CLASS_SHARE_1], row[col.CLASS_SHARE_2] = 0.3, 0.37
    shares: dict[str, list[float]] = {}
    for car, share in seen.in_shares:
        shares.setdefault(car, []).append(share)
    n = len(seen.in_shares)
    middle = float(np.median([s for _, s in seen.in_shares])) if n else prior["in_share"]
    return ClassFit(
        name=name, row=row, base_ms=base, cars=cars, range_laps=reach, range_sd=reach_sd,
        usual_crew=kind.usual_crew,
        car_sd=car_sd, driver_sd=driver_sd,
        pit=pit, pit_sd=pit_sd, shares={car: float(np.median(s)) for car, s in shares.items()},
        in_share=(n * middle + 5.0 * prior["in_share"]) / (n + 5.0),
    )  # fmt: skip


def _pace_row(
    name: str, base: float, pace: PaceModel | None, t: float
) -> tuple[Floats, float, float]:
    row = np.zeros(col.CLASS_COLUMNS)
    believed = PacePriors()
    row[col.CLASS_BASE_MS] = base
    row[col.CLASS_NOISE], row[col.CLASS_NOISE_RHO] = believed.noise_sd, 0.25
    row[col.CLASS_SLOW_P], row[col.CLASS_SLOW_MEAN] = believed.loss_share, believed.loss
    row[col.CLASS_STINT_SD], row[col.CLASS_SLOPE] = believed.stint_sd, believed.slope
    row[col.CLASS_WARM_2], row[col.CLASS_WARM_3] = believed.second_lap, believed.early_lap
    if pace is None or name not in pace.design.classes:
        return row, believed.car_sd, believed.driver_sd
    k, b = pace.design.classes.index(name), pace.design.blocks
    slope = float(pace.coefficients[b.slope + k])
    left, weight = knot_weights(np.array([t]), pace.design.knots_ms)
    track = (1.0 - weight[0]) * pace.coefficients[b.knot + left[0]]
    track += weight[0] * pace.coefficients[b.knot + left[0] + 1]
    log_base = float(pace.coefficients[k] + track) - slope * REFERENCE_LAP
    row[col.CLASS_BASE_MS] = float(np.exp(log_base))
    row[col.CLASS_NOISE] = float(pace.noise.sd[k])
    row[col.CLASS_NOISE_RHO] = float(np.clip(pace.autocorrelation, 0.0, 0.6))
    row[col.CLASS_SLOW_P] = float(pace.noise.share[k])
    row[col.CLASS_SLOW_MEAN] = float(pace.noise.loss[k])
    row[col.CLASS_STINT_SD], row[col.CLASS_SLOPE] = float(pace.spread.stint[k]), slope
    row[col.CLASS_WARM_2] = float(pace.coefficients[b.second_lap + k])
    row[col.CLASS_WARM_3] = float(pace.coefficients[b.early_lap + k])
    return row, float(pace.spread.car[k]), float(pace.spread.driver[k])


def _range(
    base: float, prior: Mapping[str, float], seen: ClassFacts, kind: RaceKind
) -> tuple[float, float]:
    """Range in green laps: the longest stints seen, weighed by how many there were.

    Where stints end by the caution or the window, long before the range does, what was seen is a
    lower bound.
    """
    expected = prior["range_min"] * 60000.0 / base
    shown = seen.range_laps()
    if shown is None:
        return expected, 0.1 * expected
    n = len(seen.stint_fuel)
    weight = n / (n + 6.0)
    shown = max(shown, (1.0 if kind.sprint else kind.least_range_share) * expected)
    return weight * shown + (1.0 - weight) * expected, expected * (0.02 + 0.06 * (1.0 - weight))


def _stops(
    prior: Mapping[str, float], seen: ClassFacts
) -> tuple[float, dict[str, tuple[float, int]], float, float]:
    full = seen.full_losses()
    n = len(full)
    loss = prior["loss_ms"]
    if n:
        middle = float(np.median([x for _, x in full]))
        loss = (n * middle + 5.0 * loss) / (n + 5.0)
    by_car: dict[str, list[float]] = {}
    for car, x in full:
        if abs(x - loss) < 25000.0:
            by_car.setdefault(car, []).append(x - loss)
    pit = {car: (float(np.mean(x)), len(x)) for car, x in by_car.items()}
    means = [m for m, count in pit.values() if count >= 2]
    pit_sd = float(np.std(means)) if len(means) >= 4 else 3000.0
    inner = [x - float(np.mean(v)) for v in by_car.values() if len(v) >= 2 for x in v]
    stand = 0.6 * loss
    spread = prior["loss_sd"]
    if len(inner) >= 8:
        spread = (len(inner) * float(np.std(inner)) / stand + 8.0 * spread) / (len(inner) + 8.0)
    return loss, pit, min(pit_sd, 6000.0), min(0.3, spread)


def _stop_columns(
    row: Floats,
    habits: StopHabits,
    loss: float,
    reach: float,
    spread: float,
    prior: Mapping[str, float],
) -> None:
    """Split a full stop's loss: transit, a fixed part, and filling by the lap."""
    transit, filling = habits.transit_share * loss, habits.filling_share
    stand = loss - transit
    row[col.CLASS_TRANSIT_MS] = transit
    row[col.CLASS_STAND_MS] = (1.0 - filling) * stand
    row[col.CLASS_FILL_MS] = filling * stand / max(5.0, 0.9 * reach)
    row[col.CLASS_TYRES_P] = 0.6
    row[col.CLASS_STAND_SD] = spread
    row[col.CLASS_LONG_P], row[col.CLASS_LONG_MS] = prior["long_p"], prior["long_ms"]
    row[col.CLASS_LANE_SHARE] = 0.08
    row[col.CLASS_DRIVER_P] = prior["driver_p"]


def neutral_tables(
    classes: Sequence[str],
    fits: Sequence[ClassFit],
    facts: RaceFacts,
    prior: Mapping[str, Any],
    series: Series,
    length_ms: float,
) -> dict[str, Floats]:
    """Rates, durations, speeds and the pit entry under each kind of neutralisation."""
    queueing = {KIND[name] for name in series.neutralisations.queueing}
    n = len(classes)
    neu = np.zeros((col.KINDS, col.NEU_COLUMNS))
    slow = np.zeros((col.KINDS, n))
    catch = np.zeros((col.KINDS, n))
    opens = np.zeros((col.KINDS, n))
    answers = np.zeros((col.KINDS, n, len(USUAL_ANSWER)))
    top = min(fit.base_ms for fit in fits)
    for kind in range(1, col.KINDS):
        rate = prior["rates"].get(str(kind), 0.0)
        hours = 8.0
        seen = facts.starts.get(kind, 0)
        neu[kind, col.NEU_RATE] = (rate * hours + seen) / (hours + facts.green_hours)
        mu, sd = prior["durations"].get(str(kind), [13.2, 0.5])
        neu[kind, col.NEU_MU], neu[kind, col.NEU_SD] = mu, sd
        bunch = kind in queueing
        neu[kind, col.NEU_BUNCH] = float(bunch)
        neu[kind, col.NEU_GAP_MS] = series.restart.gap_ms
        neu[kind, col.NEU_SPLIT] = series.restart.class_split
        neu[kind, col.NEU_THEN] = 3.0 if kind == 2 else 0.0
        train = 2.05 if kind != 4 else 15.0
        for k, fit in enumerate(fits):
            pair = prior["slow"].get(f"{kind}_{family(classes[k])}", [1.5, 1.9])
            slow[kind, k], catch[kind, k] = pair[1] * fit.base_ms, min(1.5, pair[0]) * fit.base_ms
            answers[kind, k] = prior["answers"].get(str(kind), USUAL_ANSWER)
        if bunch and kind != 4:
            first = min(range(n), key=lambda i: fits[i].base_ms)
            pair = prior["slow"].get(f"{kind}_{family(classes[first])}", [1.6, train])
            train = pair[1]
        neu[kind, col.NEU_TRAIN_MS] = train * top
    _entries(neu, opens, classes, prior, series, length_ms)
    hazard = np.zeros(neutral.HAZ_SCALARS)
    hazard[neutral.HAZ_EARLY_X], hazard[neutral.HAZ_RESTART_X] = 1.5, 1.3
    hazard[neutral.HAZ_RAIN_X], hazard[neutral.HAZ_SD] = 1.5, 0.35
    return {
        "neu": neu, "slow": slow, "catch": catch, "opens": opens, "stop_under": answers,
        "hazard": hazard,
    }  # fmt: skip


def _entries(
    neu: Floats,
    opens: Floats,
    classes: Sequence[str],
    prior: Mapping[str, Any],
    series: Series,
    length_ms: float,
) -> None:
    """When the pit entry opens, and when cars may pass round (procedures: see ``docs``)."""
    opens[KIND["red"]] = CLOSED_MS
    for name, entry in series.neutralisations.pit_entry.items():
        if not entry.holds(length_ms):
            continue
        kind, after = KIND[name], CLOSED_MS if entry.closed else entry.opens_after_ms or 0.0
        known = prior["opens_ms"] if entry.by_class else {}
        opens[kind] = [known.get(family(each), after) for each in classes]
        if entry.wave_by_after_ms is not None:
            neu[kind, col.NEU_WAVE_MS] = entry.wave_by_after_ms
        if entry.wave_by_after_opening_ms is not None:
            all_open = float(opens[kind].max())
            neu[kind, col.NEU_WAVE_MS] = all_open + entry.wave_by_after_opening_ms
