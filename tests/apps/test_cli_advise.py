"""``dryline advise`` from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import Said

ASKED = ("--car", "7", "--at", "0:17:00", "--length", "1:00", "--replicates", "64")


def test_advice_has_the_contracts_fields(answer: Callable[..., Any], race_file: Path) -> None:
    got = answer("advise", race_file, *ASKED, "--series", "wec", "--year", "2024")
    assert set(got) >= {
        "car_number", "at_ms", "call", "margin", "margin_s", "candidates", "flips_if",
        "value_of_waiting", "rejoin", "evidence", "neutralised_now",
    }  # fmt: skip
    assert (got["car_number"], got["at_ms"]) == ("7", 1_020_000)
    assert set(got["call"]) >= {"action", "lap", "tyres", "fuel", "energy_pct", "driver"}
    assert got["call"]["action"] in ("stay", "box", "save")
    assert set(got["margin"]) >= {"over", "value", "se", "unit"}
    assert got["margin"]["over"] == "runner_up"
    assert got["rejoin"]["car_number"] == "7"
    for each in got["candidates"]:
        assert each["action"] in ("stay", "box", "save")
        assert each["se"] >= 0.0
        assert each["tyres"] is None or each["tyres"]["kind"] in ("keep", "slick", "wet", "inter")
    for card in got["neutralised_now"]:
        assert set(card) >= {"kind", "pit_lane", "call"}


def test_the_screen_fits_and_says_the_call_first(cli: Callable[..., Said], race_file: Path) -> None:
    status, out, err = cli("advise", race_file, *ASKED, "--series", "wec", "--year", "2024")
    assert status == 0, err
    lines = out.splitlines()
    assert len(lines) <= 45
    assert all(len(line) <= 100 for line in lines)
    assert lines[1].startswith(("Box ", "Stay out"))
    assert "Evidence: " in out
    assert "Neutralised now" in out


def test_advice_as_csv_is_one_row_a_candidate(cli: Callable[..., Said], race_file: Path) -> None:
    status, out, _ = cli("advise", race_file, *ASKED, "--csv")
    assert status == 0
    assert out.splitlines()[0].startswith("key,action,lap")
    assert len(out.splitlines()) > 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--car", "999", "--at", "0:17:00", "--length", "1:00"), "no car '999'"),
        (("--car", "7", "--at", "1:10:00", "--length", "1:00"), "no call to make"),
        ((*ASKED, "--budget", "soon"), "--budget"),
        ((*ASKED, "--utility", "glory"), "--utility"),
        ((*ASKED[:-1], "0"), "--replicates"),
        ((*ASKED, "--utility", "points"), "--year"),
    ],
)
def test_what_cannot_be_advised_is_one_clear_line(
    cli: Callable[..., Said], race_file: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = cli("advise", race_file, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_advice_without_a_length_says_what_to_say(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    nameless = tmp_path / "nameless.csv"
    nameless.write_bytes(race_file.read_bytes())
    status, out, err = cli("advise", nameless, "--car", "7", "--at", "0:17:00")
    assert (status, out) == (2, "")
    assert "--length" in err
