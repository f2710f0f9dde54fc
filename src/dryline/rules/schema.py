"""What a rule book may say: its sections, each value with its source and confidence.

Every leaf is a ``Stated`` value. What a book leaves out is unknown, never zero.
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")


class Stated(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """A value, who states it, and how far it is believed (``confidence`` in [0, 1]).

    ``confirmed`` is false where nothing but general knowledge or another season stands behind.
    """

    value: T
    source: str
    confidence: float
    confirmed: bool = True
    note: str = ""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a rule book: unknown keys are refused, missing ones are unknown."""


class CrewRules(_Section, frozen=True):
    """Who may share a car: allowed crews by rating (``any`` matches all), and barred ratings."""

    allowed: Stated[list[list[str]]] | None = None
    barred_ratings: Stated[list[str]] | None = None


class RaceEnd(_Section, frozen=True):
    """How a race ends, and what a suspended one pays."""

    flag_to: Stated[Literal["leader_first_crossing_after_time", "distance_or_time"]] | None = None
    half_points_below_share: Stated[float] | None = None  # of the scheduled time
    no_points_below_green_laps: Stated[int] | None = None
    clock_may_stop_under_red: Stated[bool] | None = None


class Classified(_Section, frozen=True):
    """What a car must have done to be classified."""

    min_share_of_distance: Stated[float] | None = None
    of: Stated[Literal["overall_winner", "class_winner"]] | None = None
    must_take_the_flag: Stated[bool] | None = None
    longest_last_lap_s: Stated[float] | None = None  # line to line, or pit exit to line
    last_lap_limited_from_h: Stated[float] | None = None  # shorter races have no such limit


class PitRules(_Section, frozen=True):
    """What a stop may look like."""

    service_order: Stated[Literal["fuel_then_tyres", "together"]] | None = None
    driver_change_while_refuelling: Stated[bool] | None = None
    speed_limit_kmh: Stated[float] | None = None
    crew_max: Stated[int] | None = None
    tyre_mechanics: Stated[int] | None = None
    wheel_guns: Stated[int] | None = None
    minimum_lane_s: Stated[float] | None = None  # pit entry to exit, where one is imposed


class TyreRules(_Section, frozen=True):
    """Which tyres, and when."""

    wets_only_after_declared_wet: Stated[bool] | None = None
    intermediates: Stated[bool] | None = None
    slicks_allowed_on_a_wet_track: Stated[bool] | None = None
    warmers: Stated[bool] | None = None
    wets_limited: Stated[bool] | None = None
    race_allocation: dict[str, Stated[int]] = {}  # "6h" -> tyres per car


class Neutralisation(_Section, frozen=True):
    """What one kind of neutralisation imposes; ``event`` narrows it to one circuit's rule."""

    speed_kmh: Stated[float] | None = None
    entry: Stated[Literal["open", "closed", "emergency_only"]] | None = None
    exit: Stated[Literal["open", "red"]] | None = None
    opens_after_laps: Stated[int] | None = None
    opens_after_min: dict[str, Stated[float]] = {}  # class (or "all") -> usual minutes
    opens_in_order: Stated[list[list[str]]] | None = (
        None  # groups of classes, the first opened first
    )
    short_period_min: Stated[float] | None = None  # below: no pit stops at all
    followed_by: Stated[str] | None = None
    shown_as: Stated[str] | None = None  # the timing files' code
    wave_by: Stated[str] | None = None
    emergency: Stated[str] | None = None
    drive_time_stops: Stated[bool] | None = None
    work_allowed: Stated[bool] | None = None


class DriveTime(_Section, frozen=True):
    """One limit on time at the wheel, for races of ``from_h`` to ``to_h`` hours.

    ``ratings`` empty means every driver. ``window_h`` makes it a maximum in any such window.
    """

    classes: list[str]
    from_h: float
    to_h: float
    ratings: list[str] = []
    minimum_min: Stated[float] | None = None
    maximum_min: Stated[float] | None = None
    window_h: Stated[float] | None = None
    continuous_max_min: Stated[float] | None = None
    rest_min: Stated[float] | None = None


class DriveTimeRules(_Section, frozen=True):
    """The limits, how time is counted, and what a breach costs."""

    without_pit_time: Stated[bool] | None = None
    limits: list[DriveTime] = []
    ratings: dict[str, Stated[str]] = {}  # driver -> rating, where an entry list has none
    breach: Stated[str] | None = None


class PenaltyRules(_Section, frozen=True):
    """How penalties are served, converted, and what offences usually cost."""

    laps_to_serve: Stated[int] | None = None
    drive_through_unserved_s: Stated[float] | None = None
    stop_and_go_unserved_extra_s: Stated[float] | None = None  # on top of its own seconds
    offences: dict[str, Stated[str]] = {}


class Scale(_Section, frozen=True):
    """Points for finishing places, for races of ``from_h`` to ``to_h`` hours.

    ``beyond`` is paid to every place after the last of ``points``.
    """

    name: str
    from_h: float
    to_h: float
    points: Stated[list[int]]
    beyond: Stated[int] | None = None


class PointsRules(_Section, frozen=True):
    """The scales, the extra points, and what a table's ties are broken by."""

    scales: list[Scale] = []
    pole: Stated[int] | None = None
    qualifying: Stated[list[int]] | None = None
    qualifying_beyond: Stated[int] | None = None
    countback: Stated[Literal["wins", "all_places"]] | None = None
    minimum_drive_min: Stated[float] | None = None
    qualifying_races: Stated[list[str]] | None = None  # events that pay as qualifying does
    unscored_drivers_in: dict[str, Stated[str]] = {}


class TableRules(_Section, frozen=True):
    """One championship table: who is ranked in it, and by which places.

    ``by`` says what a row is: a crew's driver, a car of a team, a make. ``registration`` keeps
    only cars so registered; ``rerank`` counts places among those kept. ``one_per_make`` then
    scores a make's best car; ``closed_up`` takes its other cars out of the ranking first,
    otherwise they keep their rank.
    """

    title: str
    car_class: str
    by: Literal["drivers", "teams", "manufacturers"]
    source: str
    confidence: float
    registration: str | None = None
    rerank: bool = False
    one_per_make: bool = False
    closed_up: bool = False
    confirmed: bool = True


class EnduranceCup(_Section, frozen=True):
    """Points at marks inside the race: hours per event, points for places, the rest."""

    marks_h: dict[str, Stated[list[float]]] = {}
    points: Stated[list[int]] | None = None
    beyond: Stated[int] | None = None
    classes: Stated[list[str]] | None = None


class RuleBookText(_Section, frozen=True):
    """A whole rule book, as its file states it."""

    title: str
    series: str
    from_year: int
    to_year: int
    crews: dict[str, CrewRules] = {}
    race_end: RaceEnd = RaceEnd()
    classified: Classified = Classified()
    pit: PitRules = PitRules()
    tyres: TyreRules = TyreRules()
    neutralisations: dict[str, Neutralisation] = {}
    drive_time: DriveTimeRules = DriveTimeRules()
    penalties: PenaltyRules = PenaltyRules()
    points: PointsRules = PointsRules()
    tables: list[TableRules] = []
    endurance_cup: EnduranceCup = EnduranceCup()
