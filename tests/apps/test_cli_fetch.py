"""``fetch`` brings a session from a results site into the library: a real server, on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.feeds.fetch.site_server import SiteServer, running_site
from tests.made_up.field import crossings
from tests.made_up.practice import practised

BASE = "Results/13_2024/02_IMOLA/526_FIA WEC/202404211300_Race"
LAPS = f"{BASE}/Hour 6/23_Analysis_Race_Hour 6.CSV"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[SiteServer]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running_site() as server:
        server.tree[LAPS] = write_laps(crossings(hours=0.4))
        yield server


def fetch(cli: Callable[..., Said], server: SiteServer, *arguments: object) -> Said:
    return cli("fetch", *arguments, "--site", server.url, "--pace", "0")


def test_seasons_events_and_sessions_are_listed(
    cli: Callable[..., Said], server: SiteServer
) -> None:
    assert fetch(cli, server, "seasons")[1].split() == ["13_2024"]
    assert fetch(cli, server, "events", "13_2024")[1].split() == ["02_IMOLA"]
    assert "202404211300_Race" in fetch(cli, server, "sessions", "13_2024", "02_IMOLA")[1]


def test_a_session_is_downloaded_added_and_opened(
    cli: Callable[..., Said], server: SiteServer
) -> None:
    status, out, err = fetch(cli, server, "session", "2024", "imola")
    assert (status, err) == (0, "")
    assert out.split() == ["added", "wec/2024/imola"]
    status, out, _ = cli("show", "imola")
    assert status == 0
    assert "wec/2024/imola" in out
    before = len(server.requests)
    status, out, _ = fetch(cli, server, "session", "2024", "imola")
    assert out.split() == ["unchanged", "wec/2024/imola"]
    assert not [path for path in server.asked()[before:] if path.endswith(".CSV")]


PRACTICE = "Results/13_2024/02_IMOLA/526_FIA WEC/202404191200_Free Practice 1"
CUP = "Results/13_2024/02_IMOLA/530_Lamborghini Cup/202404201000_Race 1"


def test_every_session_of_an_event_comes_and_what_failed_comes_the_next_time(
    cli: Callable[..., Said], server: SiteServer
) -> None:
    server.tree[f"{PRACTICE}/23_Analysis_Free Practice 1.CSV"] = b"<!DOCTYPE html><html></html>"
    server.tree[f"{CUP}/23_Analysis_Race 1.CSV"] = write_laps(crossings(hours=0.3, seed=2))
    status, out, err = fetch(cli, server, "event", "2024", "imola")
    assert status == 1
    assert out.split() == ["added", "wec/2024/imola"]
    assert "1 session of imola not added" in err
    server.tree[f"{PRACTICE}/23_Analysis_Free Practice 1.CSV"] = write_laps(practised())
    before = len(server.requests)
    status, out, _ = fetch(cli, server, "event", "2024", "imola")
    assert status == 0
    assert sorted(out.split()) == [
        "added", "unchanged", "wec/2024/imola", "wec/2024/imola/free-practice-1",
    ]  # fmt: skip
    again = [path for path in server.asked()[before:] if path.endswith(".CSV")]
    assert again
    assert all("Practice" in path for path in again)
    assert '"session_kind":"practice"' in cli("show", "imola/free-practice-1", "--json")[1]


def test_a_support_series_of_the_event_is_kept_under_its_own_name(
    cli: Callable[..., Said], server: SiteServer
) -> None:
    server.tree[f"{CUP}/23_Analysis_Race 1.CSV"] = write_laps(crossings(hours=0.3, seed=2))
    status, out, _ = fetch(cli, server, "event", "2024", "imola", "--of", "lamborghini cup")
    assert status == 0
    assert out.split() == ["added", "lamborghini-cup/2024/imola/race-1"]
    status, _, err = fetch(cli, server, "event", "2024", "imola", "--of", "formula")
    assert status == 2
    assert "FIA WEC" in err


def test_an_event_that_the_site_does_not_have_is_one_clear_line(
    cli: Callable[..., Said], server: SiteServer
) -> None:
    status, out, err = fetch(cli, server, "session", "2024", "suzuka")
    assert (status, out) == (2, "")
    assert "suzuka" in err
    assert len(err.splitlines()) == 1


def test_a_page_instead_of_a_file_is_refused_and_nothing_is_added(
    cli: Callable[..., Said], server: SiteServer
) -> None:
    server.tree[LAPS] = b"<!DOCTYPE html><html><body>sorry</body></html>"
    status, _, err = fetch(cli, server, "session", "2024", "imola")
    assert status == 1
    assert "HTML" in err or "page" in err
    assert "is empty" in " ".join(cli("library", "list")[1].split())
