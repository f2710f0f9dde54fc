"""A race on a long lap with five classes, long names and two-figure places, as at Daytona."""

from __future__ import annotations

import polars as pl

from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.race.race import Race
from tests.made_up.field import crossings

INFO = RaceInfo(name="five classes", series="imsa", length=RaceLength(ms=3_600_000))
CLASSES = {"GTP": 216.0, "LMP2": 226.0, "LMP3": 238.0, "GTDPRO": 248.0, "GTD": 252.0}
NAMES = (
    "Antonio GIOVINAZZI", "Sheldon van der Linde", "António Félix DA COSTA", "Ye",
    "Maximilian-Alexander von Hohenzollern-Sigmaringen", "Sébastien BOURDAIS", "Kamui KOBAYASHI",
)  # fmt: skip
TEAMS = ("Ferrari AF Corse", "Heart of Racing Team with Very Long Words", "TF")


def five_classes(cars: int = 60) -> Race:
    """An hour of ``cars`` cars whose sectors all last for more than a minute."""
    laps = crossings(cars=cars, hours=1.0, classes=CLASSES, stint_laps=9)
    numbers = laps["car_number"].unique(maintain_order=True).to_list()
    called = {number: NAMES[at % len(NAMES)] for at, number in enumerate(numbers)}
    teams = {number: TEAMS[at % len(TEAMS)] for at, number in enumerate(numbers)}
    short = {number: str(at + 1) for at, number in enumerate(numbers)}
    named = laps.with_columns(
        car_number=pl.col("car_number").replace_strict(short),
        driver=pl.col("car_number").replace_strict(called),
        team=pl.col("car_number").replace_strict(teams),
    )
    return Race(INFO, named)
