from __future__ import annotations

import json
from pathlib import Path

import pytest

from dryline._version import __version__
from dryline.domain.errors import FetchError
from dryline.feeds.alkamel.fetch import ResultsSite, SiteSession
from tests.feeds.fetch.conftest import IMOLA, LAPS, RESULT, WEATHER, Time, leftovers
from tests.feeds.fetch.site_server import SiteServer, table


def test_a_sessions_files_arrive_byte_for_byte_with_their_checksums(
    site: ResultsSite, server: SiteServer, tmp_path: Path
) -> None:
    seen: list[tuple[str, int, int | None]] = []
    paths = site.download(IMOLA, lambda *step: seen.append(step))
    assert [path.read_bytes() for path in paths] == [
        server.tree[path] for path in (RESULT, LAPS, WEATHER)
    ]
    folder = next(tmp_path.glob("127.0.0.1_*")).joinpath(
        "13_2024", "02_IMOLA", "526_FIA WEC", "202404211300_Race"
    )
    assert {path.parent for path in paths} == {folder / "Hour 6"}
    kept = json.loads((folder / "checksums.json").read_text())
    assert set(kept) == {f"Hour 6/{path.name}" for path in paths}
    assert all(set(entry) >= {"sha256", "bytes", "url", "etag"} for entry in kept.values())
    size = len(server.tree[LAPS])
    assert (paths[1].name, size, size) in seen
    assert leftovers(tmp_path) == []


def test_names_with_spaces_accents_and_ampersands_are_asked_for_correctly(
    site: ResultsSite, server: SiteServer
) -> None:
    (path,) = site.download(site.find(2024, "são paulo"))
    assert path.read_bytes() == table(3)
    assert "%C3%83O%20PAULO%20" in server.requests[-1][0]


def test_a_site_that_encodes_its_names_in_latin_1_gets_its_own_spelling_back(
    site: ResultsSite, server: SiteServer
) -> None:
    link = "Results/13_2024/02_IMOLA/526_FIA%20WEC/9_Ses%E3o/23_A.CSV"
    server.extra_links = [f'<a href="{link}">x</a>']
    session = SiteSession("13_2024", "02_IMOLA", "526_FIA WEC", "9_Sesão")
    with pytest.raises(FetchError, match="404"):
        site.download(session)
    assert server.requests[-1][0] == f"/{link}"


def test_a_season_whose_hours_are_numbered_folders_is_read_too(site: ResultsSite) -> None:
    (path,) = site.download(site.find(2025, "qatar"))
    assert path.parent.name == "06_Hour 6"


def test_what_is_in_the_cache_is_not_asked_for_again(site: ResultsSite, server: SiteServer) -> None:
    site.download(IMOLA)
    before = len(server.requests)
    site.download(IMOLA)
    assert len(server.requests) == before
    site.download(IMOLA, refresh=True)
    assert len(server.requests) == before + 3


@pytest.mark.parametrize("damage", [b"", b"COLUMN_0;\r\n", None])
def test_a_file_damaged_in_the_cache_is_downloaded_again(
    site: ResultsSite, server: SiteServer, damage: bytes | None
) -> None:
    laps = site.download(IMOLA)[1]
    content = server.tree[LAPS]
    laps.write_bytes(content.replace(b"1.1", b"1.2", 1) if damage is None else damage)
    before = len(server.requests)
    assert site.download(IMOLA)[1].read_bytes() == content
    assert len(server.requests) == before + 1


def test_a_damaged_list_of_checksums_costs_a_download_and_no_more(
    site: ResultsSite, tmp_path: Path
) -> None:
    site.download(IMOLA)
    (checksums,) = tmp_path.rglob("checksums.json")
    checksums.write_bytes(b'{"half')
    site.download(IMOLA)
    assert len(json.loads(checksums.read_text())) == 3


def test_every_request_names_dryline_and_its_version(site: ResultsSite, server: SiteServer) -> None:
    site.download(IMOLA)
    agents = {headers["User-Agent"] for _, headers in server.requests}
    assert len(agents) == 1
    assert agents.pop().startswith(f"dryline/{__version__} ")


def test_requests_keep_their_distance(site: ResultsSite, server: SiteServer, time: Time) -> None:
    site.download(IMOLA)
    assert len(server.requests) == 4
    assert time.slept == [1.0, 1.0, 1.0]


def test_no_pause_is_made_when_enough_time_has_passed_anyway(site: ResultsSite, time: Time) -> None:
    site.seasons()
    time.now += 0.75
    site.events("13_2024")
    time.now += 5
    site.events("14_2025")
    assert time.slept == [0.25]
