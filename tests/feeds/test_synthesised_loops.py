"""What a file tells later is said when it happened, and marked."""

from __future__ import annotations

import polars as pl

from dryline.domain.loop import Loop
from dryline.feeds.synthesised_loops import synthesised_loops
from tests.made_up.driving import Car, Lap, crossings_of
from tests.made_up.field import crossings
from tests.race.test_lane_split import PLAIN, stop


def test_sectors_end_where_their_times_say_and_the_lane_is_entered_and_left() -> None:
    frame = crossings_of([Car("7", "GT3", [PLAIN, PLAIN, *stop(8_000, 60_000), PLAIN])])
    told = synthesised_loops(frame)
    assert all(event.synthesised and event.known_at == event.happened_at for event in told)
    said = [(event.loop, event.lap, event.sector, event.happened_at.ms) for event in told]
    line = frame["elapsed_ms"].to_list()
    assert said[:4] == [
        (Loop.SECTOR, 1, 1, 30_000),
        (Loop.SECTOR, 1, 2, 65_000),
        (Loop.SECTOR, 2, 1, line[0] + 30_000),
        (Loop.SECTOR, 2, 2, line[0] + 65_000),
    ]
    assert (Loop.PIT_IN, 3, None, line[2] - 8_000) in said
    assert (Loop.PIT_OUT, 4, None, line[2] + 60_000) in said
    assert len(said) == 2 * frame.height + 2


def test_a_sector_without_a_time_or_with_one_that_cannot_be_ends_nowhere() -> None:
    laps = [Lap(90_000), Lap(90_000, sectors_ms=(95_000, 10_000))]
    assert synthesised_loops(crossings_of([Car("7", "GT3", laps)])) == []
    frame = crossings_of([Car("7", "GT3", [PLAIN])]).with_columns(s3_ms=pl.lit(None, pl.Int64))
    assert [event.happened_at.ms for event in synthesised_loops(frame)] == [30_000, 65_000]


def test_every_passing_lies_within_its_lap() -> None:
    frame = crossings(cars=6, hours=0.5)
    ends = {
        (car, lap): end for car, lap, end in frame.select("car_number", "lap", "elapsed_ms").rows()
    }
    for event in synthesised_loops(frame):
        assert event.lap is not None
        assert ends.get((event.car_number, event.lap - 1), 0) <= event.happened_at.ms
        assert event.happened_at.ms <= ends[event.car_number, event.lap]
