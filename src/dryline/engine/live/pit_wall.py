"""One pit wall: a session that goes on, what it shows, and what may be done to it."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

import msgspec

from dryline._version import __version__
from dryline.answers.wall import SessionView, Wall
from dryline.answers.wall_team import Team
from dryline.domain.errors import UnknownCar
from dryline.domain.event import TeamInput
from dryline.domain.tables import CROSSINGS
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.desk import typed_input
from dryline.engine.live.order_sheet import decide
from dryline.engine.live.player import Player
from dryline.engine.live.session import LiveSession
from dryline.engine.live.team_view import team_view
from dryline.engine.live.wall import Memory, public_wall
from dryline.engine.live.wall_charts import ChartAsked, wall_chart
from dryline.engine.live.works import ask_rejoin, ask_what_if, our_car
from dryline.present.charts.grammar import Spec
from dryline.race.fold import RaceState

SETTINGS = "settings"
"""The author of what is chosen, not typed."""
_CAR, _CLASS, _TEAM = (list(CROSSINGS).index(name) for name in ("car_number", "car_class", "team"))


class PitWall:
    """A player's session as the team and the public see it; any thread may call it."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self._lock = threading.Lock()
        self._memory = Memory()
        self._wall: Wall | None = None
        self._teams: tuple[int, dict[str, tuple[str, str]]] = (0, {})

    @property
    def session(self) -> LiveSession:
        """The session."""
        return self.player.session

    def about(self, role: str) -> SessionView:
        """Which session this is and where it stands; cheap."""
        state, clock = self.session.state, self.session.clock
        teams = self._seen(state.race)
        car = our_car(state)
        car_class, team = teams.get(car or "", ("", ""))
        speed = clock.speed if isinstance(clock, ReplayClock) else None
        length = state.race.info.length
        now = max(clock.now(), state.now)
        return SessionView(
            name=state.race.info.name,
            at_ms=now.ms,
            role=role,
            version=__version__,
            version_seq=state.seq,
            series=state.race.info.series,
            length_ms=None if length is None else length.ms,
            length_laps=None if length is None else length.laps,
            replay=isinstance(clock, ReplayClock),
            speed=None if speed is None or math.isinf(speed) else speed,
            paused=isinstance(clock, ReplayClock) and clock.paused,
            ended=all(feed.ended for feed in self.player.feeds),
            simulated=state.race.info.simulated,
            team_name=team or None,
            car_number=car,
            sisters=tuple(
                number
                for number, (other, name) in teams.items()
                if team and (other, name) == (car_class, team) and number != car
            ),
            classes=_classes(state.race, teams),
            wall_clock_lag_ms=now.ms - state.now.ms,
            workers_fault=self.session.workers_fault,
        )

    def wall(self) -> Wall:
        """What everybody may see; worked out once for each state."""
        with self._lock:
            state = self.session.state
            if self._wall is None or self._wall.version != state.seq:
                self._wall = public_wall(state, self._memory)
            return self._wall

    def team(self) -> Team:
        """What the team may see."""
        return team_view(self.session.state)

    def tell(self, author: str, text: str) -> TeamInput:
        """A line typed on the pit wall.

        Raises:
            InputError: where it makes no sense; nothing is kept then.
        """
        return self.session.tell(author, text)

    def decide(self, call: int | None, decision: str, author: str, note: str = "") -> TeamInput:
        """Accept, reject or release a call.

        Raises:
            BadOption: where it cannot stand.
        """
        view = decide(self.session, author, decision, call, note)
        return typed_input(self.session.state, view.number)

    def what_if(self, question: Any) -> int:
        """Ask what a change would do; the number under which the answer will come.

        Raises:
            BadOption: where the question is none, or nobody has said which car is ours.
        """
        asked: Mapping[str, Any] = msgspec.to_builtins(question)
        return ask_what_if(self.session, asked)

    def rejoin(self, car_number: str) -> int:
        """Ask where a car comes out if it boxes now; the number of the answer to come."""
        return ask_rejoin(self.session, self._known(car_number))

    def choose_car(self, car_number: str) -> None:
        """Make this our car.

        Raises:
            UnknownCar: where it is not in the race.
        """
        if our_car(self.session.state) != self._known(car_number):
            self.session.tell(SETTINGS, f"our car {car_number}")

    def chart(self, asked: ChartAsked) -> Spec:
        """A chart of the race as it stands, as a Vega-Lite specification.

        Raises:
            BadOption: for an unknown name, or before there is anything to draw.
            UnknownCar: where a car named is not in the race.
        """
        with self._lock:
            return wall_chart(self.session.state, self._memory, asked)

    def _known(self, car_number: str) -> str:
        cars = self.session.state.race.cars
        if car_number not in cars:
            raise UnknownCar(
                f"no car {car_number[:12]!r} in {self.session.state.race.info.name}",
                remedy=f"Cars: {', '.join(cars)}." if cars else "No car has crossed the line yet.",
            )
        return car_number

    def _seen(self, race: RaceState) -> dict[str, tuple[str, str]]:
        """Class and team of every car, by number."""
        count, teams = self._teams
        if count > len(race.rows) or any(car not in race.cars for car in teams):
            count, teams = 0, {}
        fresh = {row[_CAR]: (row[_CLASS], row[_TEAM]) for row in race.rows.since(count)}
        if any(teams.get(car) != seen for car, seen in fresh.items()):
            teams = {**teams, **fresh}
        self._teams = (len(race.rows), teams)
        return teams


def _classes(race: RaceState, teams: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    """Classes by their best car."""
    order = sorted(race.cars.items(), key=lambda each: (-each[1].lap, each[1].elapsed_ms))
    return tuple(dict.fromkeys(teams[number][0] for number, _ in order if number in teams))
