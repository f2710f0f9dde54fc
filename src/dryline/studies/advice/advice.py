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
from dryline.studies.advice.calls import call_rows
from dryline.studies.advice.cards import card_rows
from dryline.studies.advice.lane import lane_rows
from dryline.studies.advice.range import range_rows
from dryline.studies.advice.replay_hazards import Hazards, YellowFacts, learn_hazards
from dryline.studies.advice.replay_scores import contenders, facts_of_yellows, replay_rows
from dryline.studies.advice.summary import summarise
from dryline.studies.advice.wet import wet_rows
from dryline.studies.advice.yellow import yellow_rows
from dryline.studies.forecast import facts_of
from dryline.studies.study import Study, opened, scheduled_ms
from dryline.studies.track import WAVES, above, dry_priors_of

Row = dict[str, Any]
PARTS = ("wet", "replay", "yellow", "cards", "lane", "range", "calls")
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
    "replay": (
        "dry races; every car that ran most of its class's distance without a long repair: its "
        "race replayed in one model under the crew's own stops and under each policy, rivals and "
        "neutralisations as they were; own pace by stint, time in the lane by fuel taken as the "
        "class's real stops show it, range the car's longest stint, the lane open for a class "
        "under a neutralisation once two of it have stopped, nobody passing there; a policy is "
        "asked at every pit entry and knows that moment only; seconds are distance at the winner's "
        "flag at the car's pace, places those of the finish; hazard_oracle: the best that chances "
        "learnt from the other races allow; oracle: the best in hindsight that a search or a "
        "policy found; decisions: the first open pit entry under each neutralisation of each car "
        "that needs fuel, boxing against staying out until green, going on by the yellow rule, "
        "and as well as hindsight can; no traffic on green road, no drive-time rules"
    ),
    "yellow": (
        "dry races; up to 30 of the replay's decisions a race, drawn by the seed: what `advise` "
        "does at the pit entry with what was known then; regret in seconds by the replay, going on "
        "by the plain rule, beside the crew's and that of the rule that knows the range of the "
        "whole race; where the file does not show the flag by then, or no rule book knows the "
        "lane, it is counted and left out"
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
    "range": (
        "every running car that took the flag, at 50, 60, 70 and 80 % of the scheduled length of "
        "sprints and at 80 and 90 % of longer races: the probability of reaching the flag on its "
        "tank as advice says it where the team told nothing, against whether it stopped again "
        "before the lap of its flag, for whatever reason; for_fuel: one of these stops was a "
        "splash, fuel, or fuel and tyres as read in the light of the whole race; laps at the flag "
        "from what the other races teach, the usual ranges of classes as shipped"
    ),
    "calls": (
        "dry races, as shipped, the rain gauge as it went without its own entries of the race: at "
        "five instants of each, a running car drawn at random: the call with two seeds, the same "
        "where both do the same now, until the same thing; along two quiet stints of each, ten "
        "crossings in a row without a neutralisation or a stop: changed where it does something "
        "else, or names a lap more than one away, unless it boxes on the lap named before; in "
        "every neutralisation two minutes after its beginning, or half-way, a running car of each "
        "class: whether wets are among what it may fit; 64 futures"
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
    hazards: Hazards | None
    replicates: int
    seed: int

    @property
    def depends(self) -> tuple[object, ...]:
        """What the result depends on besides the race."""
        dry = sorted(map(str, self.dry))
        if self.part == "replay":
            return (self.part, str(self.hazards), self.seed)
        if self.part == "calls":
            return (self.part, dry, self.seed)
        extra = (sorted(map(str, self.waves)), dry)
        shared = (self.part, self.replicates, self.seed, sorted(map(str, self.priors.items())))
        return (*shared, *extra) if self.part == "wet" else shared


def _score(item: _Item) -> list[Row]:
    name, race = opened(item.path)
    series = race.info.series or ""
    return [{**row, "series": series} for row in _rows(item, name, race)]


def _rows(item: _Item, name: str, race: Race) -> list[Row]:
    if item.part == "lane":
        return lane_rows(name, race)
    if item.part == "replay":
        return replay_rows(name, race, contenders(item.seed, item.hazards))
    length = scheduled_ms(race)
    if item.part == "yellow":
        return yellow_rows(name, race, length, item.seed)
    if item.part == "range":
        return range_rows(name, race, length, item.priors, item.seed)
    if item.part == "calls":
        return call_rows(name, race, length, item.dry, item.seed)
    if item.part == "wet":
        waves = [row for row in item.waves if row["race"] == name]
        return wet_rows(
            name, race, length, waves, item.dry, item.priors, item.seed, item.replicates
        )
    return card_rows(name, race, length, item.priors, item.seed, item.replicates)


def _concerns(part: str, path: Path) -> bool:
    """Whether a part has anything to ask of a race."""
    return part in ("cards", "lane", "range") or (part == "wet") == _is_wet(path)


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
    """Calls of every part over these races, each left out of its own fit.

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
    dry = _dry_priors(paths, study) if wet or "calls" in parts else []
    taught = {*parts} & {"wet", "cards", "range"}
    known = _priors(paths, study) if taught else [shipped_race_priors()] * len(paths)
    priors = dict(zip(paths, known, strict=True))
    hazards = _hazards([path for path, part in asked if part == "replay"], study)
    items = [
        _Item(path, part, table, dry, priors[path], hazards.get(path), study.replicates, study.seed)
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


def _hazards(paths: Sequence[Path], study: Study) -> dict[Path, Hazards]:
    """What the other races tell each of its series' neutralisations; nothing where none can."""
    found = study.run(_yellow_facts, paths, paths, ["yellow facts"] * len(paths))
    facts = {path: each for path, each in zip(paths, found, strict=True) if each is not None}
    out = {}
    for path, mine in facts.items():
        others = [each for other, each in facts.items() if other != path]
        if any(each.series == mine.series for each in others):
            out[path] = learn_hazards(others, mine.series)
    return out


def _yellow_facts(path: Path) -> YellowFacts | None:
    return facts_of_yellows(*opened(path))
