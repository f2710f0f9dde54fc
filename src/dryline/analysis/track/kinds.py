"""Which kind of rain tyre: the laps of the cars off slicks, held against each other and the water.

The rain gauge tells slicks from the rest. Where a series has several kinds of the rest, what the
first of them loses now is read, per class, from all cars off slicks and from the gauge's water. A
car's kind is the one whose loss there its own laps fit, and that made sense when it was fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.model import response_of
from dryline.analysis.track.rain_tyres import losses_of
from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.state import ON_WETS
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.tyre_kind import TyreKind, has_kinds_of_rain_tyre

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RainKinds = Mapping[tuple[str, int], tuple[float, ...]]
"""By car and beginning of a stint: were it not on slicks, the probability of each rain kind."""

LOSSES = np.arange(0.04, 0.45, 0.01)
"""What the first rain kind may lose on a lap, log time, (X,)."""

USUAL, USUAL_SD = 0.126, 0.4
"""What it usually loses, and the spread of its log: laps on intermediates in labelled races."""

GAUGE_SD, ASTRAY = 0.08, 0.05
"""How far the gauge's water tells that loss, log time, and the weight of what is usual beside it:
before the first free laps the gauge knows no water."""

SLOT_MS = 120_000
"""So long the loss is taken to be one."""

SPREAD = 0.02
"""Scale of a lap around what its kind loses, log time: between cars, and from lap to lap."""

TEMPER = 0.3
"""Power of a lap: a car that is slow on its tyre is slow on every lap."""

RELUCTANCE, CHOICE, WHIM = 0.06, 0.02, 0.02
"""What a further kind must spare before as many crews fit it as not, and the scale of that, log
time; the share of crews that fit anything. Labelled races: of the laps off slicks 4 % on full wets.
"""

SLOWEST, LEAST, ROUNDS, SEEN = 0.45, 0.02, 4, 0.998
"""Laps slower than the first, log time, and stints less probably off slicks than the second tell
nothing of a kind. Then how often losses and kinds are revised, how sure a kind is that was seen.
"""


@dataclass(frozen=True)
class _RainLaps:
    """Free laps (N,) of stints (S,), and the gauge's word per class and slot of time (B,).

    ``over`` is a lap's log time over its class's dry one; ``slot`` where among B it was driven,
    ``begins`` where the first free lap of a stint was, or the stint began; ``rain`` the probability
    that it is off slicks, as far as its laps tell and not the doubt of the reference.
    """

    stint: Ints
    slot: Ints
    over: Floats
    rain: Floats
    begins: Ints
    expected: Floats


def rain_kinds(
    laps: pl.DataFrame,
    estimate: TrackEstimate,
    kinds: Sequence[TyreKind],
    messages: Iterable[Evidence | RaceControlMessage] = (),
) -> RainKinds:
    """The kind of rain tyre of each stint, as known by then; empty where there is but one.

    Args:
        laps: schema ``LAPS``, up to the instant of ``estimate``.
        estimate: the track as believed then.
        kinds: those of the series, the slick first.
        messages: among them the tyres that somebody has seen.
    """
    if not has_kinds_of_rain_tyre(kinds) or estimate.stints.is_empty():
        return {}
    rain = kinds[1:]
    stints = estimate.stints.sort("car_number", "from_ms").with_row_index("place")
    doubted = ON_WETS * estimate.last.reference.doubt
    stints = stints.with_columns(read=(pl.col("p_wet_tyre") - doubted).clip(0.0))
    told = (stints["read"] / stints["p_wet_tyre"]).to_numpy()[:, None]
    read = _shares(_rain_laps(laps, estimate, stints), rain)
    found = told * read + (1 - told) * _usual_shares(rain)
    begun = list(stints.select("car_number", "from_ms").iter_rows())
    names = [each.name for each in rain]
    for place, name in _seen(begun, messages):
        if name in names:
            found[place] = (1 - SEEN) / (len(rain) - 1)
            found[place, names.index(name)] = SEEN
    return {key: tuple(map(float, found[place])) for place, key in enumerate(begun)}


def usual_kinds(kinds: Sequence[TyreKind]) -> tuple[float, ...]:
    """How probable each rain kind of a series is where nothing is known of the water."""
    return tuple(map(float, _usual_shares(kinds[1:])))


def by_kind(p_rain: float, shares: Sequence[float], kinds: Sequence[TyreKind]) -> dict[str, float]:
    """Probability of every kind of a series by name, the slick first; they add up to one."""
    rest = {each.name: p_rain * share for each, share in zip(kinds[1:], shares, strict=True)}
    return {kinds[0].name: 1 - p_rain, **rest}


def _choices(losses: Floats) -> Floats:
    """How probably a crew fits each rain kind where they lose so much, (K, X)."""
    spared = np.vstack([np.zeros((1, losses.shape[1])), losses[:-1] - losses[1:] - RELUCTANCE])
    odds = np.cumsum(spared, axis=0) / CHOICE
    sensible = np.exp(odds - np.logaddexp.reduce(odds, axis=0))
    return np.asarray((1 - WHIM) * sensible + WHIM / len(losses))


def _usual() -> Floats:
    """How usual each loss of the first rain kind is, log, (X,)."""
    return np.asarray(-0.5 * (np.log(LOSSES / USUAL) / USUAL_SD) ** 2)


def _usual_shares(rain: Sequence[TyreKind]) -> Floats:
    """How probable each rain kind is where nothing is known of the water, (K,)."""
    weight = np.exp(_usual())
    return np.asarray(_choices(losses_of(rain, LOSSES)) @ weight / weight.sum())


def _shares(of: _RainLaps, rain: Sequence[TyreKind]) -> Floats:
    """Probability of each rain kind per stint, (S, K): losses and kinds revised in turns."""
    losses = losses_of(rain, LOSSES)
    z = (of.over[:, None, None] - losses) / SPREAD
    fit = (1.0 + z**2 / 4.0) ** -2.5  # Student's t with four degrees of freedom, (N, K, X)
    choice = _choices(losses)
    gauge = -0.5 * ((LOSSES - of.expected[:, None]) / GAUGE_SD) ** 2
    water = np.logaddexp(gauge, np.log(ASTRAY) + _usual())
    weight = TEMPER * of.rain[of.stint]
    shares = np.tile(_usual_shares(rain), (len(of.rain), 1))
    for _ in range(ROUNDS):
        told = water.copy()
        mixed = np.einsum("nk,nkx->nx", shares[of.stint], fit)
        np.add.at(told, of.slot, weight[:, None] * np.log(mixed))
        loss = np.exp(told - told.max(axis=1, keepdims=True))
        loss /= loss.sum(axis=1, keepdims=True)
        odds = np.log(loss[of.begins] @ choice.T)
        fits = np.einsum("nx,nkx->nk", loss[of.slot], fit)
        np.add.at(odds, of.stint, TEMPER * np.log(fits))
        shares = np.exp(odds - np.logaddexp.reduce(odds, axis=1)[:, None])
    return shares


def _rain_laps(laps: pl.DataFrame, estimate: TrackEstimate, stints: pl.DataFrame) -> _RainLaps:
    last = estimate.last
    dry = {n: ms for n, ms in zip(last.classes, last.lap_ms, strict=True) if np.isfinite(ms)}
    slots = int(estimate.samples["at_ms"].max()) // SLOT_MS + 1  # type: ignore[arg-type]
    classes = laps.select("car_number", "car_class").unique("car_number")
    names = sorted(set(classes["car_class"]))
    row = {name: place * slots for place, name in enumerate(names)}

    def slot(at: str) -> pl.Expr:
        """The place of an instant among the slots of all classes."""
        of_class = pl.col("car_class").replace_strict(row, return_dtype=pl.Int64)
        return of_class + (pl.col(at) // SLOT_MS).clip(0, slots - 1)

    free = _free_laps(laps, stints, dry)
    first = free.group_by("place").agg(first=pl.col("middle").min())
    begun = stints.join(classes, "car_number", "left").join(first, "place", "left").sort("place")
    begun = begun.with_columns(pl.coalesce("first", "from_ms"))
    return _RainLaps(
        stint=free["place"].to_numpy().astype(np.int64),
        slot=free.select(slot("middle")).to_series().to_numpy(),
        over=free["over"].to_numpy(),
        rain=stints["read"].to_numpy(),
        begins=begun.select(slot("first")).to_series().to_numpy(),
        expected=np.concatenate([_expected(estimate, name, slots) for name in names]),
    )


def _free_laps(laps: pl.DataFrame, stints: pl.DataFrame, dry: Mapping[str, float]) -> pl.DataFrame:
    """Free laps: their ``middle``, log time ``over`` a dry lap, the ``place`` of their stint."""
    known = pl.DataFrame(
        list(dry.items()), {"car_class": pl.String, "dry_ms": pl.Float64}, orient="row"
    )
    found = (
        laps.filter(pl.col("is_green") & (pl.col("lap") > 1))
        .join(known, "car_class")
        .with_columns(
            middle=pl.col("elapsed_ms") - pl.col("lap_time_ms") // 2,
            over=(pl.col("lap_time_ms") / pl.col("dry_ms")).log(),
        )
        .sort("middle")
    )
    fitted = stints.select("car_number", "from_ms", "place", "read").sort("from_ms")
    return found.join_asof(
        fitted, left_on="middle", right_on="from_ms", by="car_number", check_sortedness=False
    ).filter((pl.col("read") > LEAST) & (pl.col("over").abs() < SLOWEST))


def _expected(estimate: TrackEstimate, car_class: str, slots: int) -> Floats:
    """What the first rain kind loses in each slot by the gauge's water, log time, (B,)."""
    response = response_of(car_class)
    at = estimate.samples["at_ms"].to_numpy()
    level = estimate.samples.select("loss1", "loss2", "loss3").to_numpy() @ estimate.last.share
    middle = (np.arange(slots) + 0.5) * SLOT_MS
    return np.asarray(response.wet_dry + response.wet_slope * np.interp(middle, at, level))


def _seen(
    begun: Sequence[tuple[str, int]], messages: Iterable[Evidence | RaceControlMessage]
) -> Iterable[tuple[int, str]]:
    """The stints of which somebody saw the tyre, by place, and its name."""
    for said in sorted(messages, key=lambda each: each.known_at.ms):
        if isinstance(said, Evidence) and said.kind == "tyre" and said.tyre and said.car_number:
            stints = [
                place
                for place, (car, from_ms) in enumerate(begun)
                if car == said.car_number and from_ms <= said.known_at.ms
            ]
            if stints:
                yield stints[-1], said.tyre
