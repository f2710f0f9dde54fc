"""Events survive a line of JSON."""

from __future__ import annotations

import msgspec
import pytest

from dryline.domain.event import (
    Evidence,
    LoopPassing,
    RaceControlMessage,
    TimingEvent,
    WeatherSample,
    decode_event,
    encode_event,
)
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.loop import Loop
from tests.made_up.field import crossings, events

OTHERS: list[TimingEvent] = [
    RaceControlMessage(
        happened_at=Instant(1), known_at=Instant(2), kind="flag", flag=Flag.VSC, text='say "hi"'
    ),
    Evidence(happened_at=Instant(3), known_at=Instant(3), kind="rain", source="spotter", sector=3),
    LoopPassing(happened_at=Instant(5), known_at=Instant(6), car_number="007", loop=Loop.PIT_IN),
    LoopPassing(
        happened_at=Instant(5),
        known_at=Instant(6),
        car_number="7",
        loop=Loop.INTERMEDIATE,
        lap=3,
        sector=2,
        number=1,
        synthesised=True,
    ),
    WeatherSample(happened_at=Instant(4), known_at=Instant(4), air_c=11.5),
]


@pytest.mark.parametrize(
    "event", [*OTHERS, *list(events(crossings(cars=2, hours=0.2)))[:20]], ids=repr
)
def test_an_event_comes_back_from_its_line_of_json(event: TimingEvent) -> None:
    line = encode_event(event)
    assert b"\n" not in line
    assert decode_event(line) == event


def test_an_event_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="event"):
        decode_event(b'{"event":"telepathy","happened_at":1,"known_at":1}')
