"""The reference sender: what it counts as sent, and when it tries again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.live import sender
from dryline.feeds.live.sender import TimedLine, race_lines, send_to
from dryline.feeds.synthesised_loops import synthesised_loops
from tests.made_up.field import crossings

LINES = [TimedLine(0, b'{"seq":%d,"heartbeat":true}\n' % seq) for seq in (1, 2, 3)]


def _heard_by(
    *receivers: Callable[[ServerConnection], None],
) -> tuple[bool, list[list[dict[str, object]]]]:
    """Whether all was sent, and what each receiver, one after another, was told until it left."""
    heard: list[list[dict[str, object]]] = []
    waiting = list(receivers)

    def receive(connection: ServerConnection) -> None:
        told: list[dict[str, object]] = []
        had = max((int(str(line.get("seq", 0))) for part in heard for line in part), default=0)
        heard.append(told)
        connection.send(json.dumps({"dryline_feed": 1, "resume_after": had}))
        while not told or "goodbye" not in told[-1]:
            told.append(json.loads(connection.recv()))
        waiting.pop(0)(connection)

    with serve(receive, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        sent = send_to(f"ws://127.0.0.1:{port}", LINES, RaceInfo(name="made up"), 1e9)
    return sent, heard


def _closes(connection: ServerConnection) -> None:
    connection.close()


def _goes_without_a_word(connection: ServerConnection) -> None:
    with closing(connection.socket):
        connection.socket.shutdown(2)


def _closes_for_a_fault(connection: ServerConnection) -> None:
    connection.close(1011, "keepalive ping timeout")


def _stays(connection: ServerConnection) -> None:
    with pytest.raises(ConnectionClosed):
        connection.recv()


def test_a_receiver_that_closes_has_everything() -> None:
    sent, heard = _heard_by(_closes)
    assert sent
    assert [[line.get("seq") for line in told] for told in heard] == [[None, 1, 2, 3, None]]


@pytest.mark.parametrize("goes", [_goes_without_a_word, _closes_for_a_fault])
def test_a_receiver_that_is_lost_after_the_goodbye_is_told_the_rest_again(
    goes: Callable[[ServerConnection], None],
) -> None:
    sent, heard = _heard_by(goes, _closes)
    assert sent
    assert [line.get("seq") for line in heard[1]] == [None, None]
    assert heard[1][-1] == {"goodbye": True}


def test_a_receiver_that_never_closes_is_left_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "_LET_GO_S", 0.2)
    sent, heard = _heard_by(_stays)
    assert sent
    assert len(heard) == 1


@pytest.mark.parametrize("loops", [False, True])
def test_what_a_file_implies_is_told_where_it_is_asked_for(tmp_path: Path, loops: bool) -> None:
    frame = crossings(cars=3, hours=0.2)
    path = tmp_path / "laps.csv"
    path.write_bytes(write_laps(frame))
    lines = race_lines(path, loops=loops)
    said = [json.loads(timed.line) for timed in lines]
    assert [line["seq"] for line in said] == list(range(1, len(said) + 1))
    assert [timed.at_ms for timed in lines] == sorted(timed.at_ms for timed in lines)
    told = [line for line in said if line["event"] == "loop_passing"]
    assert len(told) == (len(synthesised_loops(frame)) if loops else 0)
    assert all(line["synthesised"] for line in told)
    assert len(said) - len(told) == frame.height
