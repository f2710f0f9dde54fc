"""A file of team inputs: what it may hold, and one clear line for what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryline.domain.errors import InputError, UnreadableFile
from dryline.domain.instant import Instant
from dryline.feeds.team_file import read_team_file, read_team_text

SOUND = b"""\xef\xbb\xbf# the pit wall
3:40:00 Ana: 51 energy 43 use 2.9

{"event": "team", "happened_at": 13300000, "author": "Ben", "text": "no wets left"}
3:35 Ben: 31 two tyres, hose 25 s
3:45:00 Ben: undo
3:46:00 Ana: undo 2
"""


def test_typed_lines_and_feed_lines_stand_side_by_side_in_order_of_time() -> None:
    found = read_team_text("said.txt", SOUND)
    assert [each.kind for each in found] == ["tyres", "energy", "stock", "undo", "undo"]
    assert [each.number for each in found] == [3, 1, 2, 4, 5]
    assert found[0].known_at == Instant(3 * 3_600_000 + 35 * 60_000)
    assert [each.undoes for each in found[3:]] == [3, 2]
    assert {each.author for each in found} == {"Ana", "Ben"}


def test_a_feed_line_says_only_what_was_typed() -> None:
    line = b'{"event":"team","happened_at":1,"author":"A","text":"rain","kind":"dry","sector":3}'
    (found,) = read_team_text("said.txt", line)
    assert (found.kind, found.sector) == ("rain", None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("hello", "no time and author"),
        ("3:52:10 Ana: go faster", "no team input"),
        ("1:99:00 Ana: rain", "not a time"),
        ("0:10:00 Ana: undo", "to undo"),
        ("0:10:00 Ana: undo 7", "input 7 to undo"),
        ("{", "no team event"),
        ('{"event": "weather", "happened_at": 1}', "no team event"),
        ('{"event": "team", "author": "A", "text": "rain"}', "no team event"),
        ("[1, 2]", "no time and author"),
    ],
)
def test_a_line_that_says_nothing_known_is_named_with_file_line_and_remedy(
    line: str, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_team_text("said.txt", f"# first\n\n{line}\n".encode())
    assert (caught.value.file, caught.value.line) == ("said.txt", 3)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read_team_text("said.txt", b"\xff\xfe\x00")
    with pytest.raises(UnreadableFile, match="Check the path"):
        read_team_file(tmp_path / "nowhere.txt")
    big = tmp_path / "big.txt"
    big.write_bytes(b"#" * 1_000_001)
    with pytest.raises(UnreadableFile, match="no file of team inputs"):
        read_team_file(big)
    assert read_team_text("empty.txt", b"") == ()
