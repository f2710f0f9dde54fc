"""Is it true what the wall says of a car between two crossings? Races replayed and judged.

    python -m benchmarks.wall_states RACE… --every 10

Prints, with the loops that the file implies and without any, the minutes of cars in which each
state was said and those in which it was wrong; of *out about* the error, median and nine tenths.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dryline.engine.opening import open_race
from dryline.race.whereabouts import Doing
from dryline.studies.wall_states import StatesShown, states_shown


def words(said: StatesShown) -> str:
    """A line per state."""
    rows = []
    for doing in Doing:
        shown, wrong = said.minutes(doing)
        rows.append(f"  {doing:10} {shown:9.1f} min, wrong {wrong:7.2f}")
    errors = sorted(abs(ms) / 1000 for ms in said.out_errors_ms)
    if errors:
        middle, most = errors[len(errors) // 2], errors[9 * len(errors) // 10]
        rows.append(
            f"  out about, {len(errors)} stops: {middle:.1f} s off, nine tenths {most:.1f} s"
        )
    return "\n".join(rows)


parser = argparse.ArgumentParser()
parser.add_argument("races", type=Path, nargs="+")
parser.add_argument("--every", type=int, default=10, help="seconds of race between two looks")
given = parser.parse_args()
for path in given.races:
    race = open_race(path)
    for loops in (True, False):
        print(race.info.name, "with loops" if loops else "without loops")
        print(words(states_shown(race, loops=loops, every_ms=1000 * given.every)))
