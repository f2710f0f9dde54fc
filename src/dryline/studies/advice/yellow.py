"""What the call's rule does at decisions under yellow, against what either choice was worth.

The replay judges; the rule is asked as on the pit wall, with what was known at the pit entry: the
range that the car had shown, the lane as the rule book has it, the flag as far as the file tells it
by then. The futures, which may turn it where a tank probably reaches the flag, are not run.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from dryline.domain.instant import Instant
from dryline.engine.championship import known_book
from dryline.race.race import Race
from dryline.rules.pit_lane import LaneState
from dryline.strategy.candidates import candidates
from dryline.strategy.plain_rule import by_rule, takes_yellow
from dryline.strategy.setting import own_car, read_setting
from dryline.strategy.track_reading import read_track
from dryline.studies.advice.figures import Row, interval
from dryline.studies.advice.replay import replay_of
from dryline.studies.advice.replay_decisions import YellowDecision, decisions_of, regret_s
from dryline.studies.advice.replay_follow import room_for

MOST = 30
"""Decisions of a race that are asked, drawn by the seed: reading the track takes the time."""
MINUTE_MS = 60_000


def yellow_rows(name: str, race: Race, length_ms: int, seed: int) -> list[Row]:
    """A row per decision that is asked; none where the replay knows no end."""
    replay = replay_of(name, race)
    if replay is None:
        return []
    found = list(decisions_of(replay, room_for(replay)))
    rng = np.random.default_rng(seed)
    if len(found) > MOST:
        found = [found[i] for i in rng.choice(len(found), MOST, replace=False)]
    found.sort(key=lambda each: each.at_ms)
    rows: list[Row] = []
    for _, near in groupby(found, key=lambda each: each.at_ms // MINUTE_MS):
        rows += _asked(name, race, length_ms, list(near))
    return rows


def _asked(name: str, race: Race, length_ms: int, found: Sequence[YellowDecision]) -> list[Row]:
    """Decisions within a minute: the track is read once for them."""
    book = known_book(race)
    track = read_track(race.moment(Instant(found[0].at_ms)), hurried=True)
    out = []
    for each in found:
        at = each.at
        moment = race.moment(Instant(each.at_ms))
        setting = read_setting(moment, (at.car_number,), length_ms, book, track=track)
        mine = own_car(setting, at.car_number)
        yellow = setting.yellow and mine.lane.will_open
        call = by_rule(mine.now, candidates(mine.now), yellow=yellow)[0]
        boxes = call.laps_ahead == 0 or call.until == "lane_opens"
        rule = takes_yellow(used=at.used, lane_open=at.lane_open, needs_stop=at.needs_stop)
        out.append(
            {
                "part": "yellow", "race": name, "kind": at.kind, "car_class": at.car_class,
                "car_number": at.car_number, "at_ms": each.at_ms, "used": round(at.used, 3),
                "used_said": round(mine.now.used, 3), "flag_known": setting.yellow,
                "lane_known": mine.lane.state is not LaneState.UNKNOWN,
                "boxes": boxes, "boxed": each.boxed,
                "regret_s": regret_s(each, boxes), "crew_regret_s": regret_s(each, each.boxed),
                "rule_regret_s": regret_s(each, rule),
            }
        )  # fmt: skip
    return out


def yellow_figures(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Regret of the product, of the crews, and of the rule that knows the range, by series."""
    told = [row for row in rows if row["flag_known"] and row["lane_known"]]
    return {
        "asked": len(rows),
        "flag_not_known": sum(not row["flag_known"] for row in rows),
        "lane_not_known": sum(row["flag_known"] and not row["lane_known"] for row in rows),
        "series": [
            {
                "series": series,
                "decisions": len(mine),
                "boxes": float(np.mean([row["boxes"] for row in mine])),
                **interval("regret_s", mine, lambda row: row["regret_s"], seed),
                **interval("crew_regret_s", mine, lambda row: row["crew_regret_s"], seed),
                **interval("rule_regret_s", mine, lambda row: row["rule_regret_s"], seed),
            }
            for series in sorted({row["series"] for row in told})
            if (mine := [row for row in told if row["series"] == series])
        ],
    }
