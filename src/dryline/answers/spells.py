"""When the track was wet, what it is measured against, and who says otherwise."""

from __future__ import annotations

from typing import Annotated, Any

from dryline.analysis.track.contradictions import contradictions
from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.spells import wet_spells
from dryline.analysis.track.words import reference_in_words
from dryline.answers.answer import Part, alike, means
from dryline.answers.rows import rows_of
from dryline.domain.fields import StartMs
from dryline.race.race import Race


class Spell(Part, frozen=True, kw_only=True):
    """A time in which at least one sector was likely wet; short pauses that were damp count in."""

    from_ms: StartMs
    to_ms: Annotated[
        int | None,
        means("when the last sector was dry again; null while it lasts", "ms since the start"),
    ]
    sectors: Annotated[tuple[int, ...], means("the sectors that were wet in it")]
    most: Annotated[float, means("the greatest wetness of a sector in it, in [0, 1]")]
    evidence: Annotated[
        tuple[str, ...],
        means(
            "what says so: `free_laps`, `stops_to_wets`, `stops_to_slicks`, `race_control`, "
            "`team_word`, `report`, `rain_flag`"
        ),
    ]
    grade: Annotated[
        str,
        means(
            "`clear`: two sectors at once beyond 90 % by the free laps of five cars; `weak`: no "
            "free lap shows the water, or one sector alone and never beyond 90 %, or a single "
            "sample, and nobody else says so; else `likely`"
        ),
    ]


class AgainstDry(Part, frozen=True, kw_only=True):
    """The dry track that wetness is measured against."""

    known: Annotated[bool, means("whether there are dry times to go by")]
    source: Annotated[
        str,
        means(
            "`other_races` at the circuit; `weekend`: its practice, qualifying or warm-up; "
            "`own_laps` of the race since it has dried; `said_wet`: the first laps, taken as laps "
            "on wets; `said_dry`: the first laps, taken as dry; `first_pace`: the first laps, for "
            "want of better; `none`: too few free laps yet"
        ),
    ]
    doubt: Annotated[
        float, means("probability that what is taken as dry was wet; in the other figures already")
    ]
    words: Annotated[str, means("the same in words")]


class Disagreement(Part, frozen=True, kw_only=True):
    """Somebody says otherwise than the lap times."""

    source: Annotated[str, means("`race_control`, `team_word`, `report` or `rain_flag`")]
    says: Annotated[str, means("`wet`, `dry`, `rain` or `no_rain`")]
    gauge: Annotated[str, means("what the lap times say of the same time: `wet` or `dry`")]
    from_ms: StartMs
    to_ms: Annotated[int, means("up to when the two were compared", "ms since the start")]
    words: Annotated[str, means("the same in words")]


Spells = Annotated[
    tuple[Spell, ...], means("times in which at least one sector was likely wet, all of them")
]
Against = Annotated[AgainstDry, means("what wetness is measured against")]
Contradictions = Annotated[
    tuple[Disagreement, ...], means("where somebody says otherwise than the lap times")
]


def water_of(race: Race, estimate: TrackEstimate) -> dict[str, Any]:
    """The fields ``reference``, ``spells`` and ``contradictions`` of an estimate of a race."""
    spells = wet_spells(estimate, race)
    against = estimate.last.reference
    return {
        "reference": alike(AgainstDry, against, words=reference_in_words(against)),
        "spells": rows_of(Spell, spells),
        "contradictions": tuple(
            alike(Disagreement, each) for each in contradictions(estimate, race, spells)
        ),
    }
