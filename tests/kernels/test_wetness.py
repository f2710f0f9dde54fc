"""The rain gauge's kernels: what a sector time says, and wetness and tyres held together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels.wetness import (
    Choice,
    Observations,
    RainSteps,
    Trust,
    TyreSegments,
    held_field,
    response_tables,
    sweep,
)

DRY, WET = np.array([[0.0, 0.4]]), np.array([[0.06, 0.2]])


def _tables(y: float, **changes: Any) -> tuple[np.ndarray, np.ndarray]:
    values = {
        "shift": 0.0, "unknown": 0.0, "spread_slick": 0.0, "spread_wet": 0.0, "outlier": 0.0,
        **changes,
    }  # fmt: skip
    slick, wet = response_tables(
        np.array([y]), np.array([0.02]), np.array([0]), np.array([1]), DRY, WET,
        np.full((1, 3), values["shift"]), np.full((1, 3), values["unknown"]),
        values["spread_slick"], values["spread_wet"], values["outlier"],
    )  # fmt: skip
    return slick[0], wet[0]


def _student(z: float, scale: float) -> float:
    q = 1.0 + (z / 1.4 if z > 0.0 else z) ** 2 / 4.0
    return float(np.log(0.32 / (scale * q**2.5)))


@pytest.mark.parametrize("y", [-0.05, 0.0, 0.05])
def test_a_time_is_judged_by_a_heavy_tail_that_is_wider_when_slow(y: float) -> None:
    slick, wet = _tables(y)
    assert slick == pytest.approx([_student((y - m) / 0.02, 0.02) for m in (0.0, 0.4)])
    assert wet == pytest.approx([_student((y - m) / 0.02, 0.02) for m in (0.06, 0.2)])


def test_the_noise_grows_with_the_loss_and_with_what_is_not_known_of_wets() -> None:
    slick, wet = _tables(0.4, spread_slick=0.5, spread_wet=0.3, shift=0.2, unknown=0.05)
    assert slick[1] == pytest.approx(_student(0.0, np.hypot(0.02, 0.2)))
    scale = np.sqrt(0.02**2 + (0.3 * 0.4) ** 2 + 0.05**2)
    assert wet[1] == pytest.approx(_student(0.0, scale))


def test_an_outlier_says_the_same_of_every_level() -> None:
    slick, wet = _tables(0.1, outlier=1.0)
    assert np.concatenate([slick, wet]) == pytest.approx(np.full(4, np.log(0.8)))


# Two levels, dry and wet; a level stays as it is but where rain lifts it.
LEVELS = 2
UP = np.array([[0.0, 1.0], [0.0, 1.0]])


def _rain(begins: float = 0.0, reaches: float = 0.0, ends: float = 0.0) -> RainSteps:
    return RainSteps(np.eye(LEVELS), UP, UP, begins, reaches, ends)


def _seen(*rows: tuple[int, int, int, float, float], use: float = 1.0) -> Observations:
    """Bin, sector, segment, and how much likelier a wet track is on slicks and on wets."""
    at, sector, segment = np.array([r[:3] for r in rows], dtype=np.int64).reshape(-1, 3).T.copy()
    on_slick, on_wet = (np.array([[0.0, r[i]] for r in rows]).reshape(-1, 2) for i in (3, 4))
    return Observations(at, sector, segment, on_slick, on_wet, np.full(len(rows), use))


def _cars(*previous: int, stop_bin: int = 0, seen: int = -1, start: float = 0.1) -> TyreSegments:
    n = len(previous)
    return TyreSegments(
        np.array(previous, dtype=np.int64), np.full(n, start), np.full(n, stop_bin, np.int64),
        np.zeros(n, np.int64), np.full(n, seen, np.int64), np.zeros(n), np.full((n, 2), -1.0),
        np.full(n, start),
    )  # fmt: skip


def _swept(
    seen: Observations,
    tyres: TyreSegments,
    *,
    bins: int = 4,
    rain: RainSteps | None = None,
    zone: np.ndarray | None = None,
    start: tuple[float, float, float, float] = (0.5, 0.5, 0.0, 0.0),
    trust: Trust | None = None,
    contrast: tuple[float, float] = (0.1, -0.1),
    rounds: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    gamma, forward, _, _ = sweep(
        rounds, np.tile(start, (3, 1)), np.zeros((bins, 3, LEVELS)),
        np.zeros((bins, 3)) if zone is None else zone, rain or _rain(), seen,
        trust or Trust(1.0, 1.0, 1.0), tyres,
        Choice(np.array([contrast]), np.full(3, 1 / 3), np.array([0.02, 0.9, 0.02, 0.0])),
    )  # fmt: skip
    return gamma, forward


def test_without_observations_belief_moves_by_the_steps_alone() -> None:
    gamma, forward = _swept(_seen(), _cars(-1), start=(1.0, 0.0, 0.0, 0.0), rain=_rain(0.25))
    dry = 0.75 ** np.arange(1, 5)
    assert forward[:, 0, 0] == pytest.approx(dry)
    assert forward[:, 0, 3] == pytest.approx(1.0 - dry)
    assert gamma == pytest.approx(forward)


def test_rain_that_ends_leaves_the_wet_behind() -> None:
    _, forward = _swept(_seen(), _cars(-1), start=(0.0, 0.0, 1.0, 0.0), rain=_rain(ends=1.0))
    assert forward[0, 0] == pytest.approx([1.0, 0.0, 0.0, 0.0])
    _, forward = _swept(_seen(), _cars(-1), start=(0.0, 0.0, 1.0, 0.0), rain=_rain(ends=0.5))
    assert forward[0, 0] == pytest.approx([0.5, 0.0, 0.0, 0.5])


def test_an_observation_speaks_about_its_sector_before_and_after() -> None:
    gamma, forward = _swept(_seen((2, 1, 0, 2.0, 2.0)), _cars(-1))
    wet = np.exp(2.0) / (1.0 + np.exp(2.0))
    assert forward[:, 1, 1] == pytest.approx([0.5, 0.5, wet, wet])
    assert gamma[:, 1, 1] == pytest.approx(np.full(4, wet))
    assert gamma[:, 0, 1] == pytest.approx(np.full(4, 0.5))


@pytest.mark.parametrize(("use", "temper"), [(1.0, 0.5), (0.5, 1.0)])
def test_use_and_temper_weigh_an_observation(use: float, temper: float) -> None:
    gamma, _ = _swept(_seen((2, 1, 0, 2.0, 2.0), use=use), _cars(-1), trust=Trust(temper, 1.0, 0.0))
    assert gamma[0, 1, 1] == pytest.approx(np.exp(1.0) / (1.0 + np.exp(1.0)))


def test_an_observation_without_use_is_ignored() -> None:
    gamma, _ = _swept(_seen((2, 1, 0, 9.0, 9.0), use=0.0), _cars(-1))
    assert gamma[2, 1, 1] == pytest.approx(0.5)


def test_a_car_on_wets_tells_less_of_how_wet_it_is() -> None:
    gamma, _ = _swept(
        _seen((2, 1, 0, 0.0, -2.0)), _cars(-1, start=1.0), trust=Trust(1.0, 0.25, 0.0)
    )
    assert gamma[0, 1, 1] == pytest.approx(np.exp(-0.5) / (1.0 + np.exp(-0.5)))


def test_rain_reaches_another_sector_but_not_a_slowed_one() -> None:
    begun = (1.0, 0.0, 0.0, 0.0)
    bins, wet = 6, [(b, 0, 0, 30.0, 30.0) for b in range(1, 6)]
    rain = _rain(begins=0.01, reaches=0.5)
    gamma, _ = _swept(_seen(*wet), _cars(-1), bins=bins, rain=rain, start=begun, rounds=2)
    slowed = np.zeros((bins, 3))
    slowed[:, 2] = 1.0
    held, _ = _swept(
        _seen(*wet), _cars(-1), bins=bins, rain=rain, start=begun, rounds=2, zone=slowed
    )
    assert gamma[-1, 1, 3] > 0.9
    assert held[-1, 1, 3] > 0.9
    assert held[-1, 2, 3] == pytest.approx(1.0 - 0.99**6)


def test_times_that_suit_wets_make_wets_likely_by_the_trust_in_them() -> None:
    seen = _seen((1, 0, 0, 0.0, 0.0))
    seen.on_wet[:] = 1.5  # whatever the level
    for trust, odds in ((1.0, 1.5), (0.5, 0.75)):
        tyres = _cars(-1, start=0.5)
        _swept(seen, tyres, trust=Trust(0.0, 0.0, trust))
        assert tyres.p_wet[0] == pytest.approx(1.0 / (1.0 + np.exp(-odds)))


@pytest.mark.parametrize(("saw", "p"), [(1, 0.999), (0, 0.001)])
def test_a_tyre_that_was_seen_is_believed_against_the_times(saw: int, p: float) -> None:
    tyres = _cars(-1, seen=saw)
    _swept(_seen((1, 0, 0, 0.0, 9.0 if saw == 0 else -9.0)), tyres)
    assert tyres.p_wet[0] == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize(
    ("contrast", "to_wet", "to_slick"),
    [((-1.0, -1.0), 0.9, 0.02), ((1.0, 1.0), 0.02, 0.9), ((0.0, 0.0), 0.46, 0.46)],
)
def test_tyres_change_at_a_stop_by_what_the_other_kind_gains(
    contrast: tuple[float, float], to_wet: float, to_slick: float
) -> None:
    tyres = _cars(-1, 0, start=0.5)
    tyres.start[0] = 0.3
    _swept(_seen(), tyres, contrast=contrast, bins=10)
    assert tyres.frozen[1] == pytest.approx([to_wet, to_slick], abs=1e-6)
    assert tyres.p_wet[1] == pytest.approx(0.3 * (1.0 - to_slick) + 0.7 * to_wet)


def test_a_stop_that_has_left_the_window_keeps_its_chances() -> None:
    tyres = _cars(-1, 0, stop_bin=-1, start=0.5)
    tyres.frozen[1] = [0.25, 0.5]
    _swept(_seen(), tyres)
    assert tyres.frozen[1].tolist() == [0.25, 0.5]
    assert tyres.p_wet[1] == pytest.approx(0.5 * 0.5 + 0.5 * 0.25)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 2), st.integers(0, 2), st.floats(-40, 40),
            st.floats(-40, 40),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_beliefs_are_probabilities_whatever_was_seen(rows: list[Any]) -> None:
    tyres = _cars(-1, 0, 1)
    gamma, forward = _swept(_seen(*rows), tyres, bins=6, rain=_rain(0.05, 0.2, 0.1), rounds=3)
    for belief in (gamma, forward):
        assert belief.sum(axis=2) == pytest.approx(np.ones((6, 3)))
        assert belief.min() >= 0.0
    assert np.all((tyres.p_wet > 0.0) & (tyres.p_wet < 1.0))


def _held(
    slow: int, free: int, sectors: tuple[int, ...] = (0, 1), y: float = 0.31
) -> tuple[np.ndarray, np.ndarray]:
    """In bin 1 of 3, so many cars slow and so many at racing speed in these sectors."""
    times = [(k, y) for k in sectors for _ in range(slow)]
    times += [(k, 0.0) for k in sectors for _ in range(free)]
    sector = np.array([k for k, _ in times], dtype=np.int64)
    at = np.ones(len(times), dtype=np.int64)
    level = np.zeros(len(times))
    out, where = held_field(at, at, sector, np.array([t for _, t in times]), level, 3, 0.3, 0.1)
    return out, where


@pytest.mark.parametrize(
    ("slow", "free", "held"), [(2, 0, 0.0), (3, 0, 1.0), (3, 2, 1.0), (3, 3, 0.0), (4, 3, 1.0)]
)
def test_a_field_is_held_where_three_are_slow_and_outnumber_the_free(
    slow: int, free: int, held: float
) -> None:
    out, where = _held(slow, free)
    assert out.tolist() == [0.0, held, 0.0]
    assert where[1].tolist() == [held, held, 0.0]


def test_one_slow_sector_holds_nobody_and_the_bound_itself_is_not_slow() -> None:
    out, where = _held(5, 0, sectors=(2,))
    assert not out.any()
    assert where[1].tolist() == [0.0, 0.0, 1.0]
    assert not _held(5, 0, y=0.3)[1].any()


def _classes(slope: float, cars: int = 12) -> np.ndarray:
    """Cars of two classes, slower by 0.2, and by ``slope`` of what their classes differ in."""
    level = np.tile([-0.1, 0.1], cars // 2 + 1)[:cars]
    at = np.full(cars, 3, dtype=np.int64)
    sector = np.zeros(cars, dtype=np.int64)
    out, _ = held_field(at, at, sector, 0.2 + slope * level, level, 8, 9.0, -9.0)
    return np.asarray(out)


@pytest.mark.parametrize(("slope", "held"), [(-0.79, False), (-0.81, True), (-1.0, True)])
def test_classes_that_drive_the_same_time_are_held(slope: float, held: bool) -> None:
    assert _classes(slope).tolist() == [0.0] + [float(held)] * 5 + [0.0] * 2


def test_eleven_cars_are_too_few_to_tell() -> None:
    assert not _classes(-1.0, cars=11).any()
