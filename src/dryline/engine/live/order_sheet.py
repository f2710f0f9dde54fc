"""Decisions on calls, and the order sheet that an accepted call becomes.

Both follow from the state alone. A decision is a typed line (``accept 41: as agreed``), so it is in
the journal like everything else. An accepted call is locked: what is computed afterwards is shown
beside it and changes nothing until somebody releases it.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from dryline.answers.action import Tyres
from dryline.answers.advice import Advice
from dryline.answers.wall_team import DecisionView, OrderSheet, SheetTyres
from dryline.domain.errors import BadOption
from dryline.domain.event import TeamInput
from dryline.domain.flag import NEUTRALISED
from dryline.domain.legible import legible
from dryline.domain.tables import CROSSINGS
from dryline.engine.live.answered import value_of
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import Answered, SessionState
from dryline.engine.live.works import ADVISE
from dryline.race.fold import Row
from dryline.race.team_evidence import in_force

DECISIONS = ("accept", "reject", "release")
RECENT_LAPS = 3
ENTRY_SHARE = 0.05
"""Of a lap, from where the pit lane must be taken to the line: assumed, files do not say."""
PREVIOUS = 10
_CAR, _LAP, _LAP_MS, _AT, _KNOWN, _FLAG, _IN_PIT = (
    list(CROSSINGS).index(name)
    for name in (
        "car_number", "lap", "lap_time_ms", "elapsed_ms", "known_at_ms", "flag", "in_pit",
    )
)  # fmt: skip


def calls(state: SessionState) -> list[Answered]:
    """Every call that was made, oldest first; questions without an answer apart."""
    return [each for each in state.answers if each.kind == ADVISE and each.error is None]


def decisions(state: SessionState) -> tuple[DecisionView, ...]:
    """What was decided, oldest first; a decision that could not stand says why in ``refused``."""
    return tuple(view for view, _ in _walk(in_force(state.race.team), calls(state)))


def decide(
    session: LiveSession, author: str, decision: str, call: int | None = None, note: str = ""
) -> DecisionView:
    """Accept, reject or release a call; the newest call, or the sheet, where none is named.

    Raises:
        BadOption: where it cannot stand: no such call, or another one is locked.
        InputError: where the line cannot be kept.
    """
    if decision not in DECISIONS:
        raise BadOption(f"no decision {decision[:20]!r}", remedy=f"Use {', '.join(DECISIONS)}.")
    named = "" if call is None else f" {call}"
    author, reason = legible(author), " ".join(legible(note).split())
    text = f"{decision}{named}{f': {reason}' if reason else ''}"
    now = session.moment()
    wanted = TeamInput(
        happened_at=now, known_at=now, author=author, kind=decision, text=text,
        refers_to=None if call is None else str(call),
    )  # fmt: skip
    state = session.state
    *_, (view, _) = _walk([*in_force(state.race.team), wanted], calls(state))
    if view.refused is not None:
        raise BadOption(view.refused)
    number = session.tell(author, text).number
    return next(each for each in decisions(session.state) if each.number == number)


def order_sheet(state: SessionState) -> OrderSheet | None:
    """The accepted call as an order; ``None`` where nothing is accepted."""
    made = calls(state)
    locked: Answered | None = None
    entry: TeamInput | None = None
    for _, (held, by) in _walk(in_force(state.race.team), made):
        locked, entry = held, by
    if locked is None or entry is None:
        return None
    advice = value_of(locked, Advice)
    if advice is None:
        return None
    call = advice.call
    mine = [row for row in state.race.rows if row[_CAR] == advice.car_number]
    before = [row for row in mine if row[_KNOWN] <= entry.known_at.ms]
    after = mine[len(before) :]
    sheet = OrderSheet(
        call=locked.ask,
        car_number=advice.car_number,
        action=call.action,
        accepted_by=entry.author,
        accepted_at_ms=entry.known_at.ms,
        as_of_ms=locked.as_of_ms,
        lap=call.lap,
        until_lap=call.until_lap,
        tyres=None if call.tyres is None else _tyres(call.tyres),
        fuel=call.fuel,
        hose_s=call.hose_s,
        energy_pct=call.energy_pct,
        save_pct=call.save_pct,
        driver=call.driver,
        unchanged_laps=len(after),
        words=call.words,
    )
    if sheet.lap is not None:
        sheet = _counted_down(sheet, mine, after, state.now.ms)
    if sheet.state in ("done", "missed"):
        return sheet
    return replace(sheet, superseded_by=_superseded(locked, made))


_Locked = tuple[Answered | None, TeamInput | None]


def _walk(
    inputs: Iterable[TeamInput], made: list[Answered]
) -> Iterator[tuple[DecisionView, _Locked]]:
    """Every decision in turn, and what is locked after it, by whose word."""
    locked: _Locked = (None, None)
    by_number = {answer.ask: answer for answer in made}
    for entry in inputs:
        if entry.kind not in DECISIONS:
            continue
        known = [each for each in made if each.known_ms <= entry.known_at.ms]
        held = locked[0]
        newest = known[-1].ask if known else None
        number = _number(entry.refers_to)
        if entry.refers_to is None:
            number = held.ask if entry.kind == "release" and held is not None else newest
        refused = _refusal(entry, number, {each.ask for each in known}, held)
        if refused is None and entry.kind == "accept" and number is not None:
            locked = (by_number[number], entry)
        elif refused is None and entry.kind == "release":
            locked = (None, None)
        yield _view(entry, number, refused), locked


def _refusal(
    entry: TeamInput, number: int | None, known: set[int], held: Answered | None
) -> str | None:
    if entry.kind == "release":
        if held is None:
            return "nothing is accepted: there is nothing to release"
        return None if number == held.ask else f"call {held.ask} is the one that is accepted"
    if number is None or number not in known:
        return "there is no such call yet" if number is None else f"there is no call {number}"
    if held is None:
        return None
    if entry.kind == "accept":
        return f"call {held.ask} is accepted and locked: release it first"
    return f"call {number} is accepted: release it" if number == held.ask else None


def _number(refers_to: str | None) -> int | None:
    return int(refers_to) if refers_to is not None and refers_to.isdecimal() else None


def _view(entry: TeamInput, number: int | None, refused: str | None) -> DecisionView:
    return DecisionView(
        number=entry.number,
        call=number,
        decision=entry.kind,
        author=entry.author,
        at_ms=entry.known_at.ms,
        note=entry.text.partition(":")[2].strip(),
        refused=refused,
    )


def _tyres(said: Tyres) -> SheetTyres:
    return SheetTyres(kind=said.kind, count=said.count)


def _counted_down(sheet: OrderSheet, mine: list[Row], after: list[Row], now_ms: int) -> OrderSheet:
    """The sheet of a stop with its countdown, or with what became of it."""
    lap = sheet.lap or 0
    if any(row[_IN_PIT] for row in after if row[_LAP] <= lap):
        return replace(sheet, state="done")
    if mine and mine[-1][_LAP] >= lap:
        return replace(sheet, state="missed")
    lap_ms, spread_ms = _pace(mine)
    if lap_ms is None:
        return sheet
    ahead = lap - mine[-1][_LAP]
    commit = round(mine[-1][_AT] + (ahead - ENTRY_SHARE) * lap_ms)
    return replace(
        sheet,
        commit_at_ms=commit,
        commit_sd_ms=round((spread_ms**2 * ahead + (ENTRY_SHARE * lap_ms / 2) ** 2) ** 0.5),
        state="committed" if now_ms >= commit else "ordered",
    )


def _pace(mine: list[Row]) -> tuple[float | None, float]:
    """A car's lap as it runs now, and its spread: the last three alike, or the last one alone."""
    if not mine:
        return None, 0.0
    held = mine[-1][_FLAG] in NEUTRALISED
    alike = [
        float(row[_LAP_MS])
        for row, before in zip(mine[1:], mine, strict=False)
        if (row[_FLAG] in NEUTRALISED) == held and not row[_IN_PIT] and not before[_IN_PIT]
    ][-RECENT_LAPS:]
    if not alike:
        return float(mine[-1][_LAP_MS]), 0.05 * mine[-1][_LAP_MS]
    middle = statistics.median(alike)
    spread = statistics.stdev(alike) if len(alike) > 1 else 0.0
    return middle, max(spread, 0.005 * middle)


def _superseded(locked: Answered, made: list[Answered]) -> int | None:
    """The newest call, where it is about the same car and says otherwise."""
    newest = made[-1]
    if newest.as_of_ms <= locked.as_of_ms:
        return None
    one, other = value_of(locked, Advice), value_of(newest, Advice)
    if one is None or other is None or one.car_number != other.car_number:
        return None
    return newest.ask if _order(one) != _order(other) else None


def _order(advice: Advice) -> tuple[object, ...]:
    """What a call orders, apart from how it is worded."""
    call = advice.call
    if call.action != "box":
        return (call.action,)
    return (call.action, call.lap, call.tyres, call.fuel, call.driver)
