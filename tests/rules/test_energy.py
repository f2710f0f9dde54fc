"""Fuel and virtual energy: two clocks."""

from __future__ import annotations

import pytest

from dryline.domain.errors import BadRuleBook, NotKnown
from dryline.rules.energy import event_allowances, read_allowances

MINE = (
    "manufacturer,car,max_stint_energy_mj,energy_rate_mj_s,fuel_capacity_l,fuel_rate_l_s,"
    "refuel_handicap_s,sources\nFerrari,499P,904,22,90,2.5,0.2,me\n"
)


def test_the_allowances_of_imola_are_shipped_with_their_sources() -> None:
    found = event_allowances("imola-2024")
    assert found["Ferrari"].max_stint_energy_mj == 904
    assert found["Ferrari"].refuel_handicap_s == 0.2
    assert "S41" in found["Porsche"].sources
    assert len(found) == 9


def test_an_allowance_lasts_so_many_laps() -> None:
    assert event_allowances("imola-2024")["Toyota"].energy_laps(26.0) == pytest.approx(
        35.2, abs=0.1
    )


def test_the_slower_clock_decides_and_the_handicap_is_added() -> None:
    ferrari = read_allowances("mine.csv", MINE)["Ferrari"]
    assert ferrari.refill_s(energy_mj=880, fuel_l=50) == pytest.approx(40.2)
    assert ferrari.refill_s(energy_mj=220, fuel_l=75) == pytest.approx(30.2)
    assert ferrari.refill_s() == 0


def test_a_rate_that_is_not_in_the_file_is_not_known() -> None:
    with pytest.raises(NotKnown, match="the energy rate of Ferrari is not known for this event"):
        event_allowances("imola-2024")["Ferrari"].refill_s(energy_mj=900)


def test_an_event_without_a_file_is_not_known() -> None:
    with pytest.raises(NotKnown, match="no balance of performance of monza-2024"):
        event_allowances("monza-2024")


def test_a_cell_that_is_no_number_is_named_with_its_line() -> None:
    with pytest.raises(BadRuleBook, match=r"mine\.csv, line 2: energy_rate_mj_s: 'fast'"):
        read_allowances("mine.csv", MINE.replace(",22,", ",fast,"))
    with pytest.raises(BadRuleBook, match="no column manufacturer"):
        read_allowances("mine.csv", "a,b\n1,2\n")
