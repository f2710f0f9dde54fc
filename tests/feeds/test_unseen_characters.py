"""A character that nobody sees, in any text of any file: taken out at reading, with one finding."""

from __future__ import annotations

import msgspec
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dryline.domain.event import encode_event
from dryline.domain.instant import Instant
from dryline.domain.legible import UNSEEN
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.decisions import parse_decisions
from dryline.feeds.events import events
from dryline.feeds.live.lines import LineReader, team_line
from dryline.feeds.mapping import read_mapping
from dryline.feeds.messages import parse_messages, parse_said
from dryline.feeds.remarks import Remarks
from dryline.feeds.said import Hello, Remarked, StatedEvent
from dryline.feeds.team_file import read_team_text
from tests.feeds import made_tables
from tests.made_up import timing_files

FILE = "laps.csv"
SOUND = timing_files.lap_file()
TEXTS = ("driver", "car_class", "team", "manufacturer", "group")
UNSEEABLE = [
    *map(chr, range(1, 9)), *map(chr, range(0x0E, 0x20)), *map(chr, range(0x7F, 0xA0)),
    *"\x0b\x0c",
    *"\u200b\u200e\u202e\u2066\ufeff\ufffe\uffff",
]  # fmt: skip
WORDS = {"driver": "DRIVER_NAME", "car_class": "CLASS"}


def dirty(data: bytes, column: str, row: int, character: str, at: int) -> bytes:
    """The file with ``character`` inside one cell."""
    lines = data.decode().split("\n")
    names = [cell.strip("\ufeff \r") for cell in lines[0].split(";")]
    cells = lines[row].split(";")
    place = names.index(WORDS.get(column, column.upper()))
    cells[place] = cells[place][:at] + character + cells[place][at:]
    lines[row] = ";".join(cells)
    return "\n".join(lines).encode()


@settings(deadline=None)
@given(
    st.sampled_from(TEXTS), st.integers(1, 30), st.sampled_from(UNSEEABLE), st.integers(0, 8)
)  # fmt: skip
def test_in_any_text_column_of_any_row_it_is_taken_out_and_its_line_is_named(
    column: str, row: int, character: str, at: int
) -> None:
    sheet = parse_laps(dirty(SOUND, column, row, character, at), FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    (finding,) = sheet.findings
    assert (finding.kind, finding.file) == ("control_characters", FILE)
    assert (finding.line, finding.rows) == (row + 1, 1)
    assert f"U+{ord(character):04X}" in finding.message


def test_many_of_them_are_one_finding_that_counts_the_lines() -> None:
    data = SOUND.replace(b"Bo de la Cruz", b"Bo\x06 de\x1b la\x06 Cruz")
    sheet = parse_laps(data, FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    (finding,) = sheet.findings
    assert finding.rows == data.count(b"Bo\x06")
    assert finding.line == data[: data.index(b"\x06")].count(b"\n") + 1
    assert "U+0006, U+001B" in finding.message


def test_a_carriage_return_within_a_name_is_a_space_and_no_line_moves() -> None:
    sheet = parse_laps(SOUND.replace(b"Team 92", b"Team\r92"), FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    assert {finding.kind for finding in sheet.findings} == {"control_characters"}


def test_utf_16_is_cleaned_too() -> None:
    data = SOUND.decode("utf-8-sig").replace("Team 92", "Te\ufffeam\x06 92").encode("utf-16")
    sheet = parse_laps(data, FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    assert {f.kind for f in sheet.findings} == {"encoding", "control_characters"}


def test_results_are_cleaned() -> None:
    sound = made_tables.result_file(spec.WEC_RESULTS)
    team = parse_results(sound, "r.csv").results["team"][0]
    data = sound.replace(team.encode(), f"{team[:2]}\x1b{team[2:]}".encode(), 1)
    sheet = parse_results(data, "r.csv")
    assert sheet.results["team"][0] == team
    assert "control_characters" in {finding.kind for finding in sheet.findings}


def test_what_people_write_by_hand_is_cleaned_and_remarked_on() -> None:
    remarks = Remarks("hand.csv")
    (decision,) = parse_decisions(
        b"car_number,kind,reason\n7,reprimand,pit\x1b[2J lane\n", "d", None, remarks
    )
    assert decision.reason == "pit[2J lane"
    messages = parse_messages(b"at,kind,text\n0:01:00,note,a\xc2\x9bb\n", "m", remarks)
    assert messages[0].text == "ab"
    assert [(f.kind, f.line) for f in remarks.findings] == [("control_characters", 2)] * 2
    assert parse_said(["at=0:01:00 kind=note text=a\x1b\udcffb"])[0].text == "ab"
    (typed,) = read_team_text("said.txt", b"0:10:00 A\x1bna: rain\x07 s2\n", remarks)
    assert (typed.author, typed.text, typed.sector) == ("Ana", "rain s2", 2)
    assert remarks.findings[-1].line == 1
    mapping = read_mapping(
        b'[columns]\ncar_number = "C"\nlap_time = "L"\n[defaults]\nteam = "T\\u0006eam"\n', "m.toml"
    )
    assert mapping.defaults["team"] == "Team"


def test_a_feed_is_cleaned_in_every_text_with_one_remark_on_all_lines() -> None:
    reader, frame = LineReader(), timing_files.crossings()
    lap = next(iter(events(parse_laps(SOUND, FILE))))
    odd = {
        name: f"{getattr(lap, name)}\x1b\ud800" for name in ("driver", "car_class", "team", "group")
    }
    hello = b'{"dryline_feed":1,"race":{"name":"Im\\u0006ola"},"sender":"a\\u001b"}\n'
    sound = encode_event(lap) + b"\n"
    line = msgspec.json.encode(
        {**msgspec.json.decode(sound), **{n: v[:-1] for n, v in odd.items()}}
    )
    typed = team_line("An\x1ba", "rain s2", Instant(5))
    said = list(reader.read(hello + sound + line + b"\n" + typed, Instant(9_000_000)))
    facts = [each.event for each in said if isinstance(each, StatedEvent)]
    assert facts[0] == facts[1] == lap
    assert (facts[2].author, facts[2].sector) == ("Ana", 2)
    assert [each.info.name for each in said if isinstance(each, Hello)] == ["Imola"]
    last = [each for each in said if isinstance(each, Remarked)][-1].findings
    assert [(f.kind, f.line, f.rows) for f in last] == [("control_characters", 1, 3)]
    assert frame.height


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"<html")
def test_no_bytes_bring_one_into_a_race(data: bytes) -> None:
    lines = SOUND.split(b"\n")
    lines[3] = lines[3].replace(b"Team", b"Team" + data.replace(b"\n", b"").replace(b'"', b""), 1)
    crossings = parse_laps(b"\n".join(lines), FILE).crossings
    for name, kind in crossings.schema.items():
        if kind == pl.String:
            assert not any(UNSEEN.search(text or "") for text in crossings[name])


def test_a_lone_surrogate_in_json_is_never_a_fact() -> None:
    line = b'{"event":"team","author":"A\\ud800","text":"rain","known_at":1}\n'
    (said,) = LineReader().read(line, Instant(1))
    assert not UNSEEN.search(str(said))
