"""Rows of the replay: every car under every policy, every decision under yellow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dryline.race.race import Race
from dryline.studies.advice.figures import Row
from dryline.studies.advice.replay import Replay, replay_of
from dryline.studies.advice.replay_crew import ReplayedCar
from dryline.studies.advice.replay_decisions import YellowDecision, decisions_of
from dryline.studies.advice.replay_fidelity import is_faithful, yellow_errors_s
from dryline.studies.advice.replay_follow import (
    PolicyRun,
    as_crewed,
    follow,
    in_hindsight,
    room_for,
)
from dryline.studies.advice.replay_hazards import (
    HazardOracle,
    Hazards,
    YellowFacts,
    yellow_facts,
)
from dryline.studies.advice.replay_policies import (
    EndOfRange,
    Policy,
    RandomLaps,
    SeriesRule,
    YellowRule,
)

CONTROLS = ("random", "end_of_range", "yellow_rule", "series_rule", "hazard_oracle", "oracle")


def contenders(seed: int, hazards: Hazards | None) -> list[Policy]:
    """The policies that are replayed; another policy is another entry here."""
    known: list[Policy] = [RandomLaps(seed), EndOfRange(), YellowRule(), SeriesRule()]
    return known if hazards is None else [*known, HazardOracle(hazards)]


def facts_of_yellows(name: str, race: Race) -> YellowFacts | None:
    """What a race tells other races of its neutralisations."""
    replay = replay_of(name, race)
    if replay is None:
        return None
    return yellow_facts(replay, list(decisions_of(replay, room_for(replay))))


def replay_rows(name: str, race: Race, policies: Sequence[Policy]) -> list[Row]:
    """A row per car and policy's worth, and one per decision; none where no end is known."""
    replay = replay_of(name, race)
    if replay is None:
        return []
    room = room_for(replay)
    cars = []
    for crew in replay.crews:
        runs = {policy.name: follow(replay, crew, policy) for policy in policies}
        found = [in_hindsight(replay, crew, room), *runs.values()]
        runs["oracle"] = max(found, key=lambda run: run.distance)
        cars.append(_car(replay, crew, runs))
    return cars + [_decision(replay, each, policies) for each in decisions_of(replay, room)]


def _car(replay: Replay, crew: ReplayedCar, runs: Mapping[str, PolicyRun]) -> Row:
    crewed = as_crewed(replay, crew)
    place = replay.place(crew, crewed.laps, crewed.end_s)
    row: Row = {
        "part": "replay", "race": replay.name, "car_class": crew.car_class,
        "car_number": crew.car_number, "laps": crew.laps, "range_laps": crew.range_laps,
        "neutralised": len(replay.field.slow_from), "crew_stops": len(crewed.stops),
        "crew_off_laps": crewed.laps - crew.laps, "crew_off_s": crewed.end_s - crew.end_s,
        "faithful": is_faithful(crew, crewed),
        "yellow_errors_s": [round(each, 1) for each in yellow_errors_s(replay, crew)],
    }  # fmt: skip
    for name, run in runs.items():
        row[f"{name}_s"] = round((run.distance - crewed.distance) * crew.pace_s, 3)
        row[f"{name}_places"] = place - replay.place(crew, run.laps, run.end_s)
        row[f"{name}_stops"] = len(run.stops)
    return row


def _decision(replay: Replay, found: YellowDecision, policies: Sequence[Policy]) -> Row:
    at = found.at
    return {
        "part": "decision", "race": replay.name, "kind": at.kind, "start_ms": found.start_ms,
        "car_class": at.car_class, "car_number": at.car_number, "lap": at.lap,
        "at_ms": found.at_ms, "used": round(at.used, 3), "boxed": found.boxed,
        "by_rule_s": round(found.by_rule_s, 3), "at_best_s": round(found.at_best_s, 3),
        "price_s": round(found.price_s, 3),
        **{f"{p.name}_boxes": p.boxes(at) for p in policies if p.name != "random"},
    }  # fmt: skip
