"""Times as providers write them, whole columns at once."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dryline.feeds.times import read_times

MS = st.integers(0, 86_399_999)


def written(ms: int, minute: str, point: str) -> str:
    seconds, rest = divmod(ms, 1000)
    hours, minutes = divmod(seconds // 60, 60)
    tail = f"{minute}{seconds % 60:02}{point}{rest:03}"
    return f"{hours}:{minutes:02}{tail}" if hours else f"{minutes}{tail}"


@given(
    times=st.lists(MS, min_size=1, max_size=20),
    minute=st.sampled_from([":", "'", "’"]),
    point=st.sampled_from([".", ","]),
)
def test_minutes_may_end_in_a_colon_or_an_apostrophe(
    times: list[int], minute: str, point: str
) -> None:
    read = read_times([pl.Series([written(ms, minute, point) for ms in times])])[0]
    assert read.ms.tolist() == times
    assert read.known.all()
    assert not read.bad.any()


def test_an_apostrophe_elsewhere_makes_no_time() -> None:
    texts = ["1'2.345", "'48.218", "1'48", "6'01'30.181", "it's"]
    assert read_times([pl.Series(texts)])[0].bad.all()
