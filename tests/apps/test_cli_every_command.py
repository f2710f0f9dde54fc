"""Every command there is, in every form that it offers: an answer, and nothing beside it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.main import get_command

from dryline.apps.cli.app import app
from dryline.domain.flat_table import flat
from dryline.domain.race_info import RaceInfo
from dryline.domain.table_text import unguarded
from dryline.engine import planning
from dryline.engine.live.replay_feed import race_events
from dryline.feeds.alkamel.write import write_laps
from dryline.race.race import Race
from tests.apps.conftest import Said
from tests.conftest import DATA, ROOT
from tests.engine.live_races import lines, made_up, session
from tests.feeds.fetch.site_server import running_site
from tests.made_up.field import crossings
from tests.made_up.practice import practised

RESULTS = "POSITION;NUMBER;STATUS;LAPS;TOTAL_TIME;TEAM;CLASS\n"
WET = "race,from_min,to_min,sectors,note\nwec/2024/race_0,10,20,all,made up\n"
WAVES = (
    "race,class_group,change_to,cars_stopped,cars_in_group,wave_10pct_min,wave_median_min,"
    "share_neutralised,changed_faster_min,censoring,comparisons\n"
    "wec/2024/race_0,GT,wet,3,3,12.0,13.0,0.0,15.0,,3\n"
)
NAIVE = ROOT / "docs" / "how-to" / "naive_forecaster.py"
ASKED = {
    "demo": "--replicates 20",
    "show": "{race}",
    "classification": "{race}",
    "verify": "{race} --results {results}",
    "laps": "{race}",
    "stints": "{race}",
    "session": "{practice}",
    "neutralisations": "{race}",
    "gaps": "{race} --car 7",
    "pace": "{race}",
    "stops": "{race}",
    "range": "{race} --at 0:30:00",
    "track": "{race}",
    "forecast": "{race} --at 0:30:00 --length 1:00 --replicates 50",
    "rejoin": "{race} --car 50 --at 0:23:00 --replicates 50",
    "advise": "{race} --car 50 --at 0:23:00 --length 1:00 --replicates 16",
    "cards": "{race} --at 0:23:00 --length 1:00 --replicates 8",
    "debrief": "{race} --car 7",
    "plan": "{setup} --plans 1 --replicates 10",
    "standings": "wec/2024 --after 2",
    "points": "{race} --year 2024 --length 1:00",
    "ledger": "{race} --year 2024 --length 1:00",
    "penalties": "{race} --year 2024 --decisions {decisions}",
    "queue": "{race} --year 2024 --at 0:30:00",
    "library list": "--library {library}",
    "library sql": "SELECT|car_number,lap|FROM|crossings --library {library}",
    "fetch seasons": "--site {site} --pace 0",
    "fetch events": "13_2024 --site {site} --pace 0",
    "fetch sessions": "13_2024 02_IMOLA --site {site} --pace 0",
    "journal verify": "{journal}",
    "journal replay": "{journal}",
    "backtest forecast": "{season} --replicates 20 --workers 1",
    "backtest flag": "{season} --workers 1",
    "backtest rejoin": "{season} --replicates 20 --workers 1",
    "backtest track": "{season} --workers 1",
    "backtest advice": "{season} --part cards --replicates 8 --workers 1",
    "backtest neutralisations": "{season} --workers 1",
    "backtest realism": "{season} --replicates 4 --workers 1",
    "bench": "{season} --workers 1 --run {naive}|{{request}}|{{out}}",
}
"""What each command is asked that answers with a table; ``|`` is a space within one word."""
WITHOUT_TABLE = {
    "chart": "laps {race} --out {out}/laps.svg",
    "report": "{race} --no-track --out {out}",
    "live": "{race} --speed 0 --no-server",
    "warm": None,
    "learn": None,
    "library add": "{race} --as wec/2024/other --library {library}",
    "library export": "made-up {out} --library {library}",
    "library remove": "wec/2024/gone --library {library}",
    "library check": "--library {library}",
    "library rebuild": "--library {library}",
    "library path": "--library {library}",
    "fetch session": "2024 imola --site {site} --pace 0 --library {library} --cache {out}",
    "fetch event": "2024 imola --site {site} --pace 0 --library {library} --cache {out}",
    "journal export": "{journal} {out}/events.jsonl",
}
"""Commands that write or do something instead; ``None``: too much work for one test."""
MAY_BE_EMPTY = {"verify", "penalties", "backtest advice", "backtest track"}


def commands(tree: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    tree = get_command(app) if tree is None else tree
    if not getattr(tree, "commands", None):
        yield " ".join(path), tree
        return
    for name, below in tree.commands.items():
        yield from commands(below, (*path, name))


COMMANDS = dict(commands())
FORMS = {"--json", "--csv", "--parquet"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, race_file: Path) -> Iterator[dict[str, str]]:
    """Everything that the commands are asked about, made here."""
    folder = tmp_path_factory.mktemp("made")
    order = Race(RaceInfo(name="made"), crossings(cars=8, hours=1.0))
    cars = order.at(order.end).cars[::-1]
    rows = [f"{p};{c.car_number};Classified;{c.laps};;T;C" for p, c in enumerate(cars, 1)]
    (folder / "results.csv").write_text(RESULTS + "\n".join(rows) + "\n")
    (folder / "decisions.csv").write_text("car_number,kind,lap\n8,drive_through,33\n")
    setup = planning.example_setup().replace('length = "6:00"', 'length = "2:00"')
    (folder / "setup.toml").write_text(setup.replace("2:30", "1:30"))
    (folder / "wet_intervals.csv").write_text(WET)
    (folder / "tyre_change_waves.csv").write_text(WAVES)
    (folder / "23_Analysis_Practice.CSV").write_bytes(write_laps(practised(cars=8)))
    _season(folder / "season")
    live = session(folder / "race.journal")
    live.receive([lines(event) for event in race_events(made_up(cars=4, hours=0.2))])
    live.close()
    with running_site() as site:
        laps = "Results/13_2024/02_IMOLA/526_FIA WEC/202404211300_Race/Hour 6/23_Analysis_Race.CSV"
        site.tree[laps] = write_laps(crossings(hours=0.4))
        yield {
            "race": str(race_file), "site": site.url, "library": str(folder / "library"),
            "journal": str(folder / "race.journal"), "season": str(folder / "season"),
            **{n: str(folder / f"{n}.csv") for n in ("results", "decisions")},
            "setup": str(folder / "setup.toml"), "naive": f"'{sys.executable}'|'{NAIVE}'",
            "practice": str(folder / "23_Analysis_Practice.CSV"),
        }  # fmt: skip


def _season(folder: Path) -> None:
    rows = []
    for number in range(3):
        path = folder / f"wec/2024/race_{number}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_laps(crossings(cars=6, hours=0.7, seed=number, stint_laps=9)))
        rows.append([f"wec/2024/race_{number}", str(path.relative_to(folder)), "0.7", "dry"])
    with (folder / "catalogue.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["race", "file", "scheduled_h", "condition"], *rows])


@pytest.fixture
def ask(
    cli: Callable[..., Said], made: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Run a command with what it is asked, and what is added."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    for race_id in ("wec/2024/made-up", "wec/2024/gone"):
        cli("library", "add", made["race"], "--as", race_id, "--library", made["library"])

    def asked(name: str, arguments: str, *more: object) -> Said:
        told = arguments.format(**made, out=tmp_path)
        words = [word.replace("|", " ") for word in told.split(" ") if word]
        return cli(*name.split(), *words, *more)

    return asked


def test_no_command_is_forgotten() -> None:
    assert {*ASKED, *WITHOUT_TABLE} == set(COMMANDS)
    for name, command in COMMANDS.items():
        offered = FORMS & {option for p in command.params for option in p.opts}
        assert offered == (FORMS if name in ASKED else set()), name


@pytest.mark.parametrize("name", ASKED)
def test_every_form_of_a_table_is_whole_and_alone_on_standard_output(
    ask: Callable[..., Said], tmp_path: Path, name: str
) -> None:
    status, out, err = ask(name, ASKED[name], "--json")
    assert status == 0, err
    assert isinstance(json.loads(out), dict)
    assert out.count("\n") == 1
    status, out, err = ask(name, ASKED[name], "--parquet", tmp_path / "table.parquet")
    assert (status, out) == (0, ""), err
    table = pl.read_parquet(tmp_path / "table.parquet")
    assert table.width > 0
    assert table.height > 0 or name in MAY_BE_EMPTY
    status, out, err = ask(name, ASKED[name], "--csv")
    assert status == 0, err
    read = unguarded(pl.read_csv(io.StringIO(out), infer_schema=False))
    assert read.rows() == _as_texts(table)
    assert read.columns == flat(table).columns
    status, out, err = ask(name, ASKED[name])
    assert status == 0, err
    assert out.strip()
    assert "Traceback" not in out + err
    assert max(len(line) for line in out.splitlines()) <= 100


def _as_texts(table: pl.DataFrame) -> list[tuple[str, ...]]:
    """The cells as a CSV without any guard writes them."""
    plain = flat(table).write_csv()
    return pl.read_csv(io.StringIO(plain), infer_schema=False).rows()


@pytest.mark.parametrize("name", [name for name, asked in WITHOUT_TABLE.items() if asked])
def test_a_command_without_a_table_does_its_work_and_refuses_the_forms_of_tables(
    ask: Callable[..., Said], name: str
) -> None:
    asked = WITHOUT_TABLE[name]
    assert asked is not None
    status, out, err = ask(name, asked)
    assert status == 0, err
    assert "Traceback" not in out + err
    for form in sorted(FORMS):
        status, out, err = ask(name, asked, form)
        assert (status, out) == (2, "")
        assert form in err
        assert len(err.splitlines()) == 1


@pytest.mark.needs_data
@pytest.mark.parametrize("name", ["forecast", "show", "track", "advise", "points"])
def test_a_real_race_answers_in_every_form(
    cli: Callable[..., Said], tmp_path: Path, name: str
) -> None:
    assert DATA is not None
    race = DATA / "wec/2024/fuji_6h.csv"
    few = {"forecast": ("--replicates", 50), "advise": ("--car", 6, "--replicates", 16)}
    at = ("--at", "3:00:00") if name != "points" else ()
    asked = (name, race, *at, *few.get(name, ()))
    status, out, err = cli(*asked, "--json")
    assert (status, type(json.loads(out))) == (0, dict), err
    target = tmp_path / "t.parquet"
    assert cli(*asked, "--parquet", target)[:2] == (0, "")
    status, out, err = cli(*asked, "--csv")
    assert status == 0, err
    read = pl.read_csv(io.StringIO(out), infer_schema=False)
    assert read.height == pl.read_parquet(target).height > 0
    assert cli(*asked)[0] == 0
