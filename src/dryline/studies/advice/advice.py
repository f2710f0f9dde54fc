"""``dryline backtest advice``: the calls against what they were worth, never by our simulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dryline.analysis.track.reference import shipped_priors
from dryline.domain.dry_prior import DryPrior
from dryline.domain.errors import BadOption
from dryline.engine.catalogue import catalogue_row
from dryline.model.race_priors import Priors, learn
from dryline.model.race_priors import shipped_priors as shipped_race_priors
from dryline.race.race import Race
from dryline.studies.advice.cards import card_rows
from dryline.studies.advice.dry import dry_rows
from dryline.studies.advice.lane import lane_rows
from dryline.studies.advice.summary import summarise
from dryline.studies.advice.wet import wet_rows
from dryline.studies.forecast import facts_of
from dryline.studies.study import Study, opened, scheduled_ms
from dryline.studies.track import WAVES, above, dry_priors_of

Row = dict[str, Any]
PARTS = ("wet", "dry", "cards", "lane")
FEWEST_RACES = 6
"""With fewer, what ships with the package stands in for what the other races teach."""
PROTOCOL = {
    "wet": (
        "every change between slicks and wets in a wave (of the reference, or read by the same "
        "smoothing) whose car has a match of its class, dry pace within 0.5 %, that changed 1.5 to "
        "4.5 laps later; said: change now against three laps later to the end of the lap after the "
        "later out-lap, time in the lane left out, at the pit entry of the in-lap, from the rows "
        "known then; realised: distance gained on the match over the same span of race time, "
        "corrected for time in the lane and dry pace, to where a neutralisation or slow zone "
        "begins if that is sooner; pairs that met one before both were out again, another stop or "
        "a mishap are left out; who was on which tyre is itself read from lap times; "
        "instants are those that some crew chose, so `always_now` is printed beside"
    ),
    "dry": (
        "dry races; groups of four or more alike cars (class, dry pace within 0.5 %, stints begun "
        "within two laps of each other) that stopped within eight laps of each other on two laps "
        "or more; asked when the first of them began its in-lap; worth of a lap: what those who "
        "stopped then gained on the first stopper until three laps after the last stop, corrected "
        "for time in the lane, dry pace and stops still owed; regret against the best lap of the "
        "group, beside what chance alone would give; a lap on which nobody stopped has no worth; "
        "the cars' own reasons to stop (damage, tyres, drivers) are not known and stay in"
    ),
    "cards": (
        "at the start of every full course yellow, virtual safety car and safety car under green: "
        "leader, third and lowest on fuel of each class; stopping counts until one lap after "
        "green; worth: against a match (class, dry pace within 1.5 %, a quarter of the range and a "
        "lap) that did the other thing, over ten laps after green or to the next neutralisation, "
        "in seconds, corrected for dry pace and stops still owed (at the green price; `least`: at "
        "that price times the share of green stops), repairs left out; crews choose "
        "for reasons of their own, and the cars asked are the better ones of a class, so doing as "
        "the car did is printed beside; rain is not read for the cards"
    ),
    "lane": (
        "every neutralisation at up to eight instants and every class: stops offered from the rows "
        "known then, against the pit lane as the rule book gives it from the whole race"
    ),
}


@dataclass(frozen=True)
class _Item:
    """One part of one race, and what it is scored with: nothing of it from the race itself."""

    path: Path
    part: str
    waves: list[dict[str, object]]
    dry: list[DryPrior]
    priors: Priors
    replicates: int
    seed: int

    @property
    def depends(self) -> tuple[object, ...]:
        """What the result depends on besides the race."""
        extra = (sorted(map(str, self.waves)), sorted(map(str, self.dry)))
        shared = (self.part, self.replicates, self.seed, sorted(map(str, self.priors.items())))
        return (*shared, *extra) if self.part == "wet" else shared


def _score(item: _Item) -> list[Row]:
    name, race = opened(item.path)
    series = race.info.series or ""
    return [{**row, "series": series} for row in _rows(item, name, race)]


def _rows(item: _Item, name: str, race: Race) -> list[Row]:
    if item.part == "lane":
        return lane_rows(name, race)
    length = scheduled_ms(race)
    if item.part == "wet":
        waves = [row for row in item.waves if row["race"] == name]
        return wet_rows(
            name, race, length, waves, item.dry, item.priors, item.seed, item.replicates
        )
    if item.part == "dry":
        return dry_rows(name, race, length, item.priors, item.seed, 2 * item.replicates)
    return card_rows(name, race, length, item.priors, item.seed, item.replicates)


def _concerns(part: str, path: Path) -> bool:
    """Whether a part has anything to ask of a race."""
    return part in ("cards", "lane") or (part == "wet") == _is_wet(path)


def _is_wet(path: Path) -> bool:
    row: Mapping[str, str] = catalogue_row(path) or {}
    return row.get("condition", "dry").strip() != "dry"


def backtest_advice(
    paths: Sequence[Path],
    study: Study,
    *,
    waves: Path | None = None,
    parts: Sequence[str] = PARTS,
) -> dict[str, Any]:
    """Wet changes, dry stops and cards over these races, each left out of its own fit.

    Args:
        paths: the races.
        study: where it runs; ``replicates`` are futures per wet call and card.
        waves: the reference of tyre changes; looked for above the races where left out.
        parts: some of ``PARTS``.

    Raises:
        BadOption: for another part.
        UnreadableFile: where the reference is needed, and neither named nor above the races.
    """
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise BadOption(f"no part {unknown[0]!r}", remedy=f"Use {', '.join(PARTS)}.")
    asked = [(path, part) for part in parts for path in paths if _concerns(part, path)]
    wet = [path for path, part in asked if part == "wet"]
    table = pl.read_csv(waves or above(wet, WAVES)).to_dicts() if wet else []
    dry = _dry_priors(paths, study) if wet else []
    known = [shipped_race_priors()] * len(paths) if {*parts} == {"lane"} else _priors(paths, study)
    priors = dict(zip(paths, known, strict=True))
    items = [
        _Item(path, part, table, dry, priors[path], study.replicates, study.seed)
        for path, part in asked
    ]
    found = study.run(_score, items, [item.path for item in items], [i.depends for i in items])
    rows = [row for each in found for row in each]
    return {
        "protocol": " / ".join(f"{part}: {words}" for part, words in PROTOCOL.items()),
        "priors": "of the other races" if len(paths) >= FEWEST_RACES else "shipped",
        "rows": rows,
        "summary": summarise(rows, seed=study.seed),
    }


def _dry_priors(paths: Sequence[Path], study: Study) -> list[DryPrior]:
    return dry_priors_of(paths, study) if len(paths) >= FEWEST_RACES else [*shipped_priors()]


def _priors(paths: Sequence[Path], study: Study) -> list[Priors]:
    if len(paths) < FEWEST_RACES:
        return [shipped_race_priors()] * len(paths)
    facts = facts_of(paths, study)
    return [learn([f for i, f in enumerate(facts) if i != own]) for own in range(len(facts))]
