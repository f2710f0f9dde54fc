"""When the track was wet, where, and what says so: what a strategist asks of a race first.

One list of spells is read by every command: ``track``, the charts, the report, the debrief and the
wall say the same minutes of the same estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.doubt import SAID_WET
from dryline.analysis.track.reading import STEP_MS, TrackEstimate
from dryline.analysis.track.words import DAMP
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.race.race import Race
from dryline.race.team_evidence import is_team

Floats = npt.NDArray[np.float64]

LIKELY, SURE = 0.5, 0.9
"""From the first on a sector is likely wet; beyond the second it is surely so."""
SHOWN = 0.02
"""Laps show water where a sector costs so much, log time, as the gauge reads it."""
SHORT_MS, OUTSIDE_MS = 1_200_000, 1_800_000
"""In a spell that was so short the laps are held against the cars' own of the half hour around it,
where five cars have such: the gauge takes minutes to forget what a neutralisation looked like."""
JOINED_MS = 600_000
"""Spells nearer than this, with a sector still perhaps damp all the time between, are one."""
LASTS_MS = 2 * STEP_MS
"""A shorter spell is a flicker: weak, unless somebody else says the same."""
CARS = 5
"""So many cars on free laps in a spell are a field."""
WAVE_CARS, NEAR_MS = 3, 300_000
"""So many cars change tyres with a spell: from so long before it until so long after it."""
BESIDE_MS = 180_000
"""A spell that nowhere reaches further than this from a neutralisation that no flag states is that:
the gauge takes so long to forget it, and a field that was not seen for longer may be held."""
SAID_BEFORE_MS = 600_000
"""How long before a spell somebody may have spoken of it."""

FREE_LAPS, TO_WETS, TO_SLICKS, RACE_CONTROL, TEAM_WORD, REPORT, RAIN_FLAG = EVIDENCE = (
    "free_laps",  # laps that nothing else held up were 2 % slower in a sector
    "stops_to_wets",  # three cars went from slicks to wets
    "stops_to_slicks",  # three cars went from wets to slicks
    "race_control",  # race control declared the track wet
    "team_word",  # the team said rain, or wet
    "report",  # somebody else did
    "rain_flag",  # the rain flag of the weather file was up: it tells of rain, not of water
)
_INDEPENDENT = {TO_WETS, RACE_CONTROL, TEAM_WORD, REPORT}
_SPEAKS_FOR = _INDEPENDENT | {RAIN_FLAG}
CLEAR, SOME, WEAK = GRADES = ("clear", "likely", "weak")
"""Clear: two sectors at once surely wet, by the free laps of five cars; not where these are held
against first laps that were said to be wet, for then they only repeat the word. Weak: no free lap
shows the water, or it was one sector that was never surely wet, or a flicker; and nobody else says
so."""

SPELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "from_ms": pl.Int64,
    "to_ms": pl.Int64,  # null while it lasts
    "sectors": pl.List(pl.Int32),  # likely wet at some time in it
    "most": pl.Float64,  # the greatest wetness of a sector in it, in [0, 1]
    "evidence": pl.List(pl.String),  # of EVIDENCE
    "grade": pl.String,  # of GRADES
}


@dataclass(frozen=True)
class WetSpan:
    """A spell among the samples, from place ``first`` to ``last``, and in ms."""

    first: int
    last: int
    from_ms: int
    to_ms: int | None

    def meets(self, from_ms: float, to_ms: float) -> bool:
        """Whether it shares an instant with a time."""
        return (self.to_ms is None or from_ms < self.to_ms) and to_ms >= self.from_ms

    def overlap_ms(self) -> pl.Expr:
        """How much of a lap lies in it; negative where none does."""
        end_ms = pl.lit(self.to_ms, pl.Int64).fill_null(pl.col("elapsed_ms"))
        return pl.min_horizontal("elapsed_ms", end_ms) - pl.max_horizontal(
            "start_ms", pl.lit(self.from_ms)
        )

    def holds(self) -> pl.Expr:
        """Whether half of a lap lies in it, or the lap takes half of it."""
        lap_ms = pl.col("elapsed_ms") - pl.col("start_ms")
        least_ms = (
            lap_ms if self.to_ms is None else pl.min_horizontal(lap_ms, self.to_ms - self.from_ms)
        )
        return (self.overlap_ms() > 0) & (2 * self.overlap_ms() >= least_ms)


def wet_spells(estimate: TrackEstimate, race: Race) -> pl.DataFrame:
    """Each time in which at least one sector was likely wet: schema ``SPELLS``.

    What may only be a neutralisation that no flag states is left out, unless the stops or anybody
    speak for it.

    Args:
        estimate: what is believed of the track over the race.
        race: the race that it was read from: laps, messages and weather up to the same instant.
    """
    samples = estimate.samples.sort("at_ms")
    p_wet = samples.select("p_wet1", "p_wet2", "p_wet3").to_numpy()
    loss = samples.select("loss1", "loss2", "loss3").to_numpy()
    most = samples.select(pl.max_horizontal("w1", "w2", "w3")).to_series().to_list()
    spans = list(_spans(samples["at_ms"].to_list(), p_wet.max(axis=1)))
    if not spans:
        return pl.DataFrame(schema=SPELLS)
    free = _free_laps(race)
    changes = _changes(estimate.stints, free)
    rows = []
    for span in spans:
        inside = slice(span.first, span.last + 1)
        sectors = [k + 1 for k in range(3) if p_wet[inside, k].max() >= LIKELY]
        driven = free.filter(span.holds())
        held = _inferred(span, sectors, race)
        own = None
        if held or (span.to_ms is not None and span.to_ms - span.from_ms <= SHORT_MS):
            own = _slower_by(driven, free.filter(_near(span, spans)), sectors)
        shown = loss[inside].max() if own is None else own
        evidence = [
            *([FREE_LAPS] if driven.height and shown >= SHOWN else ()),
            *_stops(span, changes),
            *_said(span, race.messages),
            *_flagged(span, race.weather),
        ]
        silent = bool(held) and FREE_LAPS not in evidence
        if (silent or _may_be_held(span, held, race)) and not _SPEAKS_FOR & set(evidence):
            continue
        grade = _grade(p_wet[inside], driven["car_number"].n_unique(), evidence)
        if grade == CLEAR and own is None and estimate.last.reference.source == SAID_WET:
            grade = SOME
        rows.append((span.from_ms, span.to_ms, sectors, max(most[inside]), evidence, grade))
    return pl.DataFrame(rows, schema=SPELLS, orient="row")


def wet_track(spells: pl.DataFrame) -> pl.DataFrame:
    """The spells that tell of a wet track: all but the weak ones."""
    return spells.filter(pl.col("grade") != WEAK)


def _spans(at_ms: Sequence[int], p_wet: Floats) -> Iterator[WetSpan]:
    """Where the likeliest sector was likely wet, without the short pauses that were no dry ones."""
    found: list[tuple[int, int]] = []
    for place in np.flatnonzero(p_wet >= LIKELY).tolist():
        if found and _goes_on(at_ms, p_wet, found[-1][1], place):
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    for first, last in found:
        yield WetSpan(first, last, at_ms[first], at_ms[last + 1] if last + 1 < len(at_ms) else None)


def _goes_on(at_ms: Sequence[int], p_wet: Floats, last: int, place: int) -> bool:
    if place == last + 1:
        return True
    apart = at_ms[place] - at_ms[last + 1] < JOINED_MS
    return apart and bool(p_wet[last:place].min() > DAMP)


def _inferred(span: WetSpan, sectors: Sequence[int], race: Race) -> list[tuple[int, int]]:
    """Neutralisations that no flag states, from when until when, ms, that are within three minutes.

    A slow zone is that of a spell in its own sector alone.
    """
    end_ms = race.end.ms if span.to_ms is None else span.to_ms
    alone = sectors[0] if len(sectors) == 1 else 0
    there = pl.col("sector").is_null() | (pl.col("sector") == alone)
    inferred = race.neutralisations.filter((pl.col("source") == "inferred") & there)
    times = inferred.select("start_ms", pl.col("end_ms").fill_null(end_ms))
    return [
        (from_ms, until_ms)
        for from_ms, until_ms in times.iter_rows()
        if from_ms < end_ms + BESIDE_MS and until_ms > span.from_ms - BESIDE_MS
    ]


def _may_be_held(span: WetSpan, held: Sequence[tuple[int, int]], race: Race) -> bool:
    """Whether it was never for three minutes outside those that no flag states, or just began."""
    end_ms = race.end.ms if span.to_ms is None else span.to_ms
    if not held:
        unseen = end_ms >= race.end.ms and race.crossings["flag"].is_null().all()
        return unseen and end_ms - span.from_ms <= BESIDE_MS
    ended = [until_ms for _, until_ms in held if until_ms <= span.from_ms]
    free_from, longest = max(ended, default=span.from_ms), 0
    for from_ms, until_ms in held:
        longest = max(longest, min(from_ms, end_ms) - free_from)
        free_from = max(free_from, until_ms)
    return max(longest, end_ms - free_from) <= BESIDE_MS


def _grade(p_wet: Floats, cars: int, evidence: Sequence[str]) -> str:
    two = np.sort(p_wet, axis=1)[:, -2].max() > SURE
    if FREE_LAPS in evidence and two and cars >= CARS and len(p_wet) * STEP_MS >= LASTS_MS:
        return CLEAR
    if _INDEPENDENT & set(evidence):
        return SOME
    one = (p_wet.max(axis=0) >= LIKELY).sum() == 1 and p_wet.max() <= SURE
    flickers = len(p_wet) * STEP_MS < LASTS_MS
    return WEAK if FREE_LAPS not in evidence or one or flickers else SOME


def _free_laps(race: Race) -> pl.DataFrame:
    """The laps that nothing but the track held up."""
    return race.laps.filter(pl.col("is_green") & (pl.col("lap") > 1))


def _near(span: WetSpan, spans: Sequence[WetSpan]) -> pl.Expr:
    """Laps of the half hour before and after a spell, in no spell at all."""
    until_ms = (span.to_ms or span.from_ms) + OUTSIDE_MS
    near = (pl.col("elapsed_ms") > span.from_ms - OUTSIDE_MS) & (pl.col("start_ms") < until_ms)
    return near & ~pl.any_horizontal([each.overlap_ms() > 0 for each in spans])


def _slower_by(inside: pl.DataFrame, outside: pl.DataFrame, sectors: Sequence[int]) -> float | None:
    """By how much cars were slower in the sectors of a spell than outside it, log time.

    The middle of the cars, in the sector where it is greatest; None where too few drove on both.
    """
    names = [f"s{k}_ms" for k in sectors]
    middle = [pl.col(name).log().median() for name in names]
    in_it, out_of_it = (part.group_by("car_number").agg(middle) for part in (inside, outside))
    both = in_it.join(out_of_it, on="car_number", suffix="_out")
    if both.height < CARS:
        return None
    slower = both.select((pl.col(name) - pl.col(f"{name}_out")).median() for name in names).row(0)
    known = [float(each) for each in slower if each is not None]
    return max(known) if known else None


def _changes(stints: pl.DataFrame, free: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """When each car went onto wets and onto slicks, ms and car, by the evidence that it is.

    Tyres that nobody saw and that came off without a free lap say nothing: what is believed of
    them is what is believed of the track.
    """
    stints = _that_tell(stints, free)
    found: dict[str, list[tuple[int, str]]] = {TO_WETS: [], TO_SLICKS: []}
    before: dict[str, str] = {}
    for car, at_ms, tyre in stints.sort("from_ms").select("car_number", "from_ms", "tyre").rows():
        if (before.get(car), tyre) == ("slick", "wet"):
            found[TO_WETS].append((at_ms, car))
        elif (before.get(car), tyre) == ("wet", "slick"):
            found[TO_SLICKS].append((at_ms, car))
        before[car] = tyre
    return found


def _that_tell(stints: pl.DataFrame, free: pl.DataFrame) -> pl.DataFrame:
    begun = stints.sort("from_ms").select("car_number", "from_ms", start_ms="from_ms")
    driven = free.sort("start_ms").select("car_number", "start_ms")
    drove = driven.join_asof(begun, on="start_ms", by="car_number", check_sortedness=False)
    on_them = drove.select("car_number", "from_ms")
    still = pl.col("from_ms") == pl.col("from_ms").max().over("car_number")
    told = stints.filter(pl.col("seen") | still).select("car_number", "from_ms")
    known = pl.concat([on_them, told])
    return stints.join(known, on=["car_number", "from_ms"], how="semi")


def _stops(span: WetSpan, changes: Mapping[str, list[tuple[int, str]]]) -> list[str]:
    near = replace(
        span,
        from_ms=span.from_ms - NEAR_MS,
        to_ms=None if span.to_ms is None else span.to_ms + NEAR_MS,
    )
    return [
        name
        for name, when in changes.items()
        if len({car for at_ms, car in when if near.meets(at_ms, at_ms)}) >= WAVE_CARS
    ]


def _said(span: WetSpan, messages: Sequence[RaceControlMessage | Evidence]) -> list[str]:
    """Whose words that it rains or is wet belong to the spell."""
    early = replace(span, from_ms=span.from_ms - SAID_BEFORE_MS)
    who = {
        source_of(each)
        for each in messages
        if says(each) in ("wet", "rain") and early.meets(each.known_at.ms, each.known_at.ms)
    }
    return [name for name in (RACE_CONTROL, TEAM_WORD, REPORT) if name in who]


def says(event: RaceControlMessage | Evidence) -> str | None:
    """``wet``, ``dry`` or ``rain`` where that is what it says of the track now."""
    if isinstance(event, RaceControlMessage):
        return {"track_declared_wet": "wet", "track_declared_dry": "dry"}.get(event.kind)
    return event.kind if event.kind in ("wet", "dry", "rain") else None


def source_of(event: RaceControlMessage | Evidence) -> str:
    """Whose word it is, as ``EVIDENCE`` names it."""
    if isinstance(event, RaceControlMessage):
        return RACE_CONTROL
    return TEAM_WORD if is_team(event) else REPORT


def _flagged(span: WetSpan, weather: pl.DataFrame) -> list[str]:
    up = weather.filter(pl.col("rain") > 0)["at_ms"]
    return [RAIN_FLAG] if any(span.meets(at_ms, at_ms) for at_ms in up) else []
