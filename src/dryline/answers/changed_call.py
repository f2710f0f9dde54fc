"""Why a call is not the one before: what has happened between them, in words."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.answers.advice import Advice
from dryline.domain.language import language

LAPS_ALIKE = 1
"""A call that moves by no more laps than this is the same call."""
MOVED_P = 0.1
"""From here on what is known of the track has changed."""


def why_changed(before: Advice, now: Advice) -> str:
    """Why the call changed; empty where it is the same call or about another car."""
    if before.car_number != now.car_number or is_same_call(before, now):
        return ""
    return next(_reasons(before, now), language().say("changed", "comparison"))


def is_same_call(before: Advice, now: Advice) -> bool:
    """Whether two calls ask for the same, on the same lap or the next to it."""
    one, other = before.call, now.call
    kinds = [(c.action, c.until, None if c.tyres is None else c.tyres.kind) for c in (one, other)]
    if kinds[0] != kinds[1]:
        return False
    ends = [c.lap if c.lap is not None else c.until_lap for c in (one, other)]
    if ends[0] is None or ends[1] is None:
        return ends[0] == ends[1]
    return abs(ends[0] - ends[1]) <= LAPS_ALIKE


def _reasons(before: Advice, now: Advice) -> Iterator[str]:
    """What has changed, what weighs most first."""
    told = language()
    heard = {word.number for word in before.team}
    for word in now.team:
        if word.number not in heard and word.kind != "note":
            yield told.say("changed", "said", author=word.author, text=word.text)
    if before.pit_lane.why != now.pit_lane.why:
        yield told.say("changed", "pit_lane", why=now.pit_lane.why)
    if now.range.fuel_laps > before.range.fuel_laps:
        yield told.say("changed", "stopped")
    if before.track.wet != now.track.wet or _moved(before, now):
        yield told.say("changed", "track")
    ends = [each.range.lap + each.range.laps_to_go for each in (before, now)]
    if round(ends[0]) != round(ends[1]):
        yield told.say("changed", "laps", laps=round(ends[1]) - 1)
    reach = [int(each.range.lap + each.range.fuel_laps) for each in (before, now)]
    if abs(reach[0] - reach[1]) > LAPS_ALIKE:
        yield told.say("changed", "tank", lap=reach[1] - 1)
    due = before.call.until_lap or before.call.lap
    if due is not None and due - now.range.lap <= LAPS_ALIKE:
        yield told.say("changed", "due", lap=due)


def _moved(before: Advice, now: Advice) -> bool:
    """Whether which tyre is faster has become more or less likely."""
    one, other = before.track.p_wet_faster, now.track.p_wet_faster
    return one is not None and other is not None and abs(one - other) >= MOVED_P
