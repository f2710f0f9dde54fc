"""The stewards' decisions applied to an order: from the road to the result.

Time and lap penalties move a car down among those it is ranked against; then come the back of
the class, disqualification, and last the places that the stewards named, around which the
others close up. Nobody gains by a penalty of his own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import polars as pl

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.entry import Entry
from dryline.domain.errors import BadDecision
from dryline.domain.finding import Finding, Severity
from dryline.rules.book import RuleBook
from dryline.rules.not_classified import NOT_CLASSIFIED
from dryline.rules.scoring import name_key

_FINAL = (DecisionKind.DISQUALIFIED, DecisionKind.PLACED_AT, DecisionKind.BACK_OF_CLASS)
_WITHOUT_START = (DecisionKind.REPRIMAND, DecisionKind.DISQUALIFIED)
_SERVED_ON_TRACK = (DecisionKind.DRIVE_THROUGH, DecisionKind.STOP_AND_GO)
DISQUALIFIED = "disqualified"
DID_NOT_START = "did_not_start"


@dataclass(frozen=True)
class _Car:
    """What ranks a car: its row in the frame, laps and time as ranked, penalties included."""

    row: int
    number: str
    car_class: str
    laps: int
    elapsed_ms: int | None
    classified: bool = True
    penalty_ms: int = 0
    penalty_laps: int = 0
    disqualified: bool = False

    def is_behind(self, other: _Car) -> bool:
        """Whether it ranks behind ``other``: who is classified first, by laps, then time."""
        if self.classified != other.classified:
            return other.classified
        if self.laps != other.laps:
            return self.laps < other.laps
        if self.elapsed_ms is None or other.elapsed_ms is None:
            return False
        return self.elapsed_ms > other.elapsed_ms


def apply_decisions(
    classification: pl.DataFrame,
    decisions: Iterable[Decision],
    *,
    rulebook: RuleBook | None = None,
    race: str | None = None,
    entries: Mapping[str, Entry] | None = None,
) -> tuple[pl.DataFrame, list[Finding]]:
    """The order that follows from ``classification`` by the stewards' ``decisions``.

    ``classification`` has ``position``, ``position_in_class``, ``car_number``, ``car_class``,
    ``laps``, ``elapsed_ms`` and ``status``; other columns are kept. The result has
    ``elapsed_ms`` and ``laps`` with the penalties in them, and ``penalty_ms`` and
    ``penalty_laps``, so that the road can be read back. Decisions for another ``race`` are left
    out. A drive-through or stop that was not served is converted by ``rulebook``; ``entries``
    tells whether a decision's driver is one of the car's.

    Raises:
        BadDecision: an unknown car or driver, a car that did not start, a value that is missing
            or impossible, or decisions that contradict each other.
    """
    frame = classification.sort("position", nulls_last=True, maintain_order=True)
    todo = [each for each in decisions if race is None or each.race in (None, race)]
    _check(frame, todo, {} if entries is None else entries)
    findings: list[Finding] = []
    order = _cars(frame)
    order = _with_penalties(order, todo, rulebook, findings)
    order = _sent_to_the_back(order, todo)
    order = _disqualified(order, todo)
    order = _placed(order, todo)
    return _as_frame(frame, order), findings


def _cars(frame: pl.DataFrame) -> list[_Car]:
    columns = frame.select("car_number", "car_class", "laps", "elapsed_ms", "status").iter_rows()
    return [
        _Car(row, number, car_class, laps or 0, elapsed, status != NOT_CLASSIFIED)
        for row, (number, car_class, laps, elapsed, status) in enumerate(columns)
    ]


def _with_penalties(
    order: list[_Car],
    decisions: Sequence[Decision],
    rulebook: RuleBook | None,
    findings: list[Finding],
) -> list[_Car]:
    added: dict[str, int] = {}
    taken: dict[str, int] = {}
    for each in decisions:
        if each.kind is DecisionKind.TIME_PENALTY:
            added[each.car_number] = added.get(each.car_number, 0) + _ms(each)
        elif each.kind is DecisionKind.LAPS:
            taken[each.car_number] = taken.get(each.car_number, 0) + (each.laps or 0)
        elif each.kind in _SERVED_ON_TRACK and not each.served:
            converted = _converted(each, rulebook, findings)
            added[each.car_number] = added.get(each.car_number, 0) + converted
    penalised = []
    for car in order:
        ms, laps = added.get(car.number, 0), taken.get(car.number, 0)
        if not ms and not laps:
            continue
        if car.elapsed_ms is None and ms:
            findings.append(_note("its time is not known, so the time penalty moves nobody", car))
        elapsed = None if car.elapsed_ms is None else car.elapsed_ms + ms
        penalised.append(
            replace(
                car,
                laps=max(car.laps - laps, 0),
                elapsed_ms=elapsed,
                penalty_ms=ms,
                penalty_laps=laps,
            )
        )
    return _merged(order, penalised)


def _merged(order: list[_Car], penalised: list[_Car]) -> list[_Car]:
    rows = {car.row for car in penalised}
    merged = [car for car in order if car.row not in rows]
    for car in sorted(penalised, key=lambda each: (-each.laps, each.elapsed_ms or 0)):
        ahead = [place for place, other in enumerate(merged) if other.row < car.row]
        place = ahead[-1] + 1 if ahead else 0
        while place < len(merged) and car.is_behind(merged[place]):
            place += 1
        while car.penalty_ms < 0 and place > 0 and merged[place - 1].is_behind(car):
            place -= 1
        merged.insert(place, car)
    return merged


def _sent_to_the_back(order: list[_Car], decisions: Sequence[Decision]) -> list[_Car]:
    sent = _numbers(decisions, DecisionKind.BACK_OF_CLASS)
    for car in [each for each in order if each.number in sent]:
        order = [each for each in order if each.row != car.row]
        places = [place for place, each in enumerate(order) if each.car_class == car.car_class]
        order.insert(places[-1] + 1 if places else car.row, car)
    return order


def _disqualified(order: list[_Car], decisions: Sequence[Decision]) -> list[_Car]:
    out = _numbers(decisions, DecisionKind.DISQUALIFIED)
    stay = [car for car in order if car.number not in out]
    return stay + [replace(car, disqualified=True) for car in order if car.number in out]


def _placed(order: list[_Car], decisions: Sequence[Decision]) -> list[_Car]:
    places = {
        each.car_number: each.position or 0
        for each in decisions
        if each.kind is DecisionKind.PLACED_AT
    }
    final = [car for car in order if car.number not in places]
    moved = [car for car in order if car.number in places]
    for car in sorted(moved, key=lambda each: places[each.number]):
        final.insert(places[car.number] - 1, car)
    return final


def _numbers(decisions: Sequence[Decision], kind: DecisionKind) -> set[str]:
    return {each.car_number for each in decisions if each.kind is kind}


def _as_frame(frame: pl.DataFrame, order: list[_Car]) -> pl.DataFrame:
    in_class: dict[str, int] = {}
    places = []
    for car in order:
        in_class[car.car_class] = in_class.get(car.car_class, 0) + 1
        places.append(in_class[car.car_class])
    status = frame["status"].to_list()
    types = frame.schema
    return frame[[car.row for car in order]].with_columns(
        pl.Series("position", range(1, len(order) + 1), dtype=types["position"]),
        pl.Series("position_in_class", places, dtype=types["position_in_class"]),
        pl.Series("laps", [car.laps for car in order], dtype=types["laps"]),
        pl.Series("elapsed_ms", [car.elapsed_ms for car in order], dtype=types["elapsed_ms"]),
        pl.Series(
            "status",
            [DISQUALIFIED if car.disqualified else status[car.row] for car in order],
            dtype=pl.String,
        ),
        pl.Series("penalty_ms", [car.penalty_ms for car in order], dtype=pl.Int64),
        pl.Series("penalty_laps", [car.penalty_laps for car in order], dtype=pl.Int32),
    )


def _ms(decision: Decision) -> int:
    return round((decision.seconds or 0) * 1000)


def _converted(decision: Decision, rulebook: RuleBook | None, findings: list[Finding]) -> int:
    seconds = None
    if rulebook is not None:
        seconds = rulebook.unserved_seconds(decision.kind, decision.seconds)
    if seconds is None:
        findings.append(
            Finding(
                kind="unserved_penalty_not_converted",
                severity=Severity.WARNING,
                message=(
                    f"the {decision.kind.replace('_', '-')} was not served and its conversion "
                    "is not known for this season: nothing was added"
                ),
                file=decision.file,
                line=decision.line,
                car_number=decision.car_number,
                remedy="Write the time penalty into the decisions, or the conversion into a "
                "rule file of your own.",
            )
        )
        return 0
    return round(seconds * 1000)


def _note(message: str, car: _Car) -> Finding:
    return Finding(
        kind="penalty_without_effect",
        severity=Severity.WARNING,
        message=message,
        car_number=car.number,
    )


def _check(
    frame: pl.DataFrame, decisions: Sequence[Decision], entries: Mapping[str, Entry]
) -> None:
    starters = _starters(frame)
    driven = dict(frame.select("car_number", "laps").iter_rows())
    for each in decisions:
        if each.car_number not in starters:
            remedy = _did_you_mean(each, starters)
            _refuse(each, f"car {each.car_number} is not in this race", remedy)
        if not starters[each.car_number] and each.kind not in _WITHOUT_START:
            _refuse(
                each,
                f"car {each.car_number} did not start, so it cannot be given a {_words(each)}",
                "Take the line out; only a disqualification or a reprimand can stand.",
            )
        if each.driver and each.car_number in entries:
            _check_driver(each, each.driver, entries[each.car_number])
        _check_value(each, len(starters))
        if each.kind is DecisionKind.LAPS and (each.laps or 0) > (driven[each.car_number] or 0):
            _refuse(
                each,
                f"car {each.car_number} has not driven the {each.laps} laps that are taken away",
                f"It has {driven[each.car_number] or 0}; correct the column laps.",
            )
    _check_together(decisions)


def _starters(frame: pl.DataFrame) -> dict[str, bool]:
    rows = frame.select("car_number", "laps", "elapsed_ms", "status").iter_rows()
    return {
        number: status != DID_NOT_START and not (not laps and elapsed is None)
        for number, laps, elapsed, status in rows
    }


def _check_driver(decision: Decision, driver: str, entry: Entry) -> None:
    crew = [each.name for each in entry.drivers]
    if crew and name_key(driver) not in {name_key(name) for name in crew}:
        _refuse(
            decision,
            f"{driver} is not a driver of car {entry.car_number}",
            f"Its drivers: {', '.join(crew)}.",
        )


def _check_value(decision: Decision, field: int) -> None:
    kind = decision.kind
    if kind is DecisionKind.TIME_PENALTY and not decision.seconds:
        remedy = "Fill in the column seconds; below 0 it is a time credit."
        _refuse(decision, "a time_penalty needs seconds other than 0", remedy)
    if kind is DecisionKind.LAPS and (decision.laps or 0) < 1:
        _refuse(decision, "a lap penalty needs laps of 1 or more", "Fill in the column laps.")
    if kind is DecisionKind.PLACED_AT and not 1 <= (decision.position or 0) <= field:
        _refuse(
            decision,
            f"placed_at needs a position from 1 to {field}",
            "Fill in the column position with the overall place.",
        )


def _check_together(decisions: Sequence[Decision]) -> None:
    final: dict[str, Decision] = {}
    places: dict[int | None, Decision] = {}
    for each in decisions:
        if each.kind not in _FINAL:
            continue
        earlier = final.setdefault(each.car_number, each)
        if (earlier.kind, earlier.position) != (each.kind, each.position):
            _refuse(
                each,
                f"car {each.car_number} cannot be both {_words(earlier)} and {_words(each)}",
                f"Keep one{_of_line(earlier)}.",
            )
        if each.kind is not DecisionKind.PLACED_AT:
            continue
        holder = places.setdefault(each.position, each)
        if holder.car_number != each.car_number:
            _refuse(
                each,
                f"cars {holder.car_number} and {each.car_number} cannot both be placed at "
                f"{each.position}",
                f"Correct one of the positions{_of_line(holder)}.",
            )


def _of_line(decision: Decision) -> str:
    return "" if decision.line is None else f"; the other stands in line {decision.line}"


def _words(decision: Decision) -> str:
    words = decision.kind.replace("_", " ")
    return f"{words} {decision.position}" if decision.position else words


def _did_you_mean(decision: Decision, starters: dict[str, bool]) -> str:
    same = [each for each in starters if each.lstrip("0") == decision.car_number.lstrip("0")]
    if same:
        return f"Car numbers are text: did you mean {same[0]}?"
    return f"Cars of this race: {', '.join(sorted(starters, key=lambda n: (len(n), n)))}."


def _refuse(decision: Decision, message: str, remedy: str) -> NoReturn:
    raise BadDecision(message, file=decision.file, line=decision.line, remedy=remedy)
