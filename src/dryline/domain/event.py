"""Timing events: the closed union of facts that a feed can state.

Every event says when it happened (``happened_at``, at the timing loop or on the road) and when
it became known to us (``known_at``). Everything is ordered by ``known_at``; what is said at *t*
uses only events with ``known_at <= t``. In a timing file every fact of a row becomes known at
that row's crossing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.domain.loop import Loop


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    happened_at: Instant
    known_at: Instant


class LineCrossing(_Event, frozen=True, kw_only=True, tag="line_crossing", omit_defaults=True):
    """A car completed a lap: one row of a lap file.

    ``in_pit`` says that it crossed the line in the pits (the lap is an in-lap); ``pit_lane`` is
    the time from pit entry to pit exit, stated with the out-lap. ``flag`` is the state at the
    instant of crossing, ``None`` where the file has no flag column. ``extras`` keeps the
    provider's columns that Dryline does not know, as text.
    """

    car_number: str
    lap: int
    lap_time: Duration
    sectors: tuple[Duration | None, Duration | None, Duration | None]
    driver: str
    driver_seat: int | None = None
    car_class: str = ""
    team: str = ""
    manufacturer: str = ""
    group: str = ""
    flag: Flag | None = None
    in_pit: bool = False
    pit_lane: Duration | None = None
    top_speed_kmh: float | None = None
    speed_kmh: float | None = None
    time_of_day: Duration | None = None
    line: int | None = None
    extras: dict[str, str] = {}


class LoopPassing(_Event, frozen=True, kw_only=True, tag="loop_passing", omit_defaults=True):
    """A car passed a timing loop between two crossings of the line.

    ``sector`` is the sector that ended, or the one that an intermediate loop lies in;
    ``number`` counts the intermediate loops of a sector from 1. ``lap`` is the lap that the car
    was on; left out, the one after the last that it is known to have completed by then.
    ``synthesised``: no loop saw it; it was worked out from times that a file states later.
    """

    car_number: str
    loop: Loop
    lap: int | None = None
    sector: int | None = None
    number: int | None = None
    synthesised: bool = False


class RaceControlMessage(_Event, frozen=True, kw_only=True, tag="race_control", omit_defaults=True):
    """Race control said something: a flag, the pit lane, a declaration, an investigation.

    ``kind`` is one of ``flag``, ``vsc``, ``track_declared_wet``, ``track_declared_dry``,
    ``pit_lane_open``, ``pit_lane_closed``, ``investigation``, ``penalty``, ``note``.
    ``value`` carries what belongs to it: the flag, the penalty's kind, a sector.
    """

    kind: str
    text: str = ""
    flag: Flag | None = None
    sector: int | None = None
    car_number: str | None = None
    car_class: str | None = None
    penalty: str | None = None
    laps_to_serve: int | None = None
    seconds: float | None = None
    source: str = "race control"


class Evidence(_Event, frozen=True, kw_only=True, tag="evidence", omit_defaults=True):
    """Somebody outside the timing saw or forecast something.

    ``kind`` is ``rain``, ``wet``, ``dry``, ``slow_zone``, ``rain_forecast`` or ``tyre``.
    ``weight`` in [0, 1] says how far the source is believed; a team's own sight of a tyre beats
    inference and is marked as seen. ``from_at`` and ``until`` bound a forecast.
    """

    kind: str
    source: str
    weight: float = 0.5
    sector: int | None = None
    intensity: float | None = None
    probability: float | None = None
    from_at: Instant | None = None
    until: Instant | None = None
    car_number: str | None = None
    tyre: str | None = None
    text: str = ""


class WeatherSample(_Event, frozen=True, kw_only=True, tag="weather", omit_defaults=True):
    """One row of a weather file, in SI units and degrees Celsius.

    ``rain`` is what the sensor said; in the published files it is useless.
    """

    air_c: float | None = None
    track_c: float | None = None
    humidity_pct: float | None = None
    pressure_hpa: float | None = None
    wind_ms: float | None = None
    wind_from_deg: float | None = None
    rain: float | None = None


class Correction(_Event, frozen=True, kw_only=True, tag="correction", omit_defaults=True):
    """The feed takes back what it said of one lap, and says what holds instead.

    ``car_number`` and ``lap`` name the lap as it was stated; ``crossing`` is what holds now,
    ``None`` where it never was. Afterwards the race is as if only the corrected crossing had
    ever been stated, known since the correction.
    """

    car_number: str
    lap: int
    crossing: LineCrossing | None = None
    reason: str = ""


HEARD = "heard"
"""The kind of a team input that counts for nothing: a feed said it in the team's name."""


class TeamInput(_Event, frozen=True, kw_only=True, tag="team", omit_defaults=True):
    """Somebody on the pit wall typed a fact or a decision: ``31 two tyres``.

    ``kind`` is one of ``tyres`` (``tyre``, ``tyre_count``), ``energy`` (``energy_pct``),
    ``fuel`` (``fuel_l`` or ``fuel_laps``), ``driver``, ``plan`` (stops on ``lap``), ``damage``
    (``seconds`` a lap), ``retired``, ``rain``, ``wet``, ``dry`` (``sector``), ``accept``,
    ``reject``, ``release`` (``refers_to`` a call), ``note``, ``undo`` (``undoes``), ``hose``
    (``hose_s``), ``our_car``, ``splits`` (``entry_s``, ``hose_s``, ``tyres_s``, ``release_s``),
    ``set`` (``tyre_set``, ``tyre``, ``side``, ``age_laps``, ``left_pct``), ``stock`` (none left of
    ``tyre``), ``order`` (``drivers``), ``pin`` (``driver`` drives ``until``), ``driver_out`` and
    ``driver_back`` (``driver``), ``no_change`` (nobody gets in at ``stop``), ``no_stop`` (on the
    laps ``lap`` to ``last_lap``), ``heard`` (a feed's own words, which count for nothing).
    ``per_lap`` goes with energy and fuel, in the unit of the level.
    Empty: the text is still to be read. ``number`` counts the inputs of a session from 1.
    """

    author: str
    kind: str = ""
    text: str = ""
    number: int = 0
    car_number: str | None = None
    tyre: str | None = None
    tyre_count: int | None = None
    energy_pct: float | None = None
    fuel_l: float | None = None
    fuel_laps: float | None = None
    driver: str | None = None
    lap: int | None = None
    seconds: float | None = None
    sector: int | None = None
    refers_to: str | None = None
    undoes: int | None = None
    per_lap: float | None = None
    hose_s: float | None = None
    entry_s: float | None = None
    tyres_s: float | None = None
    release_s: float | None = None
    tyre_set: str | None = None
    side: str | None = None
    age_laps: int | None = None
    left_pct: float | None = None
    drivers: tuple[str, ...] = ()
    until: Instant | None = None
    stop: int | None = None
    last_lap: int | None = None


TimingEvent = (
    LineCrossing
    | LoopPassing
    | RaceControlMessage
    | Evidence
    | WeatherSample
    | Correction
    | TeamInput
)
"""Everything a feed can state. Closed: a new fact is a new member here."""


def encode_event(event: TimingEvent) -> bytes:
    """One event as one line of JSON; times are whole milliseconds."""
    return _ENCODER.encode(event)


def decode_event(line: bytes | str) -> TimingEvent:
    """The event in one line of JSON.

    Raises:
        msgspec.ValidationError: where a field is missing or of the wrong type.
    """
    return _DECODER.decode(line)


def _to_ms(value: Any) -> int:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


def _from_ms(kind: type, value: Any) -> Any:
    if kind in (Instant, Duration):
        return kind(value)
    raise NotImplementedError(kind.__name__)


_ENCODER = msgspec.json.Encoder(enc_hook=_to_ms)
_DECODER: msgspec.json.Decoder[TimingEvent] = msgspec.json.Decoder(TimingEvent, dec_hook=_from_ms)
