from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dryline
from dryline.domain.errors import BadOption, FetchError, InputError, RaceNotFound
from dryline.feeds.alkamel.fetch import ResultsSite, SiteSession, site_address
from dryline.feeds.alkamel.fetch_find import find_season
from dryline.feeds.alkamel.fetch_links import is_safe_name, read_page
from tests.feeds.fetch.conftest import IMOLA
from tests.feeds.fetch.site_server import SiteServer, table


def test_seasons_and_events_come_from_the_pages(site: ResultsSite) -> None:
    assert site.seasons() == ("14_2025", "13_2024")
    assert site.events("13_2024") == ("02_IMOLA", "03_SÃO PAULO & co")


def test_an_events_sessions_are_those_of_all_its_series(site: ResultsSite) -> None:
    sessions = site.sessions("13_2024", "02_IMOLA")
    assert [(s.series, s.session) for s in sessions] == [
        ("526_FIA WEC", "202404211300_Race"),
        ("526_FIA WEC", "202404201430_Qualifying"),
        ("301_Porsche Cup", "202404201000_Race"),
    ]


def test_of_hourly_files_the_last_hour_is_wanted(site: ResultsSite) -> None:
    files = site.files(IMOLA)
    assert [(file.hour, file.name[:3]) for file in files] == [
        ("Hour 6", "03_"),
        ("Hour 6", "23_"),
        ("Hour 6", "26_"),
    ]
    assert len(site.files(IMOLA, every_hour=True)) == 9


def test_of_an_official_and_an_unofficial_result_the_official_one_is_wanted(
    site: ResultsSite, server: SiteServer
) -> None:
    daytona = "Results/24_2024/02_Daytona/01_IMSA/202401271340_Race"
    for hour in (6, 12):
        for state in ("Official", "Unofficial", "Provisional"):
            path = f"{daytona}/{hour:02d}_Hour {hour}/03_Results_Race_{state}.CSV"
            server.tree[path] = table()
        server.tree[f"{daytona}/{hour:02d}_Hour {hour}/23_Time Cards_Race.CSV"] = table()
    files = site.files(SiteSession("24_2024", "02_Daytona", "01_IMSA", "202401271340_Race"))
    assert [(file.hour, file.name) for file in files] == [
        ("12_Hour 12", "03_Results_Race_Official.CSV"),
        ("12_Hour 12", "23_Time Cards_Race.CSV"),
    ]


def test_a_year_is_found_however_the_site_numbers_its_seasons(
    site: ResultsSite, server: SiteServer
) -> None:
    server.tree["Results/22_2022/02_Daytona/01_IMSA/1_Race/23_A.CSV"] = table()
    assert site.find(2022, "daytona").season == "22_2022"


@pytest.mark.parametrize(
    ("event", "session", "series", "found"),
    [
        ("imola", "race", "FIA WEC", "202404211300_Race"),
        ("02_IMOLA", "202404211300_Race", None, "202404211300_Race"),
        ("Imola", "qualifying", None, "202404201430_Qualifying"),
        ("sao-paulo", "race", "wec", "202407141130_Race"),
    ],
)
def test_a_session_is_found_by_the_names_people_use(
    site: ResultsSite, event: str, session: str, series: str | None, found: str
) -> None:
    assert site.find(2024, event, session, series).session == found


def test_what_the_site_has_not_is_answered_with_what_it_has(site: ResultsSite) -> None:
    with pytest.raises(RaceNotFound, match=r"no season 2023. There are: 14_2025, 13_2024"):
        site.find(2023, "imola")
    with pytest.raises(RaceNotFound, match=r"no event 'fuji'. There are: 02_IMOLA, 03_SÃO"):
        site.find(2024, "fuji")
    with pytest.raises(RaceNotFound, match=r"no session 'warm-up'. There are: .*_Qualifying"):
        site.find(2024, "imola", "warm-up")


def test_two_series_with_a_race_each_must_be_told_apart(site: ResultsSite) -> None:
    with pytest.raises(InputError, match=r"fits several sessions: 526_FIA WEC/.*301_Porsche Cup/"):
        site.find(2024, "imola", "race")


def test_a_page_that_lists_nothing_is_a_clear_error(site: ResultsSite, server: SiteServer) -> None:
    server.faults[""] = ["html", "html", "html"]
    with pytest.raises(FetchError, match="names no seasons"):
        site.seasons()
    with pytest.raises(FetchError, match="names no events"):
        site.events("13_2024")
    with pytest.raises(FetchError, match=r"no files of 13_2024/02_IMOLA"):
        site.sessions("13_2024", "02_IMOLA")


def test_a_session_without_timing_files_is_a_clear_error(site: ResultsSite) -> None:
    with pytest.raises(FetchError, match="lists no timing files"):
        site.files(SiteSession("13_2024", "02_IMOLA", "526_FIA WEC", "nothing"))


def test_the_address_is_given_or_set_or_the_series_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRYLINE_RESULTS_SITE", raising=False)
    assert site_address("WEC") == "https://fiawec.alkamelsystems.com"
    assert site_address("imsa") == "https://imsa.results.alkamelcloud.com"
    with pytest.raises(BadOption, match=r"Give --site, set DRYLINE_RESULTS_SITE"):
        site_address("a club series")
    monkeypatch.setenv("DRYLINE_RESULTS_SITE", "http://mirror.invalid")
    assert site_address("wec") == "http://mirror.invalid"
    assert site_address("wec", "http://given.invalid") == "http://given.invalid"


@pytest.mark.parametrize(
    "address", ["", "fiawec.alkamelsystems.com", "ftp://x", "http://", "http://[x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadOption, match="is not the address of a site"):
        ResultsSite(address)


def test_the_environment_names_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYLINE_CACHE", str(tmp_path / "mine"))
    with ResultsSite("https://example.invalid") as site:
        assert site.cache_dir == tmp_path / "mine"
    monkeypatch.delenv("DRYLINE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ResultsSite("https://example.invalid") as site:
        assert site.cache_dir == tmp_path / "dryline"


@given(first=st.integers(2012, 2030))
def test_a_season_over_two_years_is_found_by_either(first: int) -> None:
    """By its last year before the one that begins then."""
    two = [f"0{place}_{year}-{year + 1}" for place, year in enumerate((first - 1, first), start=4)]
    assert find_season(first + 1, two) == two[1]
    assert find_season(first, two) == two[0]
    assert find_season(first - 1, two) == two[0]
    assert find_season(first, [*two, f"09_{first}"]) == f"09_{first}"
    with pytest.raises(RaceNotFound):
        find_season(first + 2, two)


def test_links_name_seasons_and_events_as_well_as_choices_do() -> None:
    page = read_page(
        '<a href="?season=13_2024">2024</a> <A HREF=index.php?season=12_2023&amp;evvent=01_SEBRING>'
        '<select name="season"><option value="13_2024"><option value="11_2022"></select>'
        '<select name="other"><option value="10_2021"></select>'
    )
    assert page.seasons == ("13_2024", "12_2023", "11_2022")
    assert page.events == ("01_SEBRING",)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                *("<a href='", "Results/", "a/", "%2e%2e/", "../", "'>", "x.CSV", "é", "\\"),
                *("<![", "<!", "]]>", "&#x2f;", "\x00", "?season="),
                *("<select name=season>", "<option value='"),
            )
        ),
        max_size=25,
    ).map("".join)
)
def test_any_page_names_only_what_can_safely_be_kept(html: str) -> None:
    page = read_page(html)
    assert all(is_safe_name(name) for name in (*page.seasons, *page.events))
    for file in page.files:
        parts = (*file.session.__struct_fields__,)
        kept = Path("/cache").joinpath(*(getattr(file.session, part) for part in parts), file.name)
        assert Path(os.path.normpath(kept)) == kept
        assert len(kept.parts) == 7


def test_importing_dryline_does_not_import_the_network_client() -> None:
    folder = Path(dryline.__file__).parents[1]
    code = "import dryline.feeds.alkamel, sys; sys.exit('httpx' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
