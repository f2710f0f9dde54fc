"""Where somebody says otherwise than the lap times: shown, never settled here.

Race control, a team and the rain flag of a weather file each know what the gauge does not, and
each has been wrong. The rain flag is no evidence of a wet track and never moves the gauge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.spells import (
    CLEAR,
    JOINED_MS,
    LIKELY,
    RACE_CONTROL,
    RAIN_FLAG,
    TEAM_WORD,
    says,
    source_of,
)
from dryline.analysis.track.words import DAMP
from dryline.domain.clock_text import format_clock
from dryline.race.race import Race

AFTER_MS, LEAST_MS = 600_000, 180_000
"""A word is held against the gauge of the ten minutes after it, once three of them have passed."""
CHANGES = 2
"""A rain flag that has never changed says nothing: most weather files have such a one."""
FLAG_MS = 600_000
"""A rain flag up for so long over a dry track, or down in so long a wet spell, is worth a word."""


@dataclass(frozen=True)
class Contradiction:
    """Who says what of the track, and what the gauge says of the same time.

    ``source`` is one of ``spells.EVIDENCE``; ``says`` is ``wet``, ``dry``, ``rain`` or ``no_rain``;
    ``gauge`` is ``wet`` or ``dry``.
    """

    source: str
    says: str
    gauge: str
    from_ms: int
    to_ms: int

    @property
    def words(self) -> str:
        """In one plain sentence."""
        begun, until = format_clock(self.from_ms), format_clock(self.to_ms)
        if self.source == RAIN_FLAG:
            flag = "up" if self.says == "rain" else "down"
            return (
                f"the rain flag was {flag} from {begun} to {until}; "
                f"the lap times show a {self.gauge} track"
            )
        who = {RACE_CONTROL: "race control declared the track", TEAM_WORD: "the team said"}
        return (
            f"{who.get(self.source, 'a report said')} {self.says} at {begun}; "
            f"the lap times up to {until} show a {self.gauge} track"
        )


def contradictions(
    estimate: TrackEstimate, race: Race, spells: pl.DataFrame
) -> list[Contradiction]:
    """Every disagreement, in order of time.

    "Dry" is held against nobody where the gauge has no dry reference to say it by.

    Args:
        estimate: what is believed of the track over the race.
        race: the race that it was read from, up to the same instant.
        spells: schema ``SPELLS``, of that estimate.
    """
    found = [*_words(estimate, race), *_flag(estimate, race.weather, spells)]
    return sorted(found, key=lambda each: (each.from_ms, each.source, each.says))


def _words(estimate: TrackEstimate, race: Race) -> Iterator[Contradiction]:
    at_ms, p_wet = _sectors(estimate)
    for event in race.messages:
        said, begun = says(event), event.known_at.ms
        after = (at_ms > begun) & (at_ms <= begun + AFTER_MS)
        if said is None or not after.any() or at_ms[after][-1] - begun < LEAST_MS:
            continue
        where = slice(None) if event.sector is None else slice(event.sector - 1, event.sector)
        likeliest = p_wet[after][:, where].max(axis=1)
        until = int(at_ms[after][-1])
        if said != "dry" and estimate.last.reference.known and likeliest.max() <= DAMP:
            yield Contradiction(source_of(event), said, "dry", begun, until)
        if said == "dry" and likeliest.min() >= LIKELY:
            yield Contradiction(source_of(event), said, "wet", begun, until)


def _flag(
    estimate: TrackEstimate, weather: pl.DataFrame, spells: pl.DataFrame
) -> Iterator[Contradiction]:
    """The rain flag up over a dry track, or down all through a clear wet spell."""
    at_ms, p_wet = _sectors(estimate)
    known = weather.filter(pl.col("rain").is_not_null())
    if known["rain"].n_unique() < CHANGES:
        return
    for begun, until in _raised(known):
        meant = (at_ms >= begun) & (at_ms <= until)
        dry = meant.any() and p_wet[meant].max() <= DAMP
        if dry and estimate.last.reference.known and until - begun >= FLAG_MS:
            yield Contradiction(RAIN_FLAG, "rain", "dry", begun, until)
    clear = spells.filter(pl.col("grade") == CLEAR)
    for begun, ended in clear.select("from_ms", "to_ms").iter_rows():
        until = int(at_ms[-1]) if ended is None else ended
        inside = known.filter(pl.col("at_ms").is_between(begun, until))
        down = inside.height > 0 and inside["rain"].max() == 0
        if down and until - begun >= FLAG_MS:
            yield Contradiction(RAIN_FLAG, "no_rain", "wet", begun, until)


def _raised(weather: pl.DataFrame) -> list[tuple[int, int]]:
    """Times over which the rain flag was up, short pauses filled in, ms."""
    out: list[tuple[int, int]] = []
    for at_ms in weather.filter(pl.col("rain") > 0)["at_ms"].sort():
        if out and at_ms - out[-1][1] < JOINED_MS:
            out[-1] = (out[-1][0], at_ms)
        else:
            out.append((at_ms, at_ms))
    return out


def _sectors(
    estimate: TrackEstimate,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The instants of the samples, and the probabilities (N, 3) that each sector was wet."""
    samples = estimate.samples
    return samples["at_ms"].to_numpy(), samples.select("p_wet1", "p_wet2", "p_wet3").to_numpy()
