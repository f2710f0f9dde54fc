"""Priors of a series that has none: between those it is given, and never surer than they are."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.analysis.stops.priors import stop_priors
from dryline.domain.series import Series
from dryline.model.borrowed import believed
from dryline.model.race_priors import FAMILY_NAMES, shipped_priors

BOTH = ("wec", "imsa_endurance")


def test_one_kind_is_believed_as_it_is() -> None:
    priors = shipped_priors()
    assert believed(priors, ("wec",)) is priors["wec"]


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_pooled_numbers_lie_between_and_spreads_hold_both(family: str) -> None:
    priors = shipped_priors()
    one, other = (priors[name]["families"][family] for name in BOTH)
    pooled = believed(priors, BOTH)["families"][family]
    for name, value in pooled.items():
        low, high = sorted((one[name], other[name]))
        if name not in ("trouble_sd", "loss_sd"):
            assert low <= value <= high, name
        else:
            assert value >= low, name
    for sd, apart in (
        ("trouble_sd", one["trouble_mu"] - other["trouble_mu"]),
        ("loss_sd", np.log(one["loss_ms"] / other["loss_ms"])),
    ):
        within = (one[sd] ** 2 + other[sd] ** 2) / 2
        assert pooled[sd] == pytest.approx((within + apart**2 / 4) ** 0.5)


def test_a_duration_that_both_know_is_as_wide_as_both() -> None:
    priors = shipped_priors()
    pooled = believed(priors, BOTH)["neutral"]["durations"]
    one, other = (priors[name]["neutral"]["durations"]["1"] for name in BOTH)
    assert pooled["1"][0] == pytest.approx((one[0] + other[0]) / 2)
    assert pooled["1"][1] > min(one[1], other[1])
    only = priors["wec"]["neutral"]["durations"]["2"]
    assert pooled["2"] == pytest.approx(only)


def test_stops_of_an_unknown_series_are_between_the_known_and_wider() -> None:
    priors = stop_priors()
    wec, imsa, nobody = (priors.service_of(name) for name in ("wec", "imsa", None))
    assert imsa.fill_s < nobody.fill_s < wec.fill_s
    assert nobody.fill_sd_s > max(wec.fill_sd_s, imsa.fill_sd_s)
    assert nobody.tyres_sd_s > max(wec.tyres_sd_s, imsa.tyres_sd_s)
    assert (wec.in_parallel, imsa.in_parallel) == (False, True)
    assert nobody.in_parallel is Series.of(None).stops.services_at_once
    window = [table["window"] for table in map(priors.hazard_of, ("wec", None, "imsa"))]
    assert window == sorted(window)
    slowest = [
        max(max(row) for row in table) for table in map(priors.slowing_of, ("imsa", None, "wec"))
    ]
    assert slowest == sorted(slowest)
