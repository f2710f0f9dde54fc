from __future__ import annotations

import pytest

from dryline.domain.decision import DecisionKind
from dryline.domain.errors import BadDecision, InputError
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.feeds.decisions import parse_decisions, write_decisions
from dryline.feeds.messages import parse_messages, write_messages
from tests.feeds import made_tables


def test_messages_come_in_the_order_in_which_they_became_known():
    messages = parse_messages(made_tables.MESSAGES, "m.csv")
    assert len(messages) == 8
    known = [message.known_at.ms for message in messages]
    assert known == sorted(known)


def test_race_control_and_evidence_are_told_apart_by_kind():
    messages = {m.kind: m for m in parse_messages(made_tables.MESSAGES, "m.csv")}
    flag, rain = messages["flag"], messages["rain"]
    assert isinstance(flag, RaceControlMessage)
    assert (flag.flag, flag.text, flag.source) == (Flag.FCY, "debris, turn 5", "race control")
    assert isinstance(rain, Evidence)
    assert (rain.sector, rain.weight, rain.source) == (2, 0.9, "spotter")
    assert (rain.happened_at, rain.known_at) == (Instant(11_280_000), Instant(11_300_000))
    penalty = messages["penalty"]
    assert isinstance(penalty, RaceControlMessage)
    assert (penalty.car_number, penalty.penalty, penalty.laps_to_serve) == (
        "007",
        "drive_through",
        3,
    )
    forecast = messages["rain_forecast"]
    assert isinstance(forecast, Evidence)
    assert (forecast.from_at, forecast.until) == (Instant(11_100_000), Instant(13_200_000))


def test_messages_survive_writing():
    messages = parse_messages(made_tables.MESSAGES, "m.csv")
    assert parse_messages(write_messages(messages), "m.csv") == messages


def test_fractions_of_a_second_survive_writing():
    messages = parse_messages(b"at,kind\n0:00:01.250,vsc\n", "m.csv")
    assert messages[0].happened_at == Instant(1250)
    assert parse_messages(write_messages(messages), "m.csv") == messages


def test_semicolons_marks_and_windows_line_ends_are_taken_too():
    data = b"\xef\xbb\xbfAT;KIND;FLAG\r\n0:10:00;flag;GF\r\n"
    (message,) = parse_messages(data, "m.csv")
    assert isinstance(message, RaceControlMessage)
    assert message.flag is Flag.GREEN


def test_a_file_without_messages_is_no_error():
    assert parse_messages(b"", "m.csv") == ()
    assert parse_messages(b"at,kind\n", "m.csv") == ()


@pytest.mark.parametrize(
    ("row", "said", "remedy"),
    [
        ("1:00:00,flga,", "unknown kind", "Did you mean flag"),
        ("1:00:00,flag,", "flag is missing", "Fill in"),
        ("1:00:00,flag,mauve", "unknown flag", "green"),
        (",vsc,", "at is missing", "Fill in"),
        ("later,vsc,", "no race time", "H:MM:SS"),
        ("-0:01:00,vsc,", "negative", "start"),
        ("1:00:00,rain,green", "does not go with", "empty"),
        ("1:00:00,vsc,,x", "4 cells", "double quotes"),
        ("1:00:00,penalty,", "car_number is missing", "Fill in"),
    ],
)
def test_a_bad_message_names_file_line_and_remedy(row, said, remedy):
    data = f"at,kind,flag\n0:10:00,vsc,\n{row}\n".encode()
    with pytest.raises(InputError, match=r"m\.csv, line 3") as raised:
        parse_messages(data, "m.csv")
    assert said in str(raised.value)
    assert remedy in str(raised.value)


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("at,kind,sector", "0:01:00,rain,12", "sector"),
        ("at,kind,weight", "0:01:00,rain,1.5", "weight"),
        ("at,kind,probability", "0:01:00,rain,nan", "probability"),
        ("at,kind,known_at", "0:01:00,rain,0:00:30", "before"),
        ("at,kind,from,until", "0:01:00,rain_forecast,0:20:00,0:10:00", "until"),
        ("at,kind,car_no", "0:01:00,rain,7", "Did you mean car_number"),
        ("at,kind,text,text", "0:01:00,note,a,b", "twice"),
        ("when,kind", "0:01:00,rain", "no column at"),
    ],
)
def test_a_bad_column_or_value_is_named(header, row, said):
    with pytest.raises(InputError, match=said):
        parse_messages(f"{header}\n{row}\n".encode(), "m.csv")


def test_a_web_page_is_no_messages_file():
    with pytest.raises(InputError, match="web page"):
        parse_messages(b"<html></html>", "m.csv")


def test_decisions_of_one_race_are_those_that_name_it_or_none():
    everything = parse_decisions(made_tables.DECISIONS, "d.csv")
    assert [d.car_number for d in everything] == ["52", "007", "7", "8"]
    here = parse_decisions(made_tables.DECISIONS, "d.csv", race="imsa/2022/here")
    assert [d.car_number for d in here] == ["52", "007", "8"]
    as_path = parse_decisions(made_tables.DECISIONS, "d.csv", race="../data/imsa/2022/here/")
    assert as_path == here


def test_a_decision_carries_its_numbers_reason_and_line():
    penalty, placed, laps, out = parse_decisions(made_tables.DECISIONS, "d.csv")
    assert (penalty.kind, penalty.seconds, penalty.reason, penalty.line) == (
        DecisionKind.TIME_PENALTY,
        37.0,
        "contact, turn 1",
        2,
    )
    assert (placed.kind, placed.position) == (DecisionKind.PLACED_AT, 30)
    assert (laps.kind, laps.laps) == (DecisionKind.LAPS, 2)
    assert out.kind is DecisionKind.DISQUALIFIED


def test_all_kinds_of_decision_can_be_written_and_read():
    rows = "".join(f"7,{kind},5,1,3,9,why\n" for kind in DecisionKind)
    data = f"car_number,kind,seconds,laps,position,lap,reason\n{rows}".encode()
    decisions = parse_decisions(data, "d.csv")
    assert [d.kind for d in decisions] == list(DecisionKind)
    assert parse_decisions(write_decisions(decisions), "d.csv") == decisions


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("7,time_penalti,5", "Did you mean time_penalty"),
        ("7,time_penalty,", "seconds is missing"),
        ("7,time_penalty,lots", "Write a number"),
        ("7,laps,", "laps is missing"),
        ("7,placed_at,", "position is missing"),
        (",disqualified,", "car_number is missing"),
        ("7,,", "kind is missing"),
    ],
)
def test_a_bad_decision_names_file_line_and_remedy(row, said):
    with pytest.raises(BadDecision, match=r"d\.csv, line 2") as raised:
        parse_decisions(f"car_number,kind,seconds\n{row}\n".encode(), "d.csv")
    assert said in str(raised.value)


def test_an_unknown_column_of_decisions_is_refused():
    with pytest.raises(BadDecision, match="Did you mean seconds"):
        parse_decisions(b"car_number,kind,second\n7,time_penalty,5\n", "d.csv")


@pytest.mark.needs_data
def test_the_published_decisions_parse(data):
    raw = (data / "imsa-steward-decisions.csv").read_bytes()
    decisions = parse_decisions(raw, "imsa-steward-decisions.csv")
    assert len(decisions) == 22
    assert all(decision.reason for decision in decisions)
