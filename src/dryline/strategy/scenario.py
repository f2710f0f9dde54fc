"""An embedded race as a scenario: facts and estimates that the simulator can run.

What comes of it is simulated. Each value in ``scenario.toml`` carries its source or "estimated".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np

from dryline.domain.clock_text import parse_race_clock
from dryline.domain.errors import BadOption, RaceNotFound
from dryline.kernels import race_columns as col
from dryline.kernels import race_neutral as neutral
from dryline.sim.params import (
    CAR_COLUMNS,
    CLASS_COLUMNS,
    FieldPlans,
    Floats,
    PlannedStop,
    RaceParams,
    Rain,
    SimState,
    row,
)

SCENARIOS = ("imola-2024",)
KINDS = {"fcy": col.FCY, "vsc": col.VSC, "safety_car": col.SAFETY_CAR}
TYRES = {"auto": -1, "slick": 0, "wet": 1, "keep": 2}
CREW = 3
LANE_AT_80_MS = 221000.0
"""A lap of 4.909 km at 80 km/h: full course yellow and virtual safety car."""
TRAIN_MS = 192000.0
"""The leader's lap behind the safety car: 184 to 200 s, measured in 2025 and 2026."""
GRID_STEP_MS = 450.0


@dataclass(frozen=True)
class Scenario:
    """A race to run: names beside the simulator's inputs.

    ``cars``, ``car_classes`` and ``drivers`` follow the order of the parameters' rows; ``start``
    is the state on the grid, ``replay`` the state from which what-ifs are asked.
    """

    id: str
    cars: tuple[str, ...]
    car_classes: tuple[str, ...]
    drivers: tuple[tuple[str, ...], ...]
    params: RaceParams
    start: SimState
    replay: SimState
    plans: FieldPlans
    stops: Mapping[int, tuple[PlannedStop, ...]]
    allowed: Mapping[int, int]
    what_ifs: tuple[Mapping[str, Any], ...]
    sources: tuple[str, ...]

    def car(self, number: str) -> int:
        """A car's row.

        Raises:
            BadOption: where the scenario has no such car.
        """
        if number not in self.cars:
            raise BadOption(
                f"{self.id} has no car {number!r}", remedy=f"Cars: {', '.join(self.cars)}"
            )
        return self.cars.index(number)


def load_scenario(scenario_id: str = "imola-2024") -> Scenario:
    """The scenario of an embedded race.

    Raises:
        RaceNotFound: where none of that name ships.
    """
    if scenario_id not in SCENARIOS:
        raise RaceNotFound(f"no scenario {scenario_id!r}", remedy=f"There is: {SCENARIOS[0]}.")
    folder = resources.files("dryline.data").joinpath(scenario_id)
    return scenario_of(tomllib.loads(folder.joinpath("scenario.toml").read_text("utf-8")))


def scenario_of(text: Mapping[str, Any]) -> Scenario:
    """A scenario from its parsed text."""
    cars: list[Mapping[str, Any]] = text["car"]
    classes: list[str] = text["classes"]
    cls = np.array([row(CLASS_COLUMNS, _values(text["parameters"][k])) for k in classes])
    at = [classes.index(c["class"]) for c in cars]
    pace, chol = _paces(cars)
    params = RaceParams(
        car=np.array([_car(c, k, i, text) for i, (c, k) in enumerate(zip(cars, at, strict=True))]),
        cls=cls,
        cost=np.array(
            [[250.0, text["traffic"]["hypercar_passes_lmgt3_ms"]["value"]], [250.0, 250.0]]
        ),
        **_neutral(len(classes), cls),
        pace=pace,
        chol=chol,
        target=np.full(pace.shape, 1.0 / CREW),
        most=np.full(pace.shape, 1.0e12),
        rain=_rain(text["rain"]),
        spread=np.array([0.2, 0.2]),
        length_ms=float(text["scheduled_ms"]),
    )
    known = np.array([_period(p) for p in text["neutralisation"]])
    start = _grid(params, cars, known)
    stops = {i: tuple(_stop(s) for s in c.get("stops", ())) for i, c in enumerate(cars)}
    allowed = {i: int(c.get("no_choice_before_lap", 0)) for i, c in enumerate(cars)}
    return Scenario(
        id=text["id"],
        cars=tuple(c["number"] for c in cars),
        car_classes=tuple(c["class"] for c in cars),
        drivers=tuple(tuple(c["drivers"]) for c in cars),
        params=params,
        start=start,
        replay=_replay(params, text, start),
        plans=FieldPlans.of(len(cars), stops, allowed),
        stops=stops,
        allowed=allowed,
        what_ifs=tuple(text["what_if"]),
        sources=tuple(sorted(_sources(text))),
    )


def _values(table: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {name: float(cell["value"]) for name, cell in table.items()}


def _car(c: Mapping[str, Any], k: int, i: int, text: Mapping[str, Any]) -> Floats:
    reach = text["range"][c["class"]]
    return row(
        CAR_COLUMNS,
        {
            "class": k,
            "box": i,
            "in_share": 0.08,
            "range": reach["laps"],
            "range_sd": reach["sd"],
            "retire_x": 1.0,
            "drivers": len(c["drivers"]),
            "pit_sd_ms": 1200.0,
        },
    )


def _paces(cars: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    """Pace per driver as a share over the class, and the Cholesky factor of its doubt."""
    mean, chol = np.zeros((len(cars), CREW)), np.zeros((len(cars), CREW, CREW))
    for i, c in enumerate(cars):
        drivers = np.array(c["driver_pct"]) / 100.0
        n = len(drivers)
        mean[i, :n] = c["pace_pct"] / 100.0 + drivers
        cov = 0.0010**2 * np.ones((n, n)) + 0.0010**2 * np.eye(n)
        chol[i, :n, :n] = np.linalg.cholesky(cov)
    return mean, chol


def _neutral(classes: int, cls: Floats) -> dict[str, Any]:
    """The series' procedures; the scenario's own periods are known, and no others are drawn."""
    neu = np.zeros((col.KINDS, col.NEU_COLUMNS))
    neu[:, col.NEU_MU], neu[:, col.NEU_SD] = 12.0, 0.3
    neu[:, col.NEU_GAP_MS], neu[:, col.NEU_TRAIN_MS] = 1300.0, TRAIN_MS
    neu[col.SAFETY_CAR, col.NEU_BUNCH] = 1.0
    neu[col.SAFETY_CAR, col.NEU_WAVE_MS] = 300000.0
    opens = np.zeros((col.KINDS, classes))
    opens[[col.FCY, col.RED]] = 1.0e12
    opens[col.SAFETY_CAR] = 330000.0
    answers = np.zeros((col.KINDS, classes, 3))
    answers[:, :, 0] = -9.0
    answers[col.VSC] = (-3.0, 5.0, 0.0)
    answers[col.SAFETY_CAR] = (-2.5, 4.5, 0.0)
    hazard = np.zeros(neutral.HAZ_SCALARS)
    return {
        "neu": neu,
        "slow": np.full((col.KINDS, classes), LANE_AT_80_MS),
        "catch": np.tile(1.35 * cls[:, col.CLASS_BASE_MS], (col.KINDS, 1)),
        "opens": opens,
        "stop_under": answers,
        "hazard": hazard,
    }


def _rain(text: Mapping[str, Any]) -> Rain:
    end = max(int(step["to_min"]) for step in text["steps"])
    given = np.zeros((end + 400, 3))
    for step in text["steps"]:
        given[int(step["from_min"]) : int(step["to_min"])] = (step["s1"], step["s2"], step["s3"])
    return Rain(
        gain_per_min=text["gain_per_min"],
        dry_per_min=text["dry_per_min"],
        dry_log_sd=text["dry_log_sd"],
        declared=text["declared"],
        shift_sd_min=text["shift_sd_min"],
        scale_log_sd=text["scale_log_sd"],
        given=given,
    )


def _period(p: Mapping[str, Any]) -> tuple[float, float, float]:
    return (
        float(parse_race_clock(p["start"])),
        float(parse_race_clock(p["end"])),
        float(KINDS[p["kind"]]),
    )


def _grid(params: RaceParams, cars: Sequence[Mapping[str, Any]], known: Floats) -> SimState:
    state = np.zeros((len(cars), col.STATE_COLUMNS))
    state[:, col.STATE_LAST_MS] = [GRID_STEP_MS * c["grid"] for c in cars]
    state[:, col.STATE_FUEL] = params.car[:, col.CAR_RANGE]
    state[:, col.STATE_STINT_SD] = 0.001
    return SimState(0.0, state, np.zeros((len(cars), CREW)), known)


def _replay(params: RaceParams, text: Mapping[str, Any], start: SimState) -> SimState:
    """The state at the replay's start, from the table of what is known or estimated of it."""
    rows = {r["number"]: r for r in text.get("state", ())}
    if not rows:
        return start
    now = float(text["replay_from_ms"])
    cars = start.cars.copy()
    drive = start.drive.copy()
    for i, c in enumerate(text["car"]):
        r = rows[c["number"]]
        cars[i, col.STATE_LAPS], cars[i, col.STATE_LAST_MS] = r["laps"], r["last_ms"]
        cars[i, col.STATE_FUEL], cars[i, col.STATE_DRIVER] = r["fuel_laps"], r["driver"]
        cars[i, col.STATE_TYRE_AGE], cars[i, col.STATE_STINT_LAPS] = r["tyre_age"], r["stint_laps"]
        cars[i, col.STATE_STOPS] = r["stops"]
        cars[i, col.STATE_OUT] = float(r.get("out", False))
        drive[i] = now / CREW
    return SimState(now, cars, drive, start.known)


def _stop(s: Mapping[str, Any]) -> PlannedStop:
    return PlannedStop(
        lap=int(s["lap"]),
        tyre=TYRES[s.get("tyre", "auto")],
        fuel=float(s.get("fuel", -1.0)),
        driver=int(s.get("driver", -1)),
        standing_ms=1000.0 * float(s["standing_s"]) if "standing_s" in s else -1.0,
    )


def _sources(node: Any) -> set[str]:
    if isinstance(node, Mapping):
        found = {str(node["source"])} if "source" in node else set()
        return found.union(*(_sources(v) for v in node.values()))
    if isinstance(node, list):
        return set().union(*(_sources(v) for v in node)) if node else set()
    return set()


def with_what_if(scenario: Scenario, what_if: Mapping[str, Any]) -> Scenario:
    """The same race with other calls or other weather."""
    params, stops = scenario.params, {i: list(s) for i, s in scenario.stops.items()}
    allowed = dict(scenario.allowed)
    for number in what_if.get("cars", ()):
        c = scenario.car(number)
        stops[c] = _other_calls(stops[c], what_if)
        if what_if.get("then_free"):
            allowed[c] = 0
    rain = params.rain
    if "rain" in what_if:
        rain = replace(rain, given=rain.given * float(what_if["rain"]))
    if what_if.get("rain_everywhere"):
        rain = replace(rain, given=np.repeat(rain.given.max(axis=1)[:, None], 3, axis=1))
    if what_if.get("dry_calls"):
        stops = {i: _dry_calls(s) for i, s in stops.items()}
        allowed = dict.fromkeys(allowed, 0)
    return replace(
        scenario,
        params=replace(params, rain=rain),
        plans=FieldPlans.of(params.cars, stops, allowed),
        stops={i: tuple(s) for i, s in stops.items()},
        allowed=allowed,
    )


def _other_calls(stops: list[PlannedStop], what_if: Mapping[str, Any]) -> list[PlannedStop]:
    out = stops
    if "drop_from_lap" in what_if:
        out = [s for s in out if s.lap < what_if["drop_from_lap"]]
    if "move" in what_if:
        move = what_if["move"]
        out = [replace(s, lap=int(move["to_lap"])) if s.lap == move["from_lap"] else s for s in out]
    if "add" in what_if:
        out = [*out, _stop(what_if["add"])]
    return out


def _dry_calls(stops: list[PlannedStop]) -> list[PlannedStop]:
    """Plans without what was done for the rain: the calls up to it, and the time lost later."""
    first = min((s.lap for s in stops if s.tyre == TYRES["wet"]), default=None)
    if first is None:
        return [s for s in stops if s.lap < 125 or s.standing_ms >= 0.0]
    return [s for s in stops if s.lap < first or s.standing_ms >= 0.0]
