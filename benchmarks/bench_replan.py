"""How long the rest of a race takes to plan: ``python benchmarks/bench_replan.py [RACE ...]``.

Real races at a third and two thirds, the first running car of every class: the answer from nothing
(the track read in a hurry, the fit, the plan), then after a typed fact with the track known, as on
a wall. Processor time is counted beside wall time, so that other work does not spoil the figure;
the proven gap stands beside both.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dryline.answers.replan import Replanned
from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.engine.opening import open_race
from dryline.engine.questions import Aid, AskReplan, ask
from dryline.feeds.live.team_lines import read_team_line
from dryline.race.moment import Moment
from dryline.strategy.track_reading import read_track

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.conftest import DATA

RACES = (
    "wec/2021/le_mans_24h.csv",
    "wec/2024/le_mans_24h.csv",
    "wec/2025/le_mans_24h.csv",
    "wec/2024/bahrain_8h.csv",
    "wec/2025/imola_6h.csv",
    "wec/2025/spa_6h.csv",
    "imsa/2023/07-sebring-international-raceway/202303181010-race-laps.csv",
    "imsa/2022/19-road-atlanta/202210011210-race-laps.csv",
    "imsa/2022/11-watkins-glen-international/202206261040-race-laps.csv",
    "imsa/2023/18-virginia-international-raceway/202308271410-race-laps.csv",
    "imsa/2024/14-road-america/202408041410-race-laps.csv",
    "imsa/2022/10-belle-isle-street-course/202206041510-race-laps.csv",
)


def timed(moment: Moment, car: str, aid: Aid) -> tuple[Replanned, float, float]:
    """The answer, wall and processor seconds."""
    wall, began = time.perf_counter(), time.process_time()
    found = ask(moment, AskReplan(car_number=car), aid)
    return found, time.perf_counter() - wall, time.process_time() - began


def after_a_fact(moment: Moment, car: str, answer: Replanned) -> Moment:
    """The same moment once the team has forbidden the planned stop and told the fuel."""
    lap = answer.stints[0].last_lap
    lines = (f"{car} no stop on lap {lap}", f"{car} fuel {answer.stints[0].laps + 1} laps")
    typed = [
        TeamInput(happened_at=moment.at, known_at=moment.at, author="wall", text=line, number=n)
        for n, line in enumerate(lines, 1)
    ]
    return moment.as_told([read_team_line(each) for each in typed])


def leaders(moment: Moment) -> Iterator[tuple[str, str]]:
    """The first running car of every class."""
    seen = set()
    for car in moment.race.at(moment.at).cars:
        if car.status == "running" and car.car_class not in seen:
            seen.add(car.car_class)
            yield car.car_number, car.car_class


def main() -> None:
    assert DATA is not None
    paths = [Path(each) for each in sys.argv[1:]] or [DATA / each for each in RACES]
    cold = True
    worst = [0.0, 0.0]
    for path in paths:
        race = open_race(path)
        length = race.info.length
        if length is None or length.ms is None:
            continue
        for share in (1 / 3, 2 / 3):
            moment = race.moment(Instant(round(length.ms * share)))
            for car, car_class in leaders(moment):
                if cold:
                    timed(moment, car, Aid())
                    cold = False
                answer, wall, used = timed(moment, car, Aid())
                told = after_a_fact(moment, car, answer)
                aid = Aid(track=read_track(told, hurried=True))
                again, wall_2, used_2 = timed(told, car, aid)
                worst = [max(worst[0], used), max(worst[1], used_2)]
                proven = answer.proven_within_ms, again.proven_within_ms
                print(
                    f"{path.stem[:24]:24s} {share:.0%} #{car:4s} {car_class[:11]:11s} "
                    f"{len(answer.stints):2d} stints  whole {wall:5.2f} s ({used:5.2f} used)  "
                    f"after a fact {wall_2:5.2f} s ({used_2:5.2f} used)  proven to "
                    f"{proven[0] / 1000:5.1f} and {proven[1] / 1000:5.1f} s",
                    flush=True,
                )
    print(f"worst, processor time: whole {worst[0]:.2f} s, after a fact {worst[1]:.2f} s")


if __name__ == "__main__":
    main()
