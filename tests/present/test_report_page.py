from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from dryline.apps.cli.app import app
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import NotKnown
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.opening import open_decisions, open_race
from dryline.engine.reporting import Told, report_of_race, results_beside, write_report
from dryline.feeds.alkamel.write import write_laps
from dryline.present.names import crew, person, race_title, safe, short_person
from dryline.present.report.page import escaped_markdown, html, markdown
from dryline.present.report.words import nth
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.field import crossings
from tests.made_up.showers import drive, dry, shower

NASTY = ('<script>alert(1)</script>', '"onload="x', "O'Neil & Söhne", "\u202eمحمد علي\u202c", "a|b`c*_")  # noqa: E501  # fmt: skip


def told_of(frame: pl.DataFrame, **more: object) -> Told:
    info = RaceInfo(name="made up", length=RaceLength(ms=3_600_000), **more)  # type: ignore[arg-type]
    race = Race(info=info, crossings=frame)
    second = race.at(race.end).cars[1].car_number
    decided = (Decision(car_number=second, kind=DecisionKind.REPRIMAND, reason=NASTY[0]),)
    return report_of_race(race, decided, track=False, tell=lambda _: None)


@pytest.fixture(scope="module")
def told() -> Told:
    return told_of(crossings(hours=1.0))


@pytest.fixture(scope="module")
def nasty() -> Told:
    frame = crossings(hours=1.0)
    cars = frame["car_number"].unique(maintain_order=True).to_list()
    names = {car: NASTY[at % len(NASTY)] for at, car in enumerate(cars)}
    return told_of(
        frame.with_columns(
            team=pl.col("car_number").replace_strict(names),
            driver=pl.col("car_number").replace_strict(names) + pl.lit(" DE ") + pl.col("driver"),
            manufacturer=pl.lit("<b>"),
        )
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def parsed(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    return page


def test_names_with_markup_quotes_and_other_directions_do_no_harm(nasty: Told) -> None:
    text = html(nasty.report)
    page = parsed(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert not page.handlers
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text
    plain = markdown(nasty.report)
    assert "<script" not in re.sub(r"\\<", "", plain)
    assert "\u202e" not in plain


def test_the_page_asks_for_nothing_from_outside(told: Told) -> None:
    text = html(told.report)
    assert not re.findall(r'(?:src|href)="(?!#)', text)
    assert "url(http" not in text
    assert "default-src 'none'" in text
    assert len(text.encode()) < 3_000_000


def test_no_id_stands_on_the_page_twice(told: Told) -> None:
    ids = parsed(html(told.report)).ids
    assert len(ids) == len(set(ids))


def test_the_page_is_a_document_for_those_who_cannot_see_it(told: Told) -> None:
    page = parsed(html(told.report))
    for tag in ("main", "nav", "h1", "h2", "caption", "figcaption", "th"):
        assert tag in page.tags
    assert page.tags.count("h1") == 1
    assert 'lang="en-GB"' in html(told.report)


def test_the_markdown_is_as_it_was(told: Told, snapshot: SnapshotAssertion) -> None:
    text = markdown(told.report).replace(told.report.version, "VERSION")
    assert text == snapshot


def test_a_simulated_race_says_so_before_anything_else() -> None:
    page = html(told_of(crossings(hours=1.0), simulated=True).report)
    assert page.index("Simulated:") < page.index('id="story"')


def test_the_trace_is_json_with_claim_sentence_query_and_rows(told: Told, tmp_path: Path) -> None:
    paths = write_report(told, tmp_path / "new", trace=True)
    assert [path.name for path in paths] == ["report.html", "report.md", "trace.json"]
    claims = json.loads(paths[2].read_text(encoding="utf-8"))["claims"]
    assert {"id", "sentence", "values", "grounds", "certainty"} <= set(claims[0])
    won = next(each for each in claims if each["id"] == "won")
    assert won["grounds"][0]["query"].startswith("select")
    assert won["sentence"] in {each.text for each in told.sentences}


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("Kévin ESTRE", "Kévin Estre"), ("Nyck DE VRIES", "Nyck de Vries"),
        ("Sheldon VAN DER LINDE", "Sheldon van der Linde"), ("Paul DI RESTA", "Paul di Resta"),
        ("Jean-Éric VERGNE", "Jean-Éric Vergne"), ("Yifei YE", "Yifei Ye"),
        ("AJ ALLMENDINGER", "AJ Allmendinger"), ("Scott MCLAUGHLIN", "Scott McLaughlin"),
        ("Frédéric Makowiecki", "Frédéric Makowiecki"), ("Ricky O'WARD III", "Ricky O'Ward III"),
        ("Çağla ŞAHİN", "Çağla Şahin"), ("François D’ARTAGNAN", "François d’Artagnan"),
        ("Jérôme D'AMBROSIO", "Jérôme d'Ambrosio"), ("Siobhán O'NEILL", "Siobhán O'Neill"),
    ],
)  # fmt: skip
def test_a_driver_who_is_shouted_is_written(shouted: str, written: str) -> None:
    assert person(shouted) == written


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("José María LÓPEZ ÁLVAREZ", "J. M. López Álvarez"), ("Nyck DE VRIES", "N. de Vries"),
        ("Jörg MÜLLER-ÅBERG", "J. Müller-Åberg"), ("François D’ARTAGNAN", "F. d’Artagnan"),
        ("Ho-Pin TUNG-LI", "H. Tung-Li"), ("Çağla ŞAHİN", "Ç. Şahin"),
        ("Renger van der Zande", "R. van der Zande"), ("Scott MCLAUGHLIN", "S. McLaughlin"),
        ("AJ ALLMENDINGER", "A. Allmendinger"), ("SEBASTIEN BOURDAIS", "S. Bourdais"),
        ("Ana Maria de SOUZA", "A. M. de Souza"), ("Zanardi", "Zanardi"), ("", ""),
    ],
)  # fmt: skip
def test_a_driver_in_short(name: str, short: str) -> None:
    assert short_person(name) == short


SYLLABLES = st.sampled_from(["Ala", "Bo", "Çağ", "Îlî", "İna", "Öst", "Şah", "Ulf", "Ždan"])


@given(given_names=st.lists(SYLLABLES, min_size=1, max_size=3), family=SYLLABLES)
def test_whatever_the_letters_a_name_keeps_its_length_and_shouts_no_more(
    given_names: list[str], family: str
) -> None:
    name = f"{' '.join(given_names)} {(family + 'ner').upper()}"
    written = person(name)
    assert len(written) == len(name)
    assert not any(len(word) > 1 and word.isupper() for word in written.split())
    assert short_person(name).count(".") == len(given_names)


@pytest.mark.parametrize("drivers", [0, 1, 2])
def test_no_sentence_names_a_crew_that_is_not_known_or_shares_a_car_with_nobody(
    tmp_path: Path, drivers: int
) -> None:
    rows = crossings(hours=1.0)
    named = {0: pl.lit(""), 1: pl.format("Ada {}", "car_number"), 2: pl.col("driver")}
    told = report_of_race(
        Race(RaceInfo(name="made up"), rows.with_columns(driver=named[drivers])),
        track=False, forecasts=False, charts=False, tell=lambda _: None,
    )  # fmt: skip
    text = markdown(told.report)
    first = told.report.story[0].text
    assert (re.search(r"^Driver [^#]* and Driver [^#]* won ", first) is not None) == (drivers == 2)
    assert first.startswith("Ada ") == (drivers == 1)
    assert not re.search(r"[:,] ?\.|:  |with [.,;]|  driving| 's |was 's", text)


def test_small_words_of_a_sentence() -> None:
    assert crew("A B / C D / E F") == "A B, C D and E F"
    assert [nth(place) for place in (1, 2, 3, 9, 10, 11, 22, 103)] == [
        "first", "second", "third", "ninth", "10th", "11th", "22nd", "103rd",
    ]  # fmt: skip
    assert race_title("le_mans_24h") == "24 Hours of Le Mans"
    assert safe("a\n\u202eb\x07") == "a b"
    assert escaped_markdown("<a|b>") == r"\<a\|b\>"


def test_the_command_writes_the_report_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "made_up_1h.csv"
    file.write_bytes(write_laps(crossings(hours=1.0)))
    out = tmp_path / "report"
    asked = ["report", str(file), "--out", str(out), "--trace", "--no-track", "--length", "1:00"]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.md", "trace.json"]
    assert "wins the" in answer.output


def test_a_race_that_is_not_over_has_no_winner_to_tell_of() -> None:
    info = RaceInfo(name="made up", length=RaceLength(ms=3_600_000))
    race = Race(info=info, crossings=crossings(hours=1.0)).cut("0:30:00")
    with pytest.raises(NotKnown, match="not over"):
        report_of_race(race, whole=False, track=False, tell=lambda _: None)
    told = report_of_race(race, track=False, tell=lambda _: None)
    assert "limit-no-finish" in {each.claim.id for each in told.report.story}


@pytest.mark.parametrize("began_wet", [True, False])
def test_a_wet_start_that_only_hindsight_knows_is_told_in_hindsight(began_wet: bool) -> None:
    made = drive(shower(-5, 0.22, 20) if began_wet else dry, 60, seed=9, start_on_wets=began_wet)
    race = race_of(made.laps.with_columns(speed_kmh=pl.lit(None, pl.Float64)))
    found = report_of_race(race, forecasts=False, charts=False, tell=lambda _: None)
    said = {each.claim.id: each.text for each in found.sentences}
    if began_wet:
        assert "in the light of the whole race, show one wet spell" in said["track-wet"]
        assert "0:00:30 to" in said["track-wet"]
    else:
        assert "as they came, show no wet spell" in said["track-dry"]


@pytest.mark.needs_data
def test_a_red_flagged_race_with_relegations_is_told_as_it_was(data: Path) -> None:
    folder = data / "imsa/2022/11-watkins-glen-international"
    race = open_race(folder)
    results = results_beside(str(folder))
    plain = report_of_race(
        race, results=results, track=False, forecasts=False, charts=False, tell=lambda _: None
    )
    said = {each.claim.id: each.text for each in plain.sentences}
    assert "the win on the road" in said["gtdpro-won"]
    assert "#57 40th instead of 21st" in said["official"]
    decisions = open_decisions(data / "imsa-steward-decisions.csv", str(folder))
    decided = report_of_race(
        race, decisions, results=results, track=False, forecasts=False, tell=lambda _: None
    )
    said = {each.claim.id: each.text for each in decided.sentences}
    assert "#27 Heart of Racing Team" in said["gtd-won"]
    assert "on the road" not in said["gtd-won"]
    assert said["penalty-57-1"].endswith(
        "21st on the road, is 40th overall in the official result."
    )
    assert (
        "six full course yellows (2 hours 30 minutes, 1 hour 4 minutes of it under a red"
        in said["neutralisations"]
    )
    assert len(html(decided.report).encode()) < 3_000_000
