"""The shapes of what the pit wall shows: one for everybody, one for the team, one of the session.

All instants are whole milliseconds since the start of the race; what cannot be told is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dryline.answers.words import Words
from dryline.domain.instant import Duration, Instant


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Which session this is and where it stands.

    ``speed`` is race seconds per second, null where it runs as fast as possible or where the race
    is live. ``car_number`` is our car, ``sisters`` the other cars of its team. ``version`` is
    Dryline's, ``version_seq`` counts the session's records. ``wall_clock_lag_ms`` is how far what
    is shown lies behind the clock. ``workers_fault`` says what is wrong with the processes that
    work out forecasts and calls, empty where nothing is.
    """

    name: str
    at_ms: int
    role: str
    version: str
    version_seq: int
    series: str | None = None
    length_ms: int | None = None
    length_laps: int | None = None
    replay: bool = False
    speed: float | None = None
    paused: bool = False
    ended: bool = False
    simulated: bool = False
    team_name: str | None = None
    car_number: str | None = None
    sisters: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    wall_clock_lag_ms: int = 0
    workers_fault: str = ""


class PitLane(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a class may enter the pits: ``state`` is open, closed or unknown."""

    state: str
    why: str
    opens_at_ms: int | None = None


class TrackView(msgspec.Struct, frozen=True, kw_only=True):
    """How wet each of the three sectors is, from 0 (dry) to 1, and where it is going.

    ``trend`` is ``raining``, ``wetting``, ``drying`` or ``steady``.
    """

    as_of_ms: int
    wetness: tuple[float, ...]
    sd: tuple[float, ...]
    p_wet: tuple[float, ...]
    p_rain: tuple[float, ...]
    trend: tuple[str, ...]


class ClassContrast(msgspec.Struct, frozen=True, kw_only=True):
    """Wets against slicks now: what a lap takes longer on wets, in ms; negative: less."""

    wet_minus_slick_ms: int
    sd_ms: int
    p_wet_faster: float


class TyreView(msgspec.Struct, frozen=True, kw_only=True):
    """A car's tyres as inferred, or as seen by somebody; its age in laps and its range.

    ``laps_left`` is how many laps it can go before it must stop, as its class usually does.
    """

    p_wet: float | None = None
    seen: bool = False
    age_laps: int | None = None
    laps_left: float | None = None
    range_sd: float | None = None


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast quantity: 10, 50 and 90 % quantiles."""

    p10: float
    p50: float
    p90: float


class CarOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """How the race may end for a car."""

    p_win_class: float
    p_win: float
    p_podium_class: float
    p_retire: float
    laps: Band
    stops_left: Band


class ForecastView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest forecast: what it was made of (``as_of_ms``), when it was there (``known_ms``)."""

    as_of_ms: int
    known_ms: int
    replicates: int
    cars: Mapping[str, CarOutlook]
    simulated: bool = True


class StintView(msgspec.Struct, frozen=True, kw_only=True):
    """A stint from pit exit to pit entry; ``end_ms`` is the last crossing of one that goes on.

    ``wet`` is whether it is believed to be on wets, null where nothing tells.
    """

    car_number: str
    number: int
    driver: str
    start_ms: int
    end_ms: int
    laps: int
    wet: bool | None = None
    running: bool = False


class NeutralisationView(msgspec.Struct, frozen=True, kw_only=True):
    """A neutralised period; ``end_ms`` is null while it is in force."""

    kind: str
    start_ms: int
    end_ms: int | None = None


class PenaltyView(msgspec.Struct, frozen=True, kw_only=True):
    """A penalty that race control has given; ``served`` is null where it cannot be told.

    ``laps_left`` is how many laps the car has to serve it in.
    """

    car_number: str
    kind: str
    since_ms: int
    text: str
    seconds: float | None = None
    served: bool | None = None
    laps_left: int | None = None


class DriverTime(msgspec.Struct, frozen=True, kw_only=True):
    """What a driver has driven, and the rule book's bounds; ``alarm`` says what threatens."""

    driver: str
    driven_ms: int
    min_ms: int | None = None
    max_ms: int | None = None
    alarm: str | None = None
    driving: bool = False


class WeatherView(msgspec.Struct, frozen=True, kw_only=True):
    """The latest weather sample."""

    at_ms: int
    air_c: float | None = None
    track_c: float | None = None


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """What the pit wall has worked out, for all to see; nothing of the team's is in it.

    ``worm`` holds per class and car the probability of winning the class over time.
    """

    version: int
    as_of_ms: int
    simulated: bool
    pit_lane: Mapping[str, PitLane] = {}
    wet_declared_ms: int | None = None
    track: TrackView | None = None
    classes: Mapping[str, ClassContrast] = {}
    tyres: Mapping[str, TyreView] = {}
    forecast: ForecastView | None = None
    worm: Mapping[str, Mapping[str, tuple[tuple[int, float], ...]]] = {}
    stints: tuple[StintView, ...] = ()
    neutralisations: tuple[NeutralisationView, ...] = ()
    penalties: tuple[PenaltyView, ...] = ()
    driver_time: Mapping[str, tuple[DriverTime, ...]] = {}
    weather: WeatherView | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call for our car; ``number`` is what a decision refers to.

    ``advice`` is the object of ``dryline advise``, with ``as_of_ms`` the instant that it is about
    and ``known_ms`` the instant at which it was there.
    """

    number: int
    as_of_ms: int
    known_ms: int
    advice: msgspec.Raw
    elapsed_s: float | None = None


class PastCall(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier call in short: what it said, and by how much."""

    number: int
    as_of_ms: int
    known_ms: int
    key: str
    action: str
    lap: int | None = None
    margin: float | None = None
    unit: str | None = None
    decision: str | None = None
    words: str = ""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is being worked on."""

    number: int
    kind: str
    as_of_ms: int


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if of the team: ``result`` once it is there, or ``error`` in one line."""

    number: int
    question: Mapping[str, Any]
    as_of_ms: int
    known_ms: int | None = None
    result: msgspec.Raw | None = None
    error: str | None = None


class InputView(msgspec.Struct, frozen=True, kw_only=True):
    """A line that somebody typed on the pit wall."""

    number: int
    author: str
    at_ms: int
    kind: str
    text: str
    undone: bool = False
    car_number: str | None = None


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on a call: accept, reject or release."""

    number: int
    call: int | None
    decision: str
    author: str
    at_ms: int
    note: str = ""
    refused: str | None = None


class SheetTyres(msgspec.Struct, frozen=True, kw_only=True):
    """Which tyres go on; ``count`` is null where it is the crew's choice."""

    kind: str | None = None
    count: int | None = None


class OrderSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The accepted call as an order, locked until it is released.

    ``state`` is ``ordered``, ``committed`` (past the pit entry), ``done`` or ``missed``.
    ``commit_at_ms`` is when the car must turn into the pits, from its recent laps;
    ``superseded_by`` is a newer call that says otherwise: the order stands all the same.
    """

    call: int
    car_number: str
    action: str
    accepted_by: str
    accepted_at_ms: int
    as_of_ms: int
    state: str = "ordered"
    lap: int | None = None
    until_lap: int | None = None
    tyres: SheetTyres | None = None
    fuel: str | None = None
    hose_s: float | None = None
    energy_pct: float | None = None
    save_pct: float | None = None
    driver: str | None = None
    commit_at_ms: int | None = None
    commit_sd_ms: int | None = None
    unchanged_laps: int = 0
    superseded_by: int | None = None
    words: Words | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The latest word typed on one quantity of a car."""

    value: Any
    author: str
    at_ms: int
    number: int


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """What is for the team's eyes alone.

    ``said`` holds per car what the inputs in force say now: ``tyres``, ``energy_pct``,
    ``fuel_l``, ``fuel_laps``, ``driver``, ``plan``, ``damage_s``, ``retired``.
    ``call_error`` says why there is no newer call.
    """

    version: int
    at_ms: int
    car_number: str | None = None
    call: Call | None = None
    call_error: str | None = None
    previous_calls: tuple[PastCall, ...] = ()
    rejoin: msgspec.Raw | None = None
    asking: tuple[Asking, ...] = ()
    what_ifs: tuple[WhatIf, ...] = ()
    inputs: tuple[InputView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    order_sheet: OrderSheet | None = None
    said: Mapping[str, Mapping[str, Said]] = {}


def encoded_wall(value: SessionView | Wall | Team) -> bytes:
    """As JSON, once, for everybody who may see it."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)
