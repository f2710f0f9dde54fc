"""Two cars under one number, as a spreadsheet leaves 07 and 7: told apart, or refused."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.clock_text import DAY_MS
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.feeds.alkamel.chains import chains_of, in_order_of_car_and_time, ints
from dryline.feeds.remarks import Mask, Remarks, RowKeys

_DOUBLES = 3  # laps that stand twice; fewer are corrections
_MOSTLY = 1.5  # rows a lap; from here on they cannot be corrections
_ONE_START_MS, _ONE_START_SHARE = 2000, 0.95
_WHO = ("team", "car_class", "manufacturer", "group")


def keep_apart(rows: pl.DataFrame, remarks: Remarks, tolerance_ms: int) -> pl.DataFrame:
    """``rows`` with a letter behind the number of each further car that bears it.

    Cars are told apart by what they are (team, class, maker, group), else by laps that begin
    where others end.

    Raises:
        UnreadableFile: where two cars plainly share a number and cannot be told apart.
    """
    rows = in_order_of_car_and_time(rows)
    shared = _shared(rows)
    if not shared:
        return rows
    roots = chains_of(rows, tolerance_ms)
    number = rows["car_number"].to_numpy().astype(object)
    taken = set(number.tolist())
    keys = RowKeys(rows["line"].to_numpy(), rows["car_number"], ints(rows["lap"]))
    for car in shared:
        at = np.flatnonzero(number == car)
        one = rows[at]
        group = _by_who(one)
        if group is None:
            group = _by_chain(one, roots.head[at], roots.root[at] & (roots.length[at] > 1))
        if group is None and len(one) >= _MOSTLY * one["lap"].n_unique():
            raise _undecided(car, one, remarks.file)
        if group is None:
            continue
        for further in range(1, int(group.max()) + 1):
            name = _free_name(car, taken)
            where = np.zeros(len(rows), np.bool_)
            where[at[group == further]] = True
            number[where] = name
            remarks.add_rows(
                "number_shared",
                Severity.WARNING,
                f"two cars share number {car}: {_said(one, group == 0)} stays {car}, "
                f"{_said(one, group == further)} is called {name}",
                where,
                keys,
            )
    return rows.with_columns(pl.Series("car_number", number.tolist(), dtype=pl.String))


def _shared(rows: pl.DataFrame) -> list[str]:
    """Numbers under which laps stand twice on one clock, where most other numbers are sound."""
    cars = rows.group_by("car_number", maintain_order=True).agg(
        doubles=pl.len() - pl.col("lap").n_unique(),
        laps=pl.col("lap").n_unique(),
        kinds=pl.struct(_WHO).n_unique(),
    )
    few = (pl.col("doubles") >= _DOUBLES) | (
        (pl.col("doubles") > 0) & (pl.col("doubles") >= pl.col("laps") * 0.5)
    )
    doubled = cars.filter(few)
    if doubled.height * 2 > cars.height and not _one_clock(rows):
        return []
    return [car for car in doubled["car_number"] if _begins_twice(rows, car)]


def _one_clock(rows: pl.DataFrame) -> bool:
    """Whether HOUR gives all rows one start; without HOUR nothing says so."""
    if rows["time_of_day_ms"].null_count():
        return False
    start = (ints(rows["time_of_day_ms"]) - ints(rows["elapsed_ms"])) % DAY_MS
    off = (start - start[0] + DAY_MS // 2) % DAY_MS - DAY_MS // 2
    return bool((np.abs(off) <= _ONE_START_MS).mean() >= _ONE_START_SHARE)


def _begins_twice(rows: pl.DataFrame, car: str) -> bool:
    """Whether the number's doubled laps are other crossings, not the same ones said again."""
    one = rows.filter(pl.col("car_number") == car)
    if not one["time_of_day_ms"].null_count() and not _one_clock(one):
        return False
    twice = one.filter(pl.len().over("lap") > 1)
    spread = twice.group_by("lap").agg(pl.col("elapsed_ms").n_unique())["elapsed_ms"]
    return int((spread > 1).sum()) >= min(_DOUBLES, len(spread))


def _by_who(one: pl.DataFrame) -> np.ndarray | None:
    """A group per row by team, class, maker or group, where no lap stands twice in a group."""
    for names in (_WHO, *((name,) for name in _WHO)):
        who = one.select(pl.struct(names).alias("who"), "lap", "line")
        if not 2 <= who["who"].n_unique() <= 4 or who.select("who", "lap").is_duplicated().any():
            continue
        if int(who.group_by("who").len()["len"].min()) < 2:  # type: ignore[arg-type]
            continue
        return _numbered(who["who"].rank("dense").to_numpy().astype(np.int64), one)
    return None


def _by_chain(one: pl.DataFrame, head: np.ndarray, root: Mask) -> np.ndarray | None:
    """A group per row by the chain that it stands in, where all rows stand in chains from lap 1."""
    starts = set(head[root].tolist())
    if len(starts) < 2 or not set(head.tolist()) <= starts:
        return None
    return _numbered(head, one)


def _numbered(group: np.ndarray, one: pl.DataFrame) -> np.ndarray:
    """Groups counted from 0 in the order in which they first stand in the file."""
    line = one["line"].to_numpy()
    first = sorted(set(group.tolist()), key=lambda g: int(line[group == g].min()))
    return np.array([first.index(g) for g in group.tolist()])


def _free_name(car: str, taken: set[str]) -> str:
    name = next(car + letter for letter in "bcdefghijkl" if car + letter not in taken)
    taken.add(name)
    return name


def _said(one: pl.DataFrame, where: Mask) -> str:
    """What the rows' car is called in the file, in words."""
    row = one.filter(pl.Series(where)).row(0, named=True)
    words = [row["team"] or row["driver"] or row["group"] or f"the car of line {row['line']}"]
    if row["car_class"]:
        words.append(f"({row['car_class']})")
    return " ".join(words).strip()


def _undecided(car: str, one: pl.DataFrame, file: str) -> UnreadableFile:
    line = int(one["line"].min())  # type: ignore[arg-type]
    return UnreadableFile(
        f"two cars share number {car}: laps stand twice, at different times",
        file=file,
        line=line,
        remedy="Give the file as downloaded, in which their numbers differ (07 and 7), "
        "or give one of them another number.",
    )
