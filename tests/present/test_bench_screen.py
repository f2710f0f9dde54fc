"""The bench's table: what is sure is coloured, and what is not of the whole protocol is said."""

from __future__ import annotations

import pytest

from dryline.present.terminal import bench_screen
from dryline.present.terminal.theme import GOOD, WARNING


@pytest.mark.parametrize(
    ("share", "style"), [(0.759, WARNING), (0.76, ""), (0.84, ""), (0.841, WARNING)]
)
def test_an_interval_that_holds_too_little_or_too_much_is_marked(share: float, style: str) -> None:
    assert bench_screen._held({"coverage_80": {"mean": share}}).style == style


@pytest.mark.parametrize(
    ("low", "high", "style"),
    [(0.001, 0.2, GOOD), (0.0, 0.2, ""), (-0.1, 0.0, ""), (-0.2, -0.001, WARNING)],
)
def test_a_gain_is_marked_where_its_interval_leaves_zero_out(
    low: float, high: float, style: str
) -> None:
    shown = bench_screen._interval({"mean": 0.05, "low": low, "high": high})
    assert shown.style == style
    assert shown.plain.startswith("+0.050 (")


@pytest.mark.parametrize(("races", "style"), [(48, ""), (47, WARNING)])
def test_a_score_on_part_of_the_protocol_is_marked(races: int, style: str) -> None:
    told = {
        "forecaster": "mine", "protocol": "words", "version": 1, "manifest_sha256": "a" * 64,
        "control_sha256": "b" * 64, "races": races, "races_in_protocol": 48,
        "outside_protocol": [],
    }  # fmt: skip
    name, which, words = bench_screen._head(told)
    assert name == ("mine", "bold")
    assert which == (
        f"Protocol 1, manifest {'a' * 12}, control {'b' * 12}: {races} of its 48 races",
        style,
    )
    assert words[0] == "words"
    (*_, last) = bench_screen._head({**told, "outside_protocol": ["a/x", "b/y"]})
    assert last == ("Outside the protocol, scored apart: a/x, b/y", WARNING)
