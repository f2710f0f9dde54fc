"""The findings of a session itself: what its feeds and its workers did that they should not."""

from __future__ import annotations

from dryline.domain.finding import Finding, Severity
from dryline.engine.live.health import BUDGET, FeedHealth


def garbage_remark(source: str, text: str, car: str | None, lap: int | None) -> Finding:
    """Something said that cannot be used."""
    return Finding(
        kind="feed_garbage",
        severity=Severity.WARNING,
        message=f"the feed {source} said what cannot be used: {text[:200]}",
        car_number=car,
        lap=lap,
    )


def flood_remark(health: FeedHealth) -> Finding:
    """A feed that says too much of no use."""
    return Finding(
        kind="feed_flood",
        severity=Severity.WARNING,
        message=(
            f"the feed {health.source} has said {BUDGET >> 20} MB more of no use than of use: from "
            "here on such lines are counted and not kept"
        ),
        remedy="Mend the sender; what it says of use is taken as before.",
    )


def fault_remark(source: str, fault: Exception) -> Finding:
    """Something that Dryline itself could not take."""
    return Finding(
        kind="feed_fault",
        severity=Severity.ERROR,
        message=(
            f"what came from {source} could not be taken, a fault of Dryline's: "
            f"{type(fault).__name__}: {str(fault)[:200]}"
        ),
        remedy="The journal holds it; report it with the journal.",
    )


def trouble_remark(trouble: str) -> Finding:
    """Something that a worker did wrong."""
    return Finding(kind="worker_lost", severity=Severity.WARNING, message=trouble)
