"""A forecaster's command line and its answer: each fault is named with its race and instant."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.errors import BadForecast, BadOption
from dryline.feeds.alkamel.write import write_laps
from dryline.studies.bench import entrant as entrants
from dryline.studies.bench.asked import AskedInstant, BenchRace
from dryline.studies.bench.entrant import Entrant, read_forecast
from dryline.studies.cases import LearningRace
from dryline.studies.naive import PlaceCounts
from tests.apps.conftest import cli
from tests.made_up.field import crossings

__all__ = ["cli"]
ORDER = {"GTP": ("10", "007", "7"), "LMP2": ("2", "22", "52")}
WHERE = "club/here at 0:30:00 (50%)"


@pytest.fixture(scope="module")
def asked() -> AskedInstant:
    known = LearningRace("club/here", None, None, 3600.0, wet=False, crossings=crossings(cars=6))
    places = {name: np.arange(3) for name in ORDER}
    return AskedInstant(
        1, BenchRace(known, "5ha", False), 0.5, 1_800_000, ORDER, places, PlaceCounts.of([])
    )


def forecast(**changed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An answer in which every place is as likely; ``changed`` by car as ``car_7``."""
    cars: list[dict[str, Any]] = [
        {"car_number": number, "p_position_in_class": [0.5, 0.25, 0.25], "p_win_class": 1 / 3}
        for order in ORDER.values()
        for number in order
    ]
    return [{**car, **changed.get(f"car_{car['car_number']}", {})} for car in cars]


def encoded(cars: Any) -> bytes:
    return json.dumps({"cars": cars, "elapsed_s": 1.0}).encode()


def fault(data: bytes, asked: AskedInstant) -> str:
    with pytest.raises(BadForecast) as found:
        read_forecast(data, asked)
    said = str(found.value)
    assert said.startswith(f"{WHERE}: ")
    return said.removeprefix(f"{WHERE}: ")


def test_an_answer_is_read_in_the_order_of_the_question(asked: AskedInstant) -> None:
    cars = forecast(
        car_10={"p_win_class": 0.5, "p_position_in_class": [0.1, 0.2, 0.7]},
        car_007={"p_win_class": 0.4},
        car_7={"p_win_class": 0.1},
    )
    found = read_forecast(encoded([*cars[::-1], {**cars[0], "car_number": "99"}]), asked)
    assert found["GTP"].p_win.tolist() == [0.5, 0.4, 0.1]
    assert found["GTP"].p_place[0].tolist() == [0.1, 0.2, 0.7]
    assert found["LMP2"].p_place.shape == (3, 3)


def test_without_a_word_on_winners_the_first_place_is_meant(asked: AskedInstant) -> None:
    places = {"car_2": [0.7, 0.2, 0.1], "car_22": [0.2, 0.7, 0.1], "car_52": [0.1, 0.1, 0.8]}
    cars = forecast(**{car: {"p_position_in_class": p} for car, p in places.items()})
    for car in cars[3:]:
        del car["p_win_class"]
    assert read_forecast(encoded(cars), asked)["LMP2"].p_win.tolist() == [0.7, 0.2, 0.1]
    del cars[0]["p_win_class"]
    assert fault(encoded(cars), asked).startswith(
        "the probabilities of the winners of GTP sum to 1.16"
    )


def test_missing_cars_are_named(asked: AskedInstant) -> None:
    assert fault(encoded(forecast()[1:]), asked) == "without car 10"
    assert fault(encoded([]), asked) == "without car 007, 10, 2, 22, 52 and 1 more"


def test_a_number_is_text_and_stands_there_once(asked: AskedInstant) -> None:
    assert fault(encoded([*forecast(), forecast()[2]]), asked) == "car 7 is there twice"
    assert "Expected `str`, got `int`" in fault(encoded(forecast(car_7={"car_number": 7})), asked)


@pytest.mark.parametrize("places", [[0.5, 0.5], [0.25, 0.25, 0.25, 0.25], []])
def test_a_car_has_as_many_places_as_its_class_has_starters(
    places: list[float], asked: AskedInstant
) -> None:
    said = fault(encoded(forecast(car_22={"p_position_in_class": places})), asked)
    assert said == f"car 22 has {len(places)} places; LMP2 has 3 starters"


@pytest.mark.parametrize("miss", [9e-4, -9e-4, 2e-9])
def test_rounded_probabilities_are_scaled_to_one(miss: float, asked: AskedInstant) -> None:
    cars = forecast(
        car_2={"p_position_in_class": [0.5 + miss, 0.25, 0.25]}, car_7={"p_win_class": 1 / 3 + miss}
    )
    found = read_forecast(encoded(cars), asked)
    one = pytest.approx(1.0, abs=1e-15)
    assert found["LMP2"].p_place.sum(axis=1).tolist() == [one] * 3
    assert found["LMP2"].p_place[0, 0] == pytest.approx((0.5 + miss) / (1 + miss), abs=1e-15)
    assert found["GTP"].p_win.sum() == one


def test_what_sums_to_one_but_for_its_last_digits_is_left_as_it_is(asked: AskedInstant) -> None:
    cars = forecast(car_2={"p_position_in_class": [0.5 + 5e-10, 0.25, 0.25]})
    assert read_forecast(encoded(cars), asked)["LMP2"].p_place[0].tolist() == [
        0.5 + 5e-10,
        0.25,
        0.25,
    ]


@pytest.mark.parametrize("miss", [1.1e-3, -1.1e-3, 0.1])
def test_probabilities_that_miss_one_by_more_are_refused(miss: float, asked: AskedInstant) -> None:
    places = forecast(car_2={"p_position_in_class": [0.5 + miss, 0.25, 0.25]})
    assert fault(encoded(places), asked) == (
        f"the probabilities of the places of car 2 sum to {1 + miss:.6g}, not to 1"
    )
    wins = forecast(car_7={"p_win_class": 1 / 3 + miss})
    assert fault(encoded(wins), asked) == (
        f"the probabilities of the winners of GTP sum to {1 + miss:.6g}, not to 1"
    )


@pytest.mark.parametrize("places", [[-0.1, 1.0, 0.1], [1.1, -0.1, 0.0], ["1", 0, 0], [None, 0, 1]])
def test_what_is_no_probability_is_refused(places: list[Any], asked: AskedInstant) -> None:
    assert fault(encoded(forecast(car_2={"p_position_in_class": places})), asked).startswith(
        "its answer cannot be read"
    )


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["cars", "car_number", "p_position_in_class"]), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_comes_is_a_forecast_or_a_fault_that_is_named(data: bytes) -> None:
    known = LearningRace("club/here", None, None, 3600.0, wet=False, crossings=crossings(cars=3))
    asked = AskedInstant(
        1, BenchRace(known, "5ha", False), 0.5, 1_800_000, ORDER, {}, PlaceCounts.of([])
    )
    assert fault(data, asked)


def python(code: str, *words: str) -> str:
    """A command line that runs ``code``, which may hold no double quotes."""
    return " ".join([f"'{sys.executable}'", "-c", f'"{code}"', *words])


def said_by(command: str, asked: AskedInstant, limit_s: float = 60.0) -> str:
    with pytest.raises(BadForecast) as found:
        Entrant.of(command, limit_s).answer(asked)
    said = str(found.value)
    assert said.startswith(f"{WHERE}: ")
    return said.removeprefix(f"{WHERE}: ")


def test_an_answer_comes_in_a_file_or_on_standard_output(
    asked: AskedInstant, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    ready.write_bytes(encoded(forecast()))
    copy = f"import shutil, sys; shutil.copy('{ready}', sys.argv[2])"
    show = f"print(open('{ready}').read())"
    for command in (python(copy, "{request}", "{out}"), python(show, "{file}")):
        assert set(Entrant.of(command, 60.0).answer(asked)) == {"GTP", "LMP2"}


def test_every_placeholder_is_filled_in(asked: AskedInstant, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    code = f"import json, sys; json.dump(sys.argv[1:], open('{told}', 'w'))"
    words = [f"{{{name}}}" for name in entrants.PLACEHOLDERS]
    assert said_by(python(code, *words, "{{}}"), asked) == "it wrote nothing to {out}"
    file, request, out, *others = json.loads(told.read_text())
    names = [Path(path).name for path in (file, request, out)]
    assert names == ["timing.csv", "request.json", "forecast.json"]
    assert others == ["0:30:00", "1:00:00", "club/here", "", "", "{}"]
    assert not Path(file).exists()


def test_a_crash_is_told_with_its_last_words(asked: AskedInstant) -> None:
    code = "import sys; sys.stderr.write('first\\nno tyre data\\n\\n'); sys.exit(3)"
    assert said_by(python(code, "{file}"), asked) == "it ended with status 3: no tyre data"
    assert said_by(python("raise SystemExit(1)", "{file}"), asked) == "it ended with status 1"


def test_an_answer_that_takes_too_long_is_ended(asked: AskedInstant) -> None:
    said = said_by(python("import time; time.sleep(600)", "{file}"), asked, 0.4)
    assert said == "no answer within 0.4 s. Allow more with --limit."


def test_nothing_and_too_much_are_no_answers(
    asked: AskedInstant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said_by(python("pass", "{file}"), asked) == "it wrote nothing on standard output"
    monkeypatch.setattr(entrants, "MOST_BYTES", 2**20)
    full = "import sys; sys.stdout.write(' ' * {})"
    at_most = python(full.format(2**20).replace("{", "{{"), "{file}")
    assert said_by(at_most, asked).startswith("its answer cannot be read")
    more = python(full.format(2**20 + 1), "{file}")
    assert said_by(more, asked) == "its answer has more than 1 MB"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("python mine.py {laps}", "--run has no {laps}"),
        ("python mine.py {file.parent}", "--run has no {file.parent}"),
        ("python mine.py {}", "--run has no {}"),
        ("python mine.py {file", "--run cannot be read"),
        ("python 'mine.py {file}", "--run cannot be read: No closing quotation"),
        ("python mine.py {out}", "--run reads neither {file} nor {request}"),
        ("", "--run reads neither"),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_refused(template: str, said: str) -> None:
    with pytest.raises(BadOption) as found:
        Entrant.of(template, 60.0)
    assert str(found.value).startswith(said)


@pytest.mark.parametrize("limit_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_is_a_time(limit_s: float) -> None:
    with pytest.raises(BadOption, match="is no time"):
        Entrant.of("mine {file}", limit_s)
    assert Entrant.of("mine {file}", 0.001).limit_s == 0.001


def test_a_program_that_is_not_there_is_said_once(asked: AskedInstant) -> None:
    with pytest.raises(BadOption, match="--run cannot start 'no-such-program': No such file"):
        Entrant.of("no-such-program {file}", 60.0).answer(asked)


def test_on_the_command_line_a_fault_is_one_line_with_race_and_instant(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "club" / "short_1h.csv"
    path.parent.mkdir()
    path.write_bytes(write_laps(crossings(cars=6)))
    run = python("import sys; sys.exit('boom' if '0:30:00' in sys.argv else '')", "{at}", "{file}")
    status, out, err = cli("bench", path, "--run", run, "--workers", "1")
    assert (status, out) == (2, "")
    assert err == "dryline: club/short_1h at 0:15:00 (25%): it ended with status 1\n"
    status, out, err = cli("bench", path, "--run", "mine {lap}", "--workers", "1")
    assert (status, len(err.splitlines())) == (2, 1)
    status, out, err = cli("bench", "--run", "mine {file}")
    assert (status, out) == (2, "")
    assert "no race is named" in err


def test_a_fault_in_another_process_is_told_in_the_same_words(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    for seed, name in enumerate(("one_1h.csv", "two_1h.csv")):
        (tmp_path / name).write_bytes(write_laps(crossings(cars=6, seed=seed)))
    run = python("import time; time.sleep(600)", "{file}")
    status, out, err = cli("bench", tmp_path, "--run", run, "--workers", "2", "--limit", "0.3")
    assert (status, out) == (2, "")
    assert err.endswith("_1h at 0:15:00 (25%): no answer within 0.3 s. Allow more with --limit.\n")
