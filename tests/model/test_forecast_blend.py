"""Two place matrices pooled: the winner by its own weights, the places below by theirs."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.model.pooling import doubly_stochastic, pool_places
from dryline.strategy.forecast_blend import SIMULATION_WEIGHT, ClassPlaces, pooled

CARS = ("7", "8", "50", "51", "6", "5")


def _places(seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed).gamma(0.7, size=(len(CARS), len(CARS)))
    return doubly_stochastic(chance + 0.01)


def test_every_car_and_every_place_sums_to_one() -> None:
    p = pooled(_places(1), CARS, ClassPlaces(CARS, _places(2)))
    assert p.sum(axis=0) == pytest.approx(1.0)
    assert p.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_the_winner_is_the_plain_pools_and_the_places_below_are_sharper() -> None:
    statistical, simulated = _places(1), _places(2)
    p = pooled(statistical, CARS, ClassPlaces(CARS, simulated))
    plain = pool_places([simulated, statistical], [SIMULATION_WEIGHT, 1 - SIMULATION_WEIGHT])
    assert p[:, 0] == pytest.approx(plain[:, 0], abs=1e-6)
    assert (p[:, 1:] ** 2).sum() > (plain[:, 1:] ** 2).sum()


def test_after_water_the_same_winner_is_said_and_the_places_below_less_surely() -> None:
    statistical, simulated = _places(1), _places(2)
    dry, wet = (
        pooled(statistical, CARS, ClassPlaces(CARS, simulated, has_been_wet=been))
        for been in (False, True)
    )
    plain = pool_places([simulated, statistical], [SIMULATION_WEIGHT, 1 - SIMULATION_WEIGHT])
    assert wet[:, 0] == pytest.approx(dry[:, 0], abs=1e-6)
    assert (wet[:, 1:] ** 2).sum() < (plain[:, 1:] ** 2).sum() < (dry[:, 1:] ** 2).sum()


def test_cars_are_matched_by_number_not_by_row() -> None:
    statistical, simulated = _places(1), _places(2)
    turned = ClassPlaces(CARS[::-1], simulated[::-1])
    one, two = (pooled(statistical, CARS, s) for s in (ClassPlaces(CARS, simulated), turned))
    assert one == pytest.approx(two)


def test_a_class_that_the_simulator_does_not_know_is_left_to_the_statistics() -> None:
    statistical = _places(1)
    assert pooled(statistical, CARS, None) is statistical
    assert pooled(statistical, CARS, ClassPlaces(CARS[1:], _places(2)[1:])) is statistical
