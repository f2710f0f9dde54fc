"""Charts can be read: by contrast, by colour vision, and with sixty-two cars on them."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dryline
from dryline.analysis.track.spells import SPELLS
from dryline.domain.errors import BadOption
from dryline.domain.person import surname
from dryline.present import charts
from dryline.present.charts.gantt import LETTER_PX, SHADES, stint_rows
from dryline.present.charts.grammar import WIDTH
from dryline.present.charts.labels import initials, spread
from dryline.present.charts.theme import DARK, DASHES, LIGHT, THEMES, class_marker, contrast
from dryline.present.charts.tyres import TYRES, stint_tyres, tyre_changes, wet_periods
from dryline.present.charts.wetness_panels import TRACK_SAMPLES
from tests.made_up.charted import made_up

FIELD = made_up(cars=62, hours=1.2)
both = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


@both
def test_every_colour_of_text_reads_at_four_and_a_half_to_one(theme: Any) -> None:
    texts = [theme.ink, theme.muted, theme.wet, theme.slick, theme.call, theme.loss,
             theme.neutralised_text, *theme.cars, *theme.classes]  # fmt: skip
    for text, ground in itertools.product(texts, (theme.ground, theme.panel)):
        assert contrast(text, ground) >= 4.5, (text, ground)


def blend(over: str, under: str, opacity: float) -> str:
    parts = [
        round(int(over[i : i + 2], 16) * opacity + int(under[i : i + 2], 16) * (1 - opacity))
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


@both
def test_ink_reads_on_every_stint_bar_inside_and_outside_a_band(theme: Any) -> None:
    for shade in SHADES[theme.name]:
        assert contrast(theme.ink, shade) >= 4.5
        banded = blend(theme.neutralised, shade, theme.band_opacity)
        assert contrast(theme.ink, banded) >= 4.5, shade


@both
def test_lines_and_labels_read_on_the_bands_that_lie_under_them(theme: Any) -> None:
    for band in (theme.neutralised, theme.wet):
        ground = blend(band, theme.ground, theme.band_opacity)
        for colour in (theme.ink, theme.call, *theme.cars):
            assert contrast(colour, ground) >= 3.0, (colour, ground)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
     [-0.011820, 0.042940, 0.968881]]
)  # fmt: skip
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
     [-0.003882, -0.048116, 1.051998]]
)  # fmt: skip


def seen(colour: str, eyes: np.ndarray) -> np.ndarray:
    """A colour in CIELAB as these eyes see it (Machado, Oliveira and Fernandes 2009)."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(eyes @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = xyz @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@both
@pytest.mark.parametrize("eyes", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["all", "deu", "pro"])
def test_cars_differ_by_colour_or_by_dash_to_every_eye(theme: Any, eyes: np.ndarray) -> None:
    pairs = itertools.combinations(zip(theme.cars, DASHES, strict=True), 2)
    for (one, dash), (other, other_dash) in pairs:
        apart = float(np.linalg.norm(seen(one, eyes) - seen(other, eyes)))
        assert apart >= 10 or dash != other_dash, (one, other, apart)


def test_classes_that_race_together_have_markers_of_their_own() -> None:
    for field in (["HYPERCAR", "LMP2", "LMGT3"], ["GTP", "LMP2", "LMP3", "GTDPRO", "GTD"],
                  ["DPi", "LMP2", "LMP3", "GTLM", "GTD"]):  # fmt: skip
        assert len({class_marker(name) for name in field}) == len(field)


def test_a_ninth_car_is_refused() -> None:
    with pytest.raises(BadOption, match="9 cars are too many"):
        charts.race_chart(FIELD, "positions", charts.Asked(charts.View(cars=tuple(FIELD.cars[:9]))))


@given(
    st.lists(st.floats(-50, 500, allow_nan=False), max_size=60),
    st.floats(1, 20),
    st.floats(50, 700),
)
def test_labels_keep_their_order_their_distance_and_the_frame(
    at: list[float], gap: float, height: float
) -> None:
    placed = spread(at, gap, (0.0, height))
    order = sorted(range(len(at)), key=lambda i: at[i])
    most = min(gap, height / (len(at) - 1)) if len(at) > 1 else gap
    inside = sorted(placed)
    assert all(-1e-6 <= y <= height + 1e-6 for y in placed)
    assert all(b - a >= most - 1e-6 for a, b in itertools.pairwise(inside))
    assert [placed[i] for i in order] == inside


def test_labels_that_have_room_stay_where_they_are() -> None:
    assert spread([10.0, 50.0, 90.0], 12, (0.0, 100.0)) == [10.0, 50.0, 90.0]


def panels_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec.get("vconcat") or spec.get("hconcat") or spec.get("concat") or [spec]


@pytest.mark.parametrize("kind", ["positions", "class-positions"])
def test_all_sixty_two_cars_have_one_label_and_none_covers_another(kind: str) -> None:
    spec = charts.race_chart(FIELD, kind)
    labels = []
    for i, panel in enumerate(panels_of(spec)):
        ends = spec["datasets"][f"ends_{i}"]
        stopped = spec["datasets"][f"stopped_{i}"]
        labels += [row["label"] for row in (*ends, *stopped)]
        bottom, top = panel["layer"][-1]["encoding"]["y"]["scale"]["domain"]
        px = sorted((row["label_y"] - bottom) / (top - bottom) * panel["height"] for row in ends)
        assert all(b - a >= 10.5 for a, b in itertools.pairwise(px))
    assert Counter(labels) == Counter(FIELD.cars)


def test_others_are_muted_and_the_hero_is_not() -> None:
    car = FIELD.cars[3]
    spec = charts.race_chart(FIELD, "positions", charts.Asked(charts.View(cars=(car,))))
    lines = [each["mark"] for each in spec["layer"] if each["mark"]["type"] == "line"]
    hero = [mark for mark in lines if mark["color"] == DARK.cars[0]]
    assert len(hero) == 1
    assert hero[0]["strokeWidth"] > 2 * max(m["strokeWidth"] for m in lines if m not in hero)
    assert {m["color"] for m in lines if m not in hero} == {DARK.others}
    assert {row["car_number"] for row in spec["datasets"]["heroes_0"]} == {car}


def test_initials_are_written_only_where_they_fit_their_bar() -> None:
    end = FIELD.end.ms
    rows = stint_rows(FIELD.stints, start_ms=0, end_ms=end, stops=FIELD.stops)
    for row in rows.filter(pl.col("initials") != "").to_dicts():
        width = (row["end_ms"] - row["start_ms"]) / end * WIDTH
        assert width >= len(row["initials"]) * LETTER_PX
    assert (rows["initials"] != "").mean() > 0.8


def test_sixty_two_rows_of_stints_are_high_enough_to_read() -> None:
    spec = charts.race_chart(FIELD, "stints")
    heights = [panel["height"] / len(spec["datasets"][f"cars_{i}"])
               for i, panel in enumerate(panels_of(spec))]  # fmt: skip
    assert min(heights) >= 14
    assert sum(len(spec["datasets"][f"cars_{i}"]) for i in range(len(heights))) == 62


def test_a_class_leaves_the_others_out() -> None:
    view = charts.View(car_class="LMGT3")
    for kind in ("pace", "positions", "stints", "trace", "pits"):
        data = charts.race_chart(FIELD, kind, charts.Asked(view))["datasets"]
        rows = [row for part in data.values() for row in part]
        cars = {row["car_number"] for row in rows if "car_number" in row}
        assert cars
        assert {FIELD.entries[car].car_class for car in cars} == {"LMGT3"}, kind


def test_names_are_as_short_as_their_crew_allows() -> None:
    assert surname("Nyck DE VRIES") == "De Vries"
    assert surname("René Rast") == "Rast"
    assert initials(["Antonio FUOCO", "Miguel MOLINA", "Nicklas NIELSEN"]) == {
        "Antonio FUOCO": "F", "Miguel MOLINA": "M", "Nicklas NIELSEN": "N",
    }  # fmt: skip
    crew = initials(["Andrea CALDARELLI", "Matteo CAIROLI", "Romain GROSJEAN"])
    assert list(crew.values()) == ["Cal", "Cai", "G"]
    assert set(initials(["Kevin MAGNUSSEN", "Jan MAGNUSSEN"]).values()) == {"K.M", "J.M"}


def test_the_schemas_of_the_track_are_those_of_the_analysis() -> None:
    from dryline.analysis.track import reading as track

    assert track.TYRES == TYRES
    assert {name: track.SAMPLES.get(name) for name in TRACK_SAMPLES} == TRACK_SAMPLES


def test_tyres_become_changes_stints_and_wet_periods() -> None:
    tyres = pl.DataFrame(
        [("7", 0, 0.01, "slick", False), ("7", 1000, 0.97, "wet", False),
         ("7", 2000, 0.5, "unknown", False), ("7", 3000, 0.02, "slick", True)],
        schema=TYRES, orient="row",
    )  # fmt: skip
    changes = tyre_changes(tyres, FIELD.laps)
    assert changes["tyre"].to_list() == ["wet", "slick"]
    assert changes["at_ms"].to_list() == [1000, 3000]
    assert changes["p"].to_list() == pytest.approx([0.97, 0.98])
    stints = pl.DataFrame({"car_number": ["7", "7"], "stint": [1, 2], "end_ms": [900, 1900]})
    assert stint_tyres(tyres, stints)["p_wet"].to_list() == [0.01, 0.97]
    spells = pl.DataFrame(
        [(60_000, 90_000, [1], 0.2, [], "weak"), (120_000, None, [1, 2], 0.5, [], "likely")],
        schema=SPELLS, orient="row",
    )  # fmt: skip
    assert wet_periods(spells).rows() == [(120_000, None)]


@pytest.mark.needs_data
def test_le_mans_with_sixty_two_cars_is_drawn_small(data: Path) -> None:
    race = dryline.open_race(data / "wec/2024/le_mans_24h.csv")
    view = charts.View(cars=("50", "7", "51"), theme=THEMES["light"])
    for kind, most_kb in (("positions", 300), ("gap", 200), ("stints", 900), ("trace", 200)):
        seen_so = view if kind != "stints" else charts.View()
        spec = charts.race_chart(race, kind, charts.Asked(seen_so))
        svg = charts.svg(spec)
        assert len(svg) < most_kb * 1000, (kind, len(svg))
        assert not re.search(r"NaN|undefined", svg)
    spec = charts.race_chart(race, "gap", charts.Asked(view))
    gaps = race.gaps("50").filter(pl.col("car_number") == "7").sort("known_at_ms")
    shown = [row for row in spec["datasets"]["heroes"] if row["car_number"] == "7"]
    assert [row["gap_s"] for row in shown] == (gaps["gap_ms"] / 1000).to_list()
    assert json.loads(charts.to_json(spec))["title"]["text"].startswith("Who was near #50?")
