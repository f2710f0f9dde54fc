"""A remark as a person reads it: where, what, and what to do, in sentences."""

from __future__ import annotations

import pytest

from dryline.domain.finding import Finding, Severity


@pytest.mark.parametrize("message", ["all times are whole seconds", "all times are whole seconds."])
def test_between_what_is_wrong_and_what_to_do_stands_one_full_stop(message: str) -> None:
    finding = Finding(
        kind="x", severity=Severity.WARNING, message=message, file="a.csv", remedy="Ask again."
    )
    assert str(finding) == "a.csv: all times are whole seconds. Ask again."


def test_a_remark_without_a_remedy_is_left_as_it_is() -> None:
    finding = Finding(kind="x", severity=Severity.NOTE, message="set aside", line=3, lap=2)
    assert str(finding) == "line 3, lap 2: set aside"
