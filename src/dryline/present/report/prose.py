"""One sentence for one claim: its kind chooses the words, its id which of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import msgspec

from dryline.analysis.claims.claim import Claim
from dryline.domain.errors import BrokenInvariant
from dryline.present.report.debrief_prose import DEBRIEF
from dryline.present.report.prose_costs import COSTS
from dryline.present.report.prose_event import EVENT, EVENT_PARTS
from dryline.present.report.prose_moments import MOMENT_PARTS, MOMENTS
from dryline.present.report.prose_race import RACE, RACE_PARTS
from dryline.present.report.prose_session import SESSION
from dryline.present.report.template import Words, told
from dryline.present.report.words import sentence

WORDS: dict[str, tuple[Words, ...]] = {**RACE, **COSTS, **MOMENTS, **EVENT, **DEBRIEF, **SESSION}
"""Every kind of claim, and the ways of saying it."""
PARTS = {**RACE_PARTS, **MOMENT_PARTS, **EVENT_PARTS}


class Sentence(msgspec.Struct, frozen=True):
    """What a claim says."""

    claim: Claim
    text: str


def say(claim: Claim) -> Sentence:
    """The sentence of a claim, made of its values alone; the same claim says the same.

    Raises:
        BrokenInvariant: for a kind that has no words.
    """
    ways = WORDS.get(claim.kind)
    if ways is None:
        raise BrokenInvariant(f"no words for a claim of kind {claim.kind}")
    chosen = ways[zlib.crc32(claim.id.encode()) % len(ways)]
    return Sentence(claim, sentence(told(chosen, claim.values, PARTS)))


def say_all(claims: Iterable[Claim]) -> list[Sentence]:
    """The sentences of claims, in their order."""
    return [say(claim) for claim in claims]
