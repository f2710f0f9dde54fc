"""Crews against the rules on driver ratings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dryline.domain.entry import Entry, Rating
from dryline.domain.finding import Finding, Severity
from dryline.rules.book import RuleBook


def crew_findings(book: RuleBook, entries: Iterable[Entry]) -> list[Finding]:
    """Crews that the season's rules do not allow.

    An unknown rating is let pass, and so is a crew without any: who was seen driving by then is
    no entry list.
    """
    found = []
    for entry in entries:
        rule = book.crew(entry.car_class)
        ratings = [driver.rating for driver in entry.drivers]
        if rule is None or not any(ratings):
            continue
        barred = () if rule.barred_ratings is None else rule.barred_ratings.value
        for driver in entry.drivers:
            if driver.rating is not None and driver.rating.value in barred:
                found.append(_finding(entry, f"{driver.name} is {driver.rating}, barred here"))
        if rule.allowed is not None and not any(
            _fits(ratings, pattern) for pattern in rule.allowed.value
        ):
            crew = ", ".join(rating or "unknown" for rating in ratings)
            found.append(_finding(entry, f"a crew of {crew} is not one of those allowed"))
    return found


def _fits(ratings: Sequence[Rating | None], pattern: Sequence[str]) -> bool:
    """Whether the crew can be matched to ``pattern``, the unknown ratings filling any gap."""
    if len(ratings) != len(pattern):
        return False
    left = [rating for rating in ratings if rating is not None]
    gaps = len(ratings) - len(left)
    for wanted in pattern:
        if wanted == "any":
            continue
        match = next((rating for rating in left if _counts_as(rating, wanted)), None)
        if match is not None:
            left.remove(match)
        elif gaps:
            gaps -= 1
        else:
            return False
    return True


def _counts_as(rating: Rating, wanted: str) -> bool:
    return rating.value == wanted


def _finding(entry: Entry, message: str) -> Finding:
    return Finding(
        kind="crew_not_allowed",
        severity=Severity.WARNING,
        message=message,
        car_number=entry.car_number,
    )
