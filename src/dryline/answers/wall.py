"""What the pit wall shows to everybody: the race worked out, and which session it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from dryline.answers.answer import Part, alike, means
from dryline.answers.forecast import CarChances, Forecast
from dryline.answers.live_track import LiveTrack
from dryline.answers.quantities import Quantiles, WetsAgainstSlicks
from dryline.answers.spells import Against, Contradictions, Spells
from dryline.answers.track import CrossoverAhead
from dryline.answers.tyre_kinds import PKinds
from dryline.answers.wall_field import DriverTime, NeutralisationView, PenaltyView, StintView
from dryline.domain.fields import (
    Futures,
    PRainBySector,
    PWetBySector,
    RaceName,
    Seen,
    Simulated,
    TrendBySector,
    WetnessBySector,
    WhyKnown,
)
from dryline.domain.instant import Duration, Instant

AsOf = Annotated[int, means("the instant that it is about", "ms since the start")]
Known = Annotated[int, means("the instant at which it was there", "ms since the start")]


class SessionView(Part, frozen=True, kw_only=True):
    """Which session this is and where it stands."""

    name: RaceName
    at_ms: Annotated[int, means("where the race is now", "ms since the start")]
    role: Annotated[str, means("what the one who asks may do: viewer, strategist or admin")]
    version: Annotated[str, means("Dryline's version")]
    version_seq: Annotated[int, means("how many records the session has, less one")]
    series: Annotated[str | None, means("the series; null: not known")] = None
    length_ms: Annotated[int | None, means("the scheduled length, where it is a time", "ms")] = None
    length_laps: Annotated[int | None, means("the same, where it is in laps")] = None
    replay: Annotated[bool, means("whether the race is shown again and not on")] = False
    speed: Annotated[
        float | None,
        means("race seconds per second; null: as fast as possible, or a race that is on"),
    ] = None
    paused: Annotated[bool, means("whether the replay stands still")] = False
    ended: Annotated[bool, means("whether no feed has anything more to say")] = False
    simulated: Simulated = False
    team_name: Annotated[str | None, means("our team; null: nobody has chosen a car")] = None
    car_number: Annotated[str | None, means("our car; null: nobody has chosen one")] = None
    sisters: Annotated[tuple[str, ...], means("the other cars of our team in our class")] = ()
    classes: Annotated[tuple[str, ...], means("the classes, by their best car")] = ()
    wall_clock_lag_ms: Annotated[
        int, means("how far what is shown lies behind the clock", "ms")
    ] = 0
    workers_fault: Annotated[
        str, means("what is wrong with the processes that work out answers; empty: nothing")
    ] = ""


class PitLaneView(Part, frozen=True, kw_only=True):
    """Whether a class may enter the pits."""

    state: Annotated[str, means("open, closed or unknown")]
    why: WhyKnown
    opens_at_ms: Annotated[
        int | None, means("when it opens; null: it is open, or nobody knows", "ms since the start")
    ] = None


class TrackView(Part, frozen=True, kw_only=True):
    """How wet each of the three sectors is, and where it is going."""

    as_of_ms: AsOf
    wetness: WetnessBySector
    sd: Annotated[tuple[float, ...], means("their standard deviations")]
    p_wet: PWetBySector
    p_rain: PRainBySector
    trend: TrendBySector
    words: Annotated[str, means("the present state in one sentence")]
    reference: Against
    spells: Spells
    contradictions: Contradictions

    @classmethod
    def of(cls, track: LiveTrack) -> TrackView:
        """From the answer."""
        return alike(cls, track, as_of_ms=track.at_ms)


class TyreView(Part, frozen=True, kw_only=True):
    """A car's tyres as inferred, or as seen by somebody; its age in laps and its range."""

    p_wet: Annotated[
        float | None, means("probability of wets; null: not read since it stopped")
    ] = None
    seen: Seen = False
    age_laps: Annotated[int | None, means("laps since the last stop: the least age")] = None
    laps_left: Annotated[
        float | None, means("laps that it can go before it must stop, as its class usually does")
    ] = None
    range_sd: Annotated[float | None, means("standard deviation of `laps_left`")] = None
    kinds: Annotated[
        PKinds | None,
        means(
            "probability of each kind of tyre by name; null where the series has slicks and wets "
            "only, or nothing is known"
        ),
    ] = None


class OutlookView(Part, frozen=True, kw_only=True):
    """How the race may end for a car, in short."""

    p_win_class: Annotated[float, means("probability of winning its class")]
    p_win: Annotated[float, means("probability of winning the race")]
    p_podium_class: Annotated[float, means("probability of the first three places in class")]
    p_retire: Annotated[float, means("probability of retiring")]
    laps: Annotated[Quantiles, means("laps at the flag")]
    stops_left: Annotated[Quantiles, means("stops until the flag")]

    @classmethod
    def of(cls, car: CarChances) -> OutlookView:
        """From the answer: to four places, which a screen every two minutes need not exceed."""
        return cls(
            p_win_class=round(car.p_win_class, 4),
            p_win=round(car.p_win, 4),
            p_podium_class=round(car.p_podium_class, 4),
            p_retire=round(car.p_retire, 4),
            laps=car.laps,
            stops_left=car.stops_left,
        )


class ForecastView(Part, frozen=True, kw_only=True):
    """The newest forecast."""

    as_of_ms: AsOf
    known_ms: Known
    replicates: Futures
    cars: Annotated[Mapping[str, OutlookView], means("every starter, by its number")]
    simulated: Annotated[bool, means("always: the futures are driven by the simulator")] = True

    @classmethod
    def of(cls, forecast: Forecast, known_ms: int) -> ForecastView:
        """From the answer and when it was there."""
        return cls(
            as_of_ms=forecast.at_ms,
            known_ms=known_ms,
            replicates=forecast.replicates,
            cars={car.car_number: OutlookView.of(car) for car in forecast.cars},
        )


class WeatherView(Part, frozen=True, kw_only=True):
    """The latest weather sample."""

    at_ms: Annotated[int, means("when it was taken", "ms since the start")]
    air_c: Annotated[float | None, means("of the air", "°C")] = None
    track_c: Annotated[float | None, means("of the track", "°C")] = None


class Wall(Part, frozen=True, kw_only=True):
    """What the pit wall has worked out, for all to see; nothing of the team's is in it."""

    version: Annotated[int, means("how many records the session has, less one")]
    as_of_ms: AsOf
    simulated: Simulated
    pit_lane: Annotated[Mapping[str, PitLaneView], means("the pit lane, by class")] = {}
    wet_declared_ms: Annotated[
        int | None,
        means("since when race control has declared the track wet; null", "ms since the start"),
    ] = None
    track: Annotated[TrackView | None, means("how wet it is; null: not read yet")] = None
    classes: Annotated[
        Mapping[str, WetsAgainstSlicks], means("wets against slicks now, by class")
    ] = {}
    tyres: Annotated[Mapping[str, TyreView], means("tyres and range, by car")] = {}
    forecast: Annotated[ForecastView | None, means("the newest; null: none yet")] = None
    worm: Annotated[
        Mapping[str, Mapping[str, tuple[tuple[int, float], ...]]],
        means(
            "by class, then by car: instants in ms since the start and the probability of winning "
            "the class then, for the six cars that ever stood highest"
        ),
    ] = {}
    stints: Annotated[tuple[StintView, ...], means("every stint so far")] = ()
    neutralisations: Annotated[tuple[NeutralisationView, ...], means("every period so far")] = ()
    penalties: Annotated[tuple[PenaltyView, ...], means("every one given so far")] = ()
    driver_time: Annotated[
        Mapping[str, tuple[DriverTime, ...]], means("time at the wheel, by car")
    ] = {}
    weather: Annotated[WeatherView | None, means("the latest sample; null: none")] = None
    crossovers_ahead: Annotated[
        Mapping[str, CrossoverAhead],
        means("when the faster tyre changes next, by class; empty on a dry track"),
    ] = {}


def encoded_wall(value: msgspec.Struct) -> bytes:
    """As JSON, once, for everybody who may see it."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)
