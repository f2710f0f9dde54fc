"""What a series' file says is what the code is told; a series without one is a working state."""

from __future__ import annotations

import tomllib
from importlib import resources

import msgspec
import pytest

from dryline.domain.car_class import class_key
from dryline.domain.flag import Flag
from dryline.domain.series import (
    Series,
    car_class,
    car_classes,
    every_series,
    recognised,
    series_names,
    series_of_folder,
)

ALL = [*every_series(), Series.of(None)]
HOUR = 3.6e6


@pytest.mark.parametrize("series", ALL, ids=lambda each: each.name)
def test_every_part_that_holds_a_number_says_where_it_is_from(series: Series) -> None:
    parts = [
        series.believed, series.stops, series.traffic, series.restart, series.finish,
        series.neutralisations, *series.neutralisations.pit_entry.values(), *series.races,
        *series.seasons, *series.tyres,
    ]  # fmt: skip
    assert all(part.source.strip() for part in parts)


@pytest.mark.parametrize("series", ALL, ids=lambda each: each.name)
def test_races_are_in_order_of_length_and_the_last_has_no_end(series: Series) -> None:
    lengths = [each.below_h for each in series.races]
    assert lengths[-1] is None
    ends = [each for each in lengths if each is not None]
    assert len(ends) == len(lengths) - 1
    assert ends == sorted(ends)


@pytest.mark.parametrize("series", ALL, ids=lambda each: each.name)
def test_its_words_are_words_of_the_sport(series: Series) -> None:
    words = {*series.neutralisations.kinds, *series.neutralisations.queueing}
    assert {*words, *series.neutralisations.pit_entry} <= {flag.value for flag in Flag}
    seasons = {class_key(name) for season in series.seasons for name in season.order}
    assert seasons <= set(car_classes())


def test_no_two_files_describe_a_class_differently() -> None:
    for series in ALL:
        for name, described in series.classes.items():
            assert described == car_class(name), f"{series.name}: {name}"


def test_whoever_borrows_says_so() -> None:
    for series in ALL:
        own = series.believed.stops == (series.name,)
        assert own != bool(series.believed.words), series.name


def test_each_shipped_series_is_recognised_by_each_of_its_sets_and_its_folders() -> None:
    for series in every_series():
        assert series.recognition.classes
        for classes in series.recognition.classes:
            assert recognised(classes) == series.name
            assert recognised([name.upper().replace(" ", "-") for name in classes]) == series.name
        assert series_of_folder(series.name) == series.name


def test_the_larger_set_of_classes_tells_and_two_alike_do_not() -> None:
    assert recognised(["LMP2"]) is None
    assert recognised(["HYPERCAR", "GTP"]) is None
    assert recognised(["HYPERCAR", "GTP"], ("/", "races", "IMSA", "2024")) == "imsa"
    assert recognised(["HYPERCAR", "GTP"], ("/", "elsewhere")) is None


def test_the_nearest_folder_tells_where_the_classes_do_not() -> None:
    assert recognised([], ("/", "imsa", "wec", "x.csv")) == "wec"
    assert recognised(["HYPERCAR"], ("/", "imsa")) == "wec"
    assert recognised([], ("/", "wecker")) is None


def test_a_series_without_a_file_works_under_its_own_name() -> None:
    nobody, named = Series.of(None), Series.of("Formula Ice")
    assert named.full_name == "Formula Ice"
    assert named.name not in series_names()
    same = msgspec.structs.replace(named, name=nobody.name, full_name=nobody.full_name)
    assert same == nobody
    assert {Series.of(name.upper()).name for name in series_names()} == set(series_names())


def test_a_pit_entry_holds_only_below_its_length() -> None:
    entry = Series.of("wec").neutralisations.pit_entry["safety_car"]
    assert entry.holds(12 * HOUR - 1)
    assert not entry.holds(12 * HOUR)


def test_a_class_that_nobody_describes_has_defaults() -> None:
    seen = car_class("Cup 3")
    assert (seen.colour, seen.family, seen.prototype, seen.like) == (None, "gt_am", False, None)


def kind(name: str, **more: float) -> dict[str, object]:
    return {"name": name, "words": name, "source": "made up", **more}


INTER = {"quicker_from": 0.2, "spares": 0.5}


def with_tyres(*tyres: dict[str, object]) -> Series:
    raw = msgspec.to_builtins(Series.of("wec"))
    return msgspec.convert({**raw, "tyres": tyres}, Series)


def test_a_series_whose_file_says_nothing_has_slicks_and_wets() -> None:
    assert [each.name for each in Series.of("wec").tyres] == ["slick", "wet"]
    assert Series.of("wec").tyres == Series.of(None).tyres


@pytest.mark.parametrize(
    "tyres",
    [
        (),
        (kind("slick"),),
        (kind("wet"), kind("slick")),
        (kind("slick"), kind("wet"), kind("wet", **INTER)),
        (kind("slick"), kind("inter"), kind("wet")),
        (kind("slick"), kind("inter"), kind("wet", quicker_from=0.2, spares=1.0)),
        (kind("slick"), kind("inter"), kind("wet", quicker_from=0.0, spares=0.5)),
    ],
)
def test_kinds_of_tyre_that_are_none_are_refused(tyres: tuple[dict[str, object], ...]) -> None:
    with pytest.raises(msgspec.ValidationError, match="tyres"):
        with_tyres(*tyres)


def test_a_series_may_have_as_many_rain_tyres_as_it_says() -> None:
    told = (kind("slick"), kind("inter"), kind("wet", **INTER), kind("monsoon", **INTER))
    assert [each.name for each in with_tyres(*told).tyres] == ["slick", "inter", "wet", "monsoon"]


def test_the_example_of_a_series_with_intermediates_is_one() -> None:
    file = resources.files("dryline.data") / "examples" / "series" / "f1.toml"
    made = msgspec.convert({"name": "f1", **tomllib.loads(file.read_text("utf-8"))}, Series)
    assert [each.name for each in made.tyres] == ["slick", "inter", "wet"]
    assert made.recognition.classes == (("F1",),)
    assert made.believed == Series.of(None).believed
