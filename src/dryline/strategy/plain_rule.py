"""The plain rule for stops where tyres are no question.

Under a neutralisation whose lane is open, in from a quarter of the range used; else on to the end
of the range, or to the flag where the tank surely reaches it. Replayed over 42 dry races it gains
21 s a car and race on the crews, and the best that can be done without foresight gains no more;
what the simulator makes of two stops does not order them (docs/advice.md). So it is the call, and
simulated worth is said beside it.
"""

from __future__ import annotations

from dryline.strategy.candidates import FIRST_LAP, Candidate, Situation
from dryline.strategy.evaluate import KEPT, Ranking

TURNS_P = 0.7
"""In so many futures another call must do better than the rule's to take its place in the wet. At
Imola the class that was right to change has 0.76 to 0.88, the one right to stay 0.5 to 0.67."""
YELLOW_USED = 0.25
"""From this share of the range on an open lane under a neutralisation is taken; as good with any
share from 15 to 40 %."""


def takes_yellow(
    *, used: float, lane_open: bool, needs_stop: bool, least_used: float = YELLOW_USED
) -> bool:
    """Whether the rule comes in under a neutralisation.

    Args:
        used: share of the range.
        lane_open: whether the class may stop now.
        needs_stop: whether the tank does not surely reach the flag.
        least_used: the share from which it comes in.
    """
    return lane_open and needs_stop and used >= least_used


def by_rule(now: Situation, asked: tuple[Candidate, ...], *, yellow: bool) -> tuple[Candidate, ...]:
    """The candidates that do what the rule does now, the plainest first.

    They differ in the work of a stop, or in saving, only: what the rule knows nothing of.
    ``yellow``: a neutralisation is in force under which the lane is or will be open to the class.
    """
    box = tuple(each for each in asked if each.laps_ahead == 0)
    opens = tuple(each for each in asked if each.until == "lane_opens")
    stay = tuple(
        each for each in asked if each.laps_ahead is None and each.until != "lane_opens"
    )  # fmt: skip
    stay = tuple(sorted(stay, key=lambda each: each.until != FIRST_LAP))
    wants = takes_yellow(used=now.used, lane_open=yellow, needs_stop=not now.reaches_flag)
    return (wants and (box or opens)) or stay or box or asked


def led_by_rule(
    ranking: Ranking, asked: tuple[Candidate, ...], now: Situation, *, yellow: bool
) -> Ranking:
    """The comparison with the rule's call first, where nothing turns it.

    Where tyres are the question the best of all turns it; under yellow going on with a tank that
    probably reaches the flag, which no replay has tried; elsewhere only another way of doing the
    same. ``asked``: the candidates as they were thought of, of each kind the plainest first.
    """
    compared = tuple(each for each in asked if each.key in ranking.finishes)
    call, *others = by_rule(now, compared, yellow=yellow)
    if now.tyres_in_question:
        best, stay = ranking.call, next((e for e in others if e.until == "policy"), call)
        if call.until == FIRST_LAP and _is_worse(ranking, call, stay):
            call = stay
        return ranking if ranking.clearly(best, call, TURNS_P) else ranking.led_by(call)
    others += [each for each in compared if each.until == "flag_likely"]
    for other in others:
        if ranking.clearly(other, call):
            call = other
    return ranking.led_by(call)


def _is_worse(ranking: Ranking, waiting: Candidate, stay: Candidate) -> bool:
    """Whether waiting for a first lap is worth less than staying out; on this lap both do that."""
    gap = ranking.margin(stay, waiting)
    return gap.value > KEPT * gap.se
