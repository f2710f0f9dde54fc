"""Which share of what decided a race does its report name?

    python scripts/decisive_events.py RACE...

Decisive is what ``analysis.debrief.costs`` finds: an event of a car that could have won its class
which cost it, against the class's winner, five seconds and 2.5 more for each hour of the race (a
drive through the lane: five seconds), and half of the gap at the flag; of all but the drives
through the lane, the fewest that make up the gap; or that it did not go on.
It is named where a sentence of the text, on the page, has the car's number and the time of the
event. Fails below 95 % over all races together. Neither track nor forecasts are computed: seconds
for a race.
"""

from __future__ import annotations

import re
import sys

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import DrylineError
from dryline.engine.opening import open_race
from dryline.engine.reporting import Told, report_of_race

WANTED = 0.95


def page_texts(told: Told) -> list[str]:
    """The sentences of a page, in its order."""
    parts = (each for part in told.report.parts for each in part.sentences)
    return [each.text for each in (*told.report.story, *parts)]


def unnamed(told: Told) -> tuple[int, list[str]]:
    """How many decisive events there are, and those that no sentence names."""
    texts = page_texts(told)
    rows = told.tables.frames["costs"].to_dicts()
    missed = [
        f"{row['car_class']} #{row['car_number']} {row['kind']} {format_clock(row['at_ms'])}"
        for row in rows
        if not any(_names(text, row["car_number"], row["at_ms"]) for text in texts)
    ]
    return len(rows), missed


def _names(text: str, car: str, at_ms: int) -> bool:
    return bool(re.search(rf"#{re.escape(car)}\b", text)) and format_clock(at_ms) in text


def main(races: list[str]) -> int:
    """The share named, race by race and in all; 1 where it is below what is wanted."""
    events = missing = 0
    for name in races:
        try:
            told = report_of_race(
                open_race(name), track=False, forecasts=False, charts=False, tell=lambda _: None
            )
        except DrylineError as error:
            print(f"{name}: {error}")
            continue
        if "costs" not in told.tables.frames:
            continue
        many, missed = unnamed(told)
        words = sum(len(text.split()) for text in page_texts(told))
        print(f"{name}: {many - len(missed)} of {many} named, {words} words", flush=True)
        for each in missed:
            print(f"    not named: {each}")
        events, missing = events + many, missing + len(missed)
    share = 1.0 if not events else 1 - missing / events
    print(f"{events - missing} of {events} decisive events named: {share:.1%}")
    return int(share < WANTED)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
