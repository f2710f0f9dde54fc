"""How long a call takes: ``python benchmarks/bench_advice.py [RACE --at H:MM:SS --car N]``.

Processor time is counted, so that other work on the machine does not spoil the figure, with wall
time beside it; on two free cores the comparison takes half its processor time. The last line is
the cards of every running car, to be held against a lap of the race.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any


def timed(name: str, work: Callable[[], Any]) -> Any:
    wall, began = time.perf_counter(), time.process_time()
    found = work()
    used, took = time.process_time() - began, time.perf_counter() - wall
    print(f"{name:52s} processor {used:6.2f} s, wall {took:6.2f} s", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("race", nargs="?", default="imola-2024")
    parser.add_argument("--at", default="3:00:00")
    parser.add_argument("--car", default="50")
    parser.add_argument("--series")
    parser.add_argument("--year", type=int)
    asked = parser.parse_args()
    from dataclasses import replace

    import dryline
    from dryline.engine.advising import advice_for
    from dryline.engine.championship import known_book
    from dryline.engine.questions import Aid, AskAdvice, AskCards, ask
    from dryline.strategy.candidates import candidates
    from dryline.strategy.evaluate import rank
    from dryline.strategy.setting import futures_of, own_car, read_setting
    from dryline.strategy.track_reading import read_track
    from dryline.strategy.utility import Utility

    named = {"series": asked.series, "year": asked.year} if asked.series else {}
    moment = dryline.open_race(asked.race, **named).moment(asked.at)
    race = moment.race
    advice_for(moment, AskAdvice(car_number=asked.car, replicates=8), Aid(threads=1))
    question = AskAdvice(car_number=asked.car)
    timed("the track, read in full", lambda: read_track(moment))
    track = timed(
        "the track, in a hurry",
        lambda: read_track(moment, hurried=True),
    )
    setting = timed(
        "the race fitted, the crew's ledger",
        lambda: read_setting(moment, (asked.car,), moment.length_ms, known_book(race), track=track),
    )
    mine = own_car(setting, asked.car)
    some = candidates(mine.now)
    twenty = tuple(
        replace(some[n % len(some)], key=f"{n}:{some[n % len(some)].key}") for n in range(20)
    )
    timed(
        "20 candidates x 500 futures, all in full, 2 threads",
        lambda: rank(
            futures_of(setting, mine, 1), twenty, Utility("seconds"), replicates=500, seed=1,
            threads=2, first_round=500,
        ),
    )  # fmt: skip
    timed(
        "a whole call, the track already read, 2 threads",
        lambda: advice_for(moment, question, Aid(threads=2, track=track)),
    )
    timed("a whole call", lambda: advice_for(moment, question, Aid(threads=2)))
    cards = timed(
        "the cards of every running car", lambda: ask(moment, AskCards(), Aid(track=track))
    )  # fmt: skip
    lap_ms = race.laps.filter(race.laps["is_green"])["lap_time_ms"].median()
    print(f"{len(cards.cars)} cars; a lap takes {lap_ms / 1000:.0f} s")  # type: ignore[operator]


if __name__ == "__main__":
    main()
