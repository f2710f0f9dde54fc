"""Fields that many records have, each with what it means: a thing said of cars is said once."""

from __future__ import annotations

from typing import Annotated

from dryline.domain.meaning import means
from dryline.domain.session_kind import SessionKind

CarNumber = Annotated[str, means("the car's number, as text: 007 is not 7")]
CarClass = Annotated[str, means("the class as the feed calls it")]
CarClassIfAny = Annotated[str | None, means("the class as the feed calls it")]
TeamIfAny = Annotated[str | None, means("the team")]
AtMs = Annotated[int, means("the instant", "ms since the start")]
KnownAtMs = Annotated[int, means("as known at this instant", "ms since the start")]
LengthMs = Annotated[int, means("the scheduled length", "ms")]
Simulated = Annotated[bool, means("whether the race itself is a simulated running")]
SimulatedRace = Annotated[bool, means("whether the race is a simulated one")]
RaceName = Annotated[str, means("the race's name")]
SessionKindField = Annotated[SessionKind, means("race, qualifying, practice, warm_up or test")]
StartMs = Annotated[int, means("when it began", "ms since the start")]
Seen = Annotated[bool, means("somebody has seen it, and said so")]
Sure = Annotated[float, means("how sure, in [0, 1]")]
WhyKnown = Annotated[str, means("how that is known")]
PWetBySector = Annotated[
    tuple[float, ...],
    means("per sector, the probability that it costs more than 2.5 % for its water"),
]
PRainBySector = Annotated[tuple[float, ...], means("per sector, the probability that it rains")]
WetnessBySector = Annotated[tuple[float, ...], means("per sector, from 0 (dry) to 1")]
TrendBySector = Annotated[
    tuple[str, ...], means("per sector: raining, wetting, drying or steady, over three minutes")
]
Maximised = Annotated[str, means("what is maximised")]
Seed = Annotated[int, means("seed of the random numbers")]
SeedOfAnswer = Annotated[int, means("seed of the random numbers; the same gives the same answer")]
Futures = Annotated[int, means("how many futures were drawn")]
InLap = Annotated[int, means("the in-lap")]
InMs = Annotated[int, means("the crossing that ends the in-lap", "ms since the start")]
PitLaneMsIfStated = Annotated[int | None, means("time in the pit lane, where stated", "ms")]
