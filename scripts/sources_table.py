"""Write the table of docs/sources.md: what Dryline makes of every source there is to try.

    .venv/bin/python scripts/sources_table.py [--check]

Reads, in place, the races, sessions and logs beside the project (../shared) and counts per source
the sessions opened, those whose kind is right, the official places agreed, and the stops found of
those that the file states. ``--check`` writes nothing and fails where the page says otherwise.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

import dryline
from dryline.domain.decision import Decision
from dryline.domain.errors import DrylineError
from dryline.domain.session_kind import SessionKind
from dryline.engine.opening import official_results, open_decisions
from dryline.engine.questions import AskClassification, ask
from dryline.engine.verify import UNEXPLAINED, decisions_stated, verify
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.race.race import Race

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PAGE = ROOT / "docs" / "sources.md"
KINDS = {
    "race": SessionKind.RACE, "qualifying": SessionKind.QUALIFYING,
    "practice": SessionKind.PRACTICE, "warm": SessionKind.WARM_UP, "session": SessionKind.TEST,
}  # fmt: skip


@dataclass
class Source:
    """One row of the table, counted session by session."""

    name: str
    sessions: int = 0
    opened: int = 0
    refused: list[str] = field(default_factory=list)
    kinds: int = 0
    kinds_right: int = 0
    places: int = 0
    agreed: int = 0
    unexplained: int = 0
    stops: int = 0
    stops_found: int = 0
    differences: list[str] = field(default_factory=list)

    def row(self) -> str:
        """Its line of the table."""
        kinds = _share(self.kinds_right, self.kinds)
        places = _share(self.agreed, self.places)
        stops = _share(self.stops_found, self.stops)
        why = f"; {len(self.refused)} refused in words" if self.refused else ""
        sessions = f"{self.opened} of {self.sessions}{why}"
        return f"| {self.name} | {sessions} | {kinds} | {places} | {self.unexplained} | {stops} |"


def _share(part: int, of: int) -> str:
    return "–" if not of else f"{part:,} of {of:,} ({100 * part / of:.1f} %)"


def sources() -> list[Source]:
    """Every row of the table, in the order of the page."""
    data, wild = SHARED / "data", SHARED / "wild"
    return [
        _counted("IMSA, 2021 to 2025", _folders(data / "imsa"), _race, _with_decisions),
        _counted("WEC, 2020 to 2026", sorted((data / "wec").rglob("*.csv")), _race, None),
        _counted("WEC, 2015 and 2016", sorted(wild.glob("wec/201[56]/*")), _race, _as_stated),
        _counted("WEC, 2019", sorted(wild.glob("wec/2019/*")), _race, None),
        _counted("ELMS, 2025 and 2026", sorted(wild.glob("elms/*/*")), _race, None),
        _counted("GR Cup, sprints", sorted(wild.glob("gr-cup/*")), _race, _as_stated),
        *(
            _counted(
                f"IMSA, {title}",
                [path for path in _laps(SHARED / "sessions") if _named(path) is kind],
                lambda path, kind=kind: kind,
                _beside,
            )
            for title, kind in (
                ("practice", SessionKind.PRACTICE), ("qualifying", SessionKind.QUALIFYING),
                ("warm-up", SessionKind.WARM_UP), ("tests", SessionKind.TEST),
            )
        ),
        _counted("RMonitor recordings", sorted(wild.glob("rmonitor/*.txt")), None, _as_logged),
        *(
            _counted(title, sorted((wild / "sim" / folder).iterdir()), None, _as_logged)
            for title, folder in (
                ("rFactor 2", "rfactor2"),
                ("Assetto Corsa Competizione", "assettocorsa-competizione"),
                ("Automobilista 2 (SecondMonitor)", "automobilista2-secondmonitor"),
                ("RaceRoom", "raceroom-server"), ("iRacing", "iracing"),
            )
        ),
    ]  # fmt: skip


Official = Callable[[Path, Race], tuple[pl.DataFrame, Sequence[Decision]] | None]


def _counted(
    name: str,
    paths: Sequence[Path],
    kind_of: Callable[[Path], SessionKind] | None,
    official: Official | None,
) -> Source:
    source = Source(name, sessions=len(paths))
    for path in paths:
        try:
            race = dryline.open_race(path)
        except DrylineError as error:
            source.refused.append(str(error))
            continue
        source.opened += 1
        if kind_of is not None:
            source.kinds += 1
            source.kinds_right += race.info.session_kind is kind_of(path)
        _places(source, path, race, official)
        stated = race.crossings["pit_lane_ms"].is_not_null().sum()
        source.stops += stated
        source.stops_found += min(stated, race.stops["pit_lane_ms"].is_not_null().sum())
    return source


def _places(source: Source, path: Path, race: Race, official: Official | None) -> None:
    known = None if official is None else official(path, race)
    if known is None:
        return
    results, decisions = known
    if race.stated is not None:
        told = ask(race.moment(), AskClassification()).rows
        order = dict(results.select("car_number", "position").iter_rows())
        source.places += len(told)
        source.agreed += sum(order.get(car.car_number) == car.position for car in told)
        return
    answer = verify(race, results, decisions)
    source.places += answer.starters
    source.agreed += answer.agree
    source.unexplained += sum(car.reason == UNEXPLAINED for car in answer.differences)
    if race.is_race:
        source.differences += [
            f"| {path.parent.name}, {path.name} | {car.car_number} | {car.rebuilt} "
            f"| {car.official or '–'} | {car.reason} |"
            for car in answer.differences
        ]


def _race(_: Path) -> SessionKind:
    return SessionKind.RACE


def _named(path: Path) -> SessionKind:
    stem = path.stem.split("-", 1)[1]
    return next(kind for word, kind in KINDS.items() if word in stem)


def _folders(below: Path) -> list[Path]:
    return sorted({path.parent for path in _laps(below)})


def _laps(below: Path) -> list[Path]:
    return sorted(below.rglob("*-laps.csv"))


def _with_decisions(path: Path, race: Race) -> tuple[pl.DataFrame, Sequence[Decision]] | None:
    event = str(path.relative_to(SHARED / "data"))
    decisions = open_decisions(SHARED / "data" / "imsa-steward-decisions.csv", event)
    return official_results(path, None), decisions


def _as_stated(path: Path, race: Race) -> tuple[pl.DataFrame, Sequence[Decision]] | None:
    """The result, and the exclusions, added times and laps taken away that it states itself."""
    results = official_results(path, None)
    return results, decisions_stated(race, results)


def _beside(path: Path, _: Race) -> tuple[pl.DataFrame, Sequence[Decision]] | None:
    results = path.with_name(path.name.replace("-laps", "-results"))
    return parse_results(results.read_bytes(), results.name).results, ()


def _as_logged(_: Path, race: Race) -> tuple[pl.DataFrame, Sequence[Decision]] | None:
    return None if race.stated is None else (race.stated, ())


def table(rows: Sequence[Source]) -> str:
    """The table as Markdown."""
    head = (
        "| source | sessions opened | kind right | official places agreed | unexplained "
        "| stops found of those stated |\n|---|---|---|---|---|---|"
    )
    return "\n".join([head, *(row.row() for row in rows)]) + "\n"


def differences(rows: Sequence[Source]) -> str:
    """Every place of a race that is not the official one, with its cause, as Markdown."""
    head = "| race | car | place here | official | cause |\n|---|---|---|---|---|"
    return "\n".join([head, *(line for row in rows for line in row.differences)]) + "\n"


def _between(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    block = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return block.sub(lambda _: begin + text + end, page)


def main() -> int:
    """Write the table into the page, or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where it differs")
    asked = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    rows = sources()
    new = _between(_between(text, "sources", table(rows)), "places", differences(rows))
    if asked.check:
        sys.stdout.write("as it was\n" if new == text else "the page says otherwise\n")
        return int(new != text)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
