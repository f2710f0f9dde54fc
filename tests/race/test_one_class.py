"""Neutralisations of a field of one class, in which no class can close up to another."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.race.neutralisations import neutralisations
from tests.made_up.driving import Car, Lap, crossings_of

LAPS, SLOW = 60, range(30, 38)
SECTORS = (32.0, 41.0, 35.0)


def kinds(apart_s: float, *, over_laps: int, share: float = 0.71) -> list[str]:
    """Twenty cars so far apart, at a share of their pace for eight laps, reached over some."""
    chance = np.random.default_rng(2)

    def speed(lap: int) -> float:
        outside = max(SLOW.start - lap, lap - SLOW.stop + 1, 0)
        return share + (1 - share) * min(1.0, outside / over_laps)

    def laps(index: int) -> list[Lap]:
        driven = []
        for lap in range(1, LAPS + 1):
            pace = speed(lap) / (1 + chance.normal(0, 0.003))
            times = [round(1000 * t / pace) for t in SECTORS]
            times[0] += round(1000 * apart_s * index) if lap == 1 else 0
            driven.append(Lap(sum(times), sectors_ms=(times[0], times[1]), flag=None))
        return driven

    frame = crossings_of(Car(str(index), "CUP", laps(index)) for index in range(20))
    return neutralisations(frame)["kind"].to_list()


@pytest.mark.parametrize(
    ("apart_s", "over_laps", "told"),
    [
        (1.5, 1, True),  # at once, in one queue
        (1.5, 3, False),  # over laps, as rain does
        (5.0, 1, False),  # all around the circuit
    ],
)
def test_it_is_held_where_it_slowed_at_once_and_goes_round_in_one_queue(
    apart_s: float, over_laps: int, told: bool
) -> None:
    assert (kinds(apart_s, over_laps=over_laps) != []) is told


def test_a_deep_neutralisation_needs_neither() -> None:
    assert kinds(5.0, over_laps=1, share=0.5) == ["fcy"]
