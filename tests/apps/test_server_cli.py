"""``dryline live`` as a process: where it serves, to whom, how it ends, and after a crash."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dryline.engine.live.reading import replay, verify
from dryline.feeds.alkamel.parse_laps import parse_laps
from tests.apps.conftest import Said
from tests.waiting import HANG_S, until


@contextmanager
def live(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``dryline live`` with these arguments, and the address that it says."""
    command = [sys.executable, "-m", "dryline", "live", *map(str, arguments), "--port", "0"]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "NO_COLOR": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stderr is not None
        try:
            said = started.stderr.readline()
            assert "http://" in said, said + started.stderr.read()
            yield started, said.split()[5].rstrip(";")
        finally:
            started.kill()


def get(url: str) -> dict[str, Any]:
    answer = httpx.get(url, timeout=HANG_S)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def test_ctrl_c_ends_it_cleanly_with_the_journal_closed(race_file: Path, tmp_path: Path) -> None:
    journal = tmp_path / "race.journal"
    with live(race_file, "--speed", 500, "--journal", journal, "--car", "50") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        until(lambda: get(f"{url}/api/screen")["version"] > 30)
        assert get(f"{url}/api/session")["car_number"] == "50"
        assert get(f"{url}/healthz")["journal"]["records"] > 30
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG_S)
    assert (process.returncode, err) == (0, "")
    assert "HYPERCAR" in out
    report = verify(journal)
    assert report.sound
    assert report.kinds["mark"] >= 1


def test_killed_and_started_again_it_goes_on_from_the_journal_to_the_end_and_stays(
    race_file: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "race.journal"
    arguments = (race_file, "--speed", 60, "--journal", journal, "--at", "0:14:00")
    with live(*arguments, "--car", "50") as (process, url):
        until(lambda: get(f"{url}/api/screen")["at_ms"] > 900_000)
        note = {"text": "31 two tyres", "author": "Ana"}
        httpx.post(f"{url}/api/inputs", json=note, timeout=HANG_S).raise_for_status()
        seen = get(f"{url}/api/screen")
        process.kill()
        process.wait()
    with journal.open("ab") as file:
        file.write(b"\x80\x00\x00\x00torn")
    with live(*arguments) as (process, url):
        screen = get(f"{url}/api/screen")
        assert screen["version"] >= seen["version"]
        assert screen["cars"].keys() == seen["cars"].keys()
        assert get(f"{url}/api/session")["car_number"] == "50"
        team = get(f"{url}/api/team")
        assert ("Ana", "31 two tyres") in [(i["author"], i["text"]) for i in team["inputs"]]
        httpx.post(f"{url}/api/replay", json={"action": "speed", "speed": 0}, timeout=HANG_S)
        until(lambda: get(f"{url}/api/session")["ended"])
        for _ in range(25):
            assert get(f"{url}/api/session")["ended"]
        assert process.poll() is None  # it stays to be looked at
        process.terminate()
        assert process.wait(HANG_S) == 0
    laps = parse_laps(race_file.read_bytes(), race_file.name).crossings
    again = replay(journal)
    assert again.race().crossings.height == laps.height
    assert again.state.feeds["replay"].duplicates == 0
    assert [f.kind for f in again.state.findings if f.kind.startswith("journal")] == [
        "journal_torn"
    ]


def test_a_port_that_is_taken_is_said_in_one_line(
    cli: Callable[..., Said], race_file: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = cli("live", race_file, "--port", port)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert str(port) in err
    assert "--port" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "token"),
        (("--name", "wall.example"), "token"),
        (("--host", "203.0.113.7", "--tokens", "{tokens}"), "203.0.113.7"),
        (("--host", "no such host", "--tokens", "{tokens}"), "no address"),
        (("--port", "70000"), "port"),
        (("--tokens", "{missing}"), "cannot read"),
        (("--feed", "api", "--no-server"), "not both"),
        (("--car", "513", "--port", "0"), "no car"),
        (("--length", "soon", "--port", "0"), "length"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text('viewer = ["abcdefghijklmnop"]')
    tokens.chmod(0o600)
    named = {"tokens": tokens, "missing": tmp_path / "missing.toml"}
    status, out, err = cli("live", race_file, *(each.format(**named) for each in arguments))
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert said in err


def test_fresh_tokens_are_printed_and_open_a_server_beyond_the_loopback(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    status, out, _ = cli("live", "--new-tokens")
    assert status == 0
    file = tmp_path / "tokens.toml"
    file.write_text(out)
    file.chmod(0o600)
    viewer = out.split('"')[1]
    with live(race_file, "--host", "0.0.0.0", "--tokens", file) as (_, url):
        here = url.replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=here, timeout=HANG_S) as client:
            assert client.get("/api/session").status_code == 401
            client.headers["Authorization"] = f"Bearer {viewer}"
            assert client.get("/api/session").json()["role"] == "viewer"
            assert client.get("/api/team").status_code == 403
