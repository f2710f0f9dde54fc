"""``dryline backtest track --labels``: the rain gauge against the tyre of every lap.

Where the compound of every lap is known, what the gauge said at the end of each lap, and what it
says of it after the race, are held against it. A folder of labels has, per race, a folder with
``laps.csv`` and ``labels.csv`` (``car``, ``lap``, ``wet``: 1 intermediates or wets, 0 slicks, empty
unknown; where the series has several kinds of rain tyre also ``compound``), and may have
``dry_priors.csv`` above them: dry sector times of races, of which each does without its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.crossover import classes_frame, crossovers_frame
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.reading import run_filter, run_smoother
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.tyres import Segment
from dryline.domain.dry_prior import DryPrior
from dryline.domain.errors import UnreadableFile
from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import NEUTRALISED, Flag
from dryline.domain.instant import START
from dryline.domain.series import Series
from dryline.domain.tyre_kind import TWO_KINDS, TyreKind
from dryline.studies.study import Study, opened
from dryline.studies.track_kinds import kinds_figures, score_kinds

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]

PROTOCOL = (
    "filtered every half minute, a race's own dry times left out; of each labelled lap what was "
    "last said before its end (8 % wets where nothing was); alarm: p_wet > 0.5 in two sectors at "
    "once; faster tyre: windows of a lap with three cars a side that differ by 1 % or more, each "
    "car against the fifth of its laps that is fastest; wave: five cars and more that change the "
    "same way within ten minutes of each other; flags: as coded, virtual safety cars shown as "
    "green, or none; after the race: smoothed, with its own dry laps where it has no reference; "
    "dry phase: a twentieth of the laps or more are free ones on slicks"
)
UNSAID = 0.08
"""Probability of wets that stands for nothing said."""
LEAST, SIDE, CLEAR = 1e-4, 3, 0.01
DRY_PHASE = 0.05
"""A race with so large a share of free laps on slicks has a dry phase."""
_TENTHS = 10
_WAVE_CARS, _WAVE_GAP_MIN = 5, 10.0
_HELD = [str(flag) for flag in NEUTRALISED]


@dataclass(frozen=True)
class WhatIsTold:
    """What the gauge is told besides the laps, and whether it is asked ``after`` the race."""

    name: str
    known: bool = False
    flags: str = "coded"
    declared: bool = False
    after: bool = False


TOLD = (
    WhatIsTold("no reference"),
    WhatIsTold("reference", known=True),
    WhatIsTold("declared wet", declared=True),
    WhatIsTold("virtual safety cars hidden", flags="vsc hidden"),
    WhatIsTold("no flags", flags="none"),
    WhatIsTold("after the race", after=True),
    WhatIsTold("after it, with a reference", known=True, after=True),
)


def backtest_labels(folder: Path, study: Study) -> dict[str, Any]:
    """Tyres, alarms, faster tyre and crossovers by setting, and per race.

    Raises:
        UnreadableFile: where the folder holds no labelled race.
    """
    paths = sorted(file.parent for file in folder.glob("*/labels.csv"))
    if not paths:
        raise UnreadableFile(
            "no labelled race in this folder",
            file=str(folder),
            remedy="It has a folder per race, each with laps.csv and labels.csv.",
        )
    file = folder / "dry_priors.csv"
    priors = _priors(file) if file.is_file() else []
    items = [(path, priors) for path in paths]
    found = study.run(_score, items, paths, [sorted(map(str, priors))] * len(paths))
    rows = [row for part in found for row in part]
    told = [{k: v for k, v in row.items() if not isinstance(v, dict | list)} for row in rows]
    return {"protocol": PROTOCOL, "rows": told, "summary": summarise(rows)}


def _priors(file: Path) -> list[DryPrior]:
    sectors = ("s1_ms", "s2_ms", "s3_ms")
    table = _read(file, ("race", "length_km", "car_class", *sectors, "first_ms"))
    return [
        DryPrior(race, length_km, car_class, (s1, s2, s3), first_ms)
        for race, length_km, car_class, s1, s2, s3, first_ms in table.iter_rows()
    ]


def _read(file: Path, columns: Sequence[str], if_there: Sequence[str] = ()) -> pl.DataFrame:
    """These columns of a CSV file, and some more that it may have; cars are text: 007 is not 7.

    Raises:
        UnreadableFile: where it is no table with them.
    """
    try:
        table = pl.read_csv(file, schema_overrides={"car": pl.String}, infer_schema_length=None)
        return table.select(*columns, *(name for name in if_there if name in table.columns))
    except pl.exceptions.PolarsError as error:
        raise UnreadableFile(
            "this is no table of labels",
            file=str(file),
            remedy=f"Its columns are {', '.join(columns)}, separated by commas.",
        ) from error


def _score(item: tuple[Path, list[DryPrior]]) -> list[Row]:
    path, priors = item
    _, race = opened(path / "laps.csv")
    labels = _read(path / "labels.csv", ("car", "lap", "wet"), ("compound",))
    kinds = Series.of(race.series).tyres
    return [score_labels(path.name, race.laps, labels, priors, each, kinds) for each in TOLD]


def score_labels(
    name: str,
    laps: pl.DataFrame,
    labels: pl.DataFrame,
    priors: Sequence[DryPrior],
    told: WhatIsTold,
    kinds: Sequence[TyreKind] = TWO_KINDS,
) -> Row:
    """One race in one setting.

    Args:
        name: the race, as among ``priors``.
        laps: schema ``LAPS``.
        labels: columns car, lap, wet, and compound where the series has three kinds or more.
        priors: dry sector times of races.
        told: what the gauge is told.
        kinds: the series' kinds of tyre.
    """
    labelled = laps.join(
        labels.with_columns(pl.col("lap").cast(laps["lap"].dtype)).rename(
            {"car": "car_number", "wet": "on_wets"}
        ),
        on=("car_number", "lap"),
        how="left",
    )
    heard = _declared(labelled, told)
    states, segments = _states(with_flags(laps, told.flags), heard, priors, told, name)
    at = np.array([state.at_ms for state in states])
    classes = classes_frame(states)
    return {
        "race": name,
        "setting": told.name,
        **_start(labelled),
        **_tyres(labelled, states, at),
        **score_kinds(labelled, states, segments, kinds, after=told.after),
        **_alarms(labelled, states, at),
        "windows": _windows(labelled, classes),
        "waves": _crossings_of_waves(labelled, crossovers_frame(classes)),
    }


def _states(
    laps: pl.DataFrame,
    messages: Sequence[RaceControlMessage],
    priors: Sequence[DryPrior],
    told: WhatIsTold,
    name: str,
) -> tuple[list[TrackState], list[Segment]]:
    known = priors if told.known else ()
    if told.after:
        tyres, states = run_smoother(laps, messages, known, name)
        return states, tyres.segments
    live = TrackFilter(known, name)
    states, _ = run_filter(live, laps, messages)
    return states, live.one.tyres.segments


def with_flags(laps: pl.DataFrame, flags: str) -> pl.DataFrame:
    """The laps with their flags as a poorer feed would have them."""
    if flags == "none":
        return laps.with_columns(flag=pl.lit(None, dtype=pl.String))
    if flags == "vsc hidden":
        slow = pl.col("flag").cast(pl.String).is_in([str(Flag.FCY), str(Flag.VSC)])
        return laps.with_columns(
            flag=pl.when(slow).then(pl.lit(str(Flag.GREEN))).otherwise(pl.col("flag"))
        )
    return laps


def _declared(labelled: pl.DataFrame, told: WhatIsTold) -> list[RaceControlMessage]:
    if not told.declared or _start(labelled)["start"] != "wet":
        return []
    return [RaceControlMessage(happened_at=START, known_at=START, kind="track_declared_wet")]


def _start(labelled: pl.DataFrame) -> Row:
    early = labelled.filter(pl.col("lap").is_between(2, 4))["on_wets"].mean()
    wet = int(labelled["on_wets"].sum())
    share = float(early) if isinstance(early, int | float) else 0.0
    return {
        "start": "wet" if share > 0.5 else "dry",
        "wet_laps": wet,
        "dry_phase": _flying_on_slicks(labelled) >= DRY_PHASE,
    }


def _flying_on_slicks(labelled: pl.DataFrame) -> float:
    """Share of the labelled laps that are free ones on slicks."""
    free = ~pl.col("in_pit") & pl.col("pit_lane_ms").is_null() & (pl.col("lap") > 1)
    held = pl.col("flag").cast(pl.String).is_in(_HELD).fill_null(value=False)
    known = labelled.filter(pl.col("on_wets").is_not_null())
    return known.filter(free & ~held & (pl.col("on_wets") == 0)).height / max(1, known.height)


def _tyres(labelled: pl.DataFrame, states: Sequence[TrackState], at: npt.NDArray[Any]) -> Row:
    known = labelled.filter(pl.col("on_wets").is_not_null() & pl.col("elapsed_ms").is_not_null())
    truth = known["on_wets"].to_numpy().astype(bool)
    said = np.array(
        [
            _said(states, at, car, elapsed)
            for car, elapsed in known.select("car_number", "elapsed_ms").iter_rows()
        ]
    )
    clipped = np.clip(said, LEAST, 1 - LEAST)
    loss = -np.where(truth, np.log(clipped), np.log(1 - clipped))
    places = np.round(said * 1000).astype(int)
    return {
        "laps": len(truth),
        "log_loss": float(loss.sum()),
        "under_2_pct_on_wets": int((truth & (said < 0.02)).sum()),
        "on_wets": _counted(places[truth]),
        "on_slicks": _counted(places[~truth]),
    }


def _said(states: Sequence[TrackState], at: npt.NDArray[Any], car: str, elapsed_ms: int) -> float:
    index = int(np.searchsorted(at, elapsed_ms, side="right")) - 1
    return states[index].tyres.get(car, (UNSAID, False))[0] if index >= 0 else UNSAID


def _counted(places: Iterable[int]) -> dict[str, int]:
    return {str(place): count for place, count in sorted(Counter(map(int, places)).items())}


def _alarms(labelled: pl.DataFrame, states: Sequence[TrackState], at: npt.NDArray[Any]) -> Row:
    """Minutes of alarm in dry races; in others minutes with half the field on wets, green."""
    step = float(np.median(np.diff(at))) / 60_000 if len(at) > 1 else 0.5
    alarm = np.array([(state.p_wet > 0.5).sum() >= 2 for state in states])
    held, wets = _held(labelled, at), _share_on_wets(labelled, at)
    half = (wets >= 0.5) & ~held
    onset = _onset(at, alarm, wets, held)
    return {
        "hours": float(at[-1]) / 3_600_000,
        "alarm_min": float(alarm.sum()) * step,
        "half_wet_min": float(half.sum()) * step,
        "half_wet_alarmed_min": float((half & alarm).sum()) * step,
        "onset_min": onset,
    }


def _held(labelled: pl.DataFrame, at: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether the crossing before an instant or the one after it was neutralised.

    During a stoppage there is none: the next is a green one, hours later.
    """
    flags = labelled.filter(pl.col("flag").is_not_null()).sort("elapsed_ms")
    if flags.is_empty():
        return np.zeros(len(at), dtype=bool)
    held = flags["flag"].cast(pl.String).is_in(_HELD).to_numpy()
    after = np.searchsorted(flags["elapsed_ms"].to_numpy(), at)
    last = len(held) - 1
    return np.asarray(held[np.clip(after, 0, last)] | held[np.clip(after - 1, 0, last)])


def _share_on_wets(labelled: pl.DataFrame, at: npt.NDArray[Any]) -> Floats:
    """Of the cars on a labelled lap at an instant, the share on wets."""
    known = labelled.filter(pl.col("on_wets").is_not_null() & pl.col("lap_time_ms").is_not_null())
    end, wet = known["elapsed_ms"].to_numpy(), known["on_wets"].to_numpy()
    begin = end - known["lap_time_ms"].to_numpy()
    running = (begin[:, None] < at) & (at <= end[:, None])
    return np.asarray((running * wet[:, None]).sum(0) / np.maximum(running.sum(0), 1))


def _onset(
    at: npt.NDArray[Any], alarm: npt.NDArray[np.bool_], wets: Floats, held: npt.NDArray[np.bool_]
) -> float | None:
    """Minutes from the first tenth on wets, in a race begun on slicks, to the first alarm."""
    if not len(wets) or wets[: max(1, len(wets) // 20)].max() > 0.5:
        return None
    begun = np.flatnonzero((wets >= 0.1) & ~held)
    later = np.flatnonzero(alarm & (at >= at[begun[0]] - 360_000)) if len(begun) else begun
    return float(at[later[0]] - at[begun[0]]) / 60_000 if len(later) else None


def _windows(labelled: pl.DataFrame, classes: pl.DataFrame) -> list[dict[str, float]]:
    """Each lap in which both tyres were driven: what was gained, and what was said before it."""
    flying = labelled.filter(
        ~pl.col("in_pit") & pl.col("pit_lane_ms").is_null() & pl.col("on_wets").is_not_null()
    ).with_columns(own_ms=pl.col("lap_time_ms").quantile(0.2).over("car_number"))
    same = pl.col("on_wets") == pl.col("on_wets").shift(1).over("car_number", order_by="lap")
    flying = flying.filter(
        same & ~pl.col("flag").cast(pl.String).is_in(_HELD).fill_null(value=False)
    ).with_columns(loss=(pl.col("lap_time_ms") / pl.col("own_ms")).log())
    flying = flying.filter(pl.col("loss") < 0.5)
    if flying.is_empty() or classes.is_empty():
        return []
    lap_ms = float(flying["lap_time_ms"].median())  # type: ignore[arg-type]
    out = []
    for begin in np.arange(0.0, float(flying["elapsed_ms"].max()), lap_ms):  # type: ignore[arg-type]
        now = flying.filter(pl.col("elapsed_ms").is_between(begin, begin + lap_ms, closed="right"))
        wet, slick = (now.filter(pl.col("on_wets") == tyre)["loss"] for tyre in (1, 0))
        before = classes.filter(pl.col("at_ms") <= begin)
        if min(len(wet), len(slick)) < SIDE or before.is_empty():
            continue
        gain = float(slick.median()) - float(wet.median())  # type: ignore[arg-type]
        out.append({"at_ms": begin, "gain": gain, "p_wet_faster": before["p_wet_faster"][-1]})
    return out


def _crossings_of_waves(labelled: pl.DataFrame, crossovers: pl.DataFrame) -> list[Row]:
    """Each wave of changes, and how far from its median the gauge's crossover lies, min."""
    ordered = labelled.filter(pl.col("on_wets").is_not_null()).sort("car_number", "lap")
    changes = ordered.with_columns(
        before=pl.col("on_wets").shift(1).over("car_number"),
        begun=(pl.col("elapsed_ms") - pl.col("lap_time_ms")) / 60_000,
    ).filter(pl.col("before").is_not_null() & (pl.col("before") != pl.col("on_wets")))
    out = []
    for tyre, direction in ((1, "to_wet"), (0, "to_slick")):
        minutes = np.sort(changes.filter(pl.col("on_wets") == tyre)["begun"].drop_nulls())
        said = crossovers.filter(pl.col("direction") == direction)["at_ms"].to_numpy() / 60_000
        for wave in np.split(minutes, np.flatnonzero(np.diff(minutes) > _WAVE_GAP_MIN) + 1):
            if len(wave) >= _WAVE_CARS:
                median = float(np.median(wave))
                away = said - median
                nearest = float(away[np.abs(away).argmin()]) if len(said) else None
                out.append({"direction": direction, "at_min": median, "cars": len(wave),
                            "crossover_off_min": nearest})  # fmt: skip
    return out


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Per setting, over all races, those with wet laps, and by how they started."""
    out: dict[str, Any] = {}
    for setting in dict.fromkeys(row["setting"] for row in rows):
        mine = [row for row in rows if row["setting"] == setting]
        wet = [row for row in mine if row["wet_laps"]]
        parts = {
            "all": mine,
            "wet": wet,
            "wet start": [row for row in wet if row["start"] == "wet"],
            "dry start": [row for row in wet if row["start"] == "dry"],
            "dry phase": [row for row in wet if row["dry_phase"]],
            "never dry": [row for row in wet if not row["dry_phase"]],
            "dry": [row for row in mine if not row["wet_laps"]],
        }
        out[setting] = {name: _figures(part) for name, part in parts.items() if part}
    return out


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "races": len(rows),
        **_of_tyres(rows),
        **kinds_figures(rows),
        **_of_alarms(rows),
        **_of_the_faster(rows),
    }


def _of_tyres(rows: Sequence[Row]) -> dict[str, Any]:
    laps = max(1, sum(row["laps"] for row in rows))
    on_wets, on_slicks = (_pooled(row[name] for row in rows) for name in ("on_wets", "on_slicks"))
    wet_laps = int(on_wets.sum())
    unlikely = sum(row["under_2_pct_on_wets"] for row in rows)
    return {
        "laps": laps,
        "wet_laps": wet_laps,
        "log_loss": sum(row["log_loss"] for row in rows) / laps,
        "base": _entropy(wet_laps / laps),
        "worst_race": max(row["log_loss"] / max(1, row["laps"]) for row in rows),
        "auc": _auc(on_wets, on_slicks),
        "under_2_pct_on_wets": unlikely / max(1, wet_laps),
        "calibration": _calibration(on_wets, on_slicks),
    }


def _entropy(share: float) -> float:
    """The log-loss of saying the share itself of every lap."""
    return float(sum(p * np.log(1 / p) for p in (share, 1 - share) if p > 0))


def _of_alarms(rows: Sequence[Row]) -> dict[str, Any]:
    hours, wet_min = (sum(row[name] for row in rows) for name in ("hours", "half_wet_min"))
    alarmed_min = sum(row["half_wet_alarmed_min"] for row in rows)
    onsets = sorted(max(0.0, row["onset_min"]) for row in rows if row["onset_min"] is not None)
    return {
        "alarm_min_per_hour": sum(row["alarm_min"] for row in rows) / hours if hours else None,
        "half_wet_min": wet_min,
        "half_wet_alarmed": alarmed_min / wet_min if wet_min else None,
        "onset_median_min": float(np.median(onsets)) if onsets else None,
        "onset_worst_but_one_min": onsets[-2] if len(onsets) > 1 else None,
    }


def _of_the_faster(rows: Sequence[Row]) -> dict[str, Any]:
    windows = [w for row in rows for w in row["windows"] if abs(w["gain"]) >= CLEAR]
    right = [(w["p_wet_faster"] > 0.5) == (w["gain"] > 0) for w in windows]
    sure = [r for r, w in zip(right, windows, strict=True) if abs(w["p_wet_faster"] - 0.5) > 0.4]
    off = [wave["crossover_off_min"] for row in rows for wave in row["waves"]]
    near = [abs(minutes) for minutes in off if minutes is not None]
    return {
        "windows": len(windows),
        "windows_right": float(np.mean(right)) if right else None,
        "windows_surer_than_0.9": len(sure),
        "windows_surer_than_0.9_wrong": len(sure) - sum(sure),
        "waves": len(off),
        "waves_within_3_min": sum(minutes <= 3 for minutes in near),
        "waves_within_10_min": sum(minutes <= 10 for minutes in near),
    }


def _pooled(counts: Iterable[dict[str, int]]) -> npt.NDArray[np.int64]:
    out = np.zeros(1001, dtype=np.int64)
    for count in counts:
        for place, laps in count.items():
            out[int(place)] += laps
    return out


def _auc(on_wets: npt.NDArray[np.int64], on_slicks: npt.NDArray[np.int64]) -> float | None:
    if not on_wets.sum() or not on_slicks.sum():
        return None
    below = np.concatenate([[0], np.cumsum(on_slicks)[:-1]])
    wins = float((on_wets * (below + 0.5 * on_slicks)).sum())
    return wins / float(on_wets.sum() * on_slicks.sum())


def _calibration(
    on_wets: npt.NDArray[np.int64], on_slicks: npt.NDArray[np.int64]
) -> list[dict[str, float]]:
    """By tenths of what was said: its mean, how often it was so, and in how many laps."""
    said = np.arange(1001) / 1000
    tenth = np.minimum((said * _TENTHS).astype(int), _TENTHS - 1)
    both = on_wets + on_slicks
    return [
        {
            "stated": float((said * both)[tenth == i].sum() / both[tenth == i].sum()),
            "observed": float(on_wets[tenth == i].sum() / both[tenth == i].sum()),
            "count": int(both[tenth == i].sum()),
        }
        for i in range(_TENTHS)
        if both[tenth == i].sum()
    ]
