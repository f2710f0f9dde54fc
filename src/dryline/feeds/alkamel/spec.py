"""The provider's words: column names, flag codes and markers of the Al Kamel family."""

from __future__ import annotations

from dryline.domain.flag import Flag
from dryline.feeds.dialect import Dialect

LAPS_HEADER = (
    "NUMBER", " DRIVER_NUMBER", " LAP_NUMBER", " LAP_TIME", " LAP_IMPROVEMENT",
    " CROSSING_FINISH_LINE_IN_PIT", " S1", " S1_IMPROVEMENT", " S2", " S2_IMPROVEMENT", " S3",
    " S3_IMPROVEMENT", " KPH", " ELAPSED", " HOUR", "S1_LARGE", "S2_LARGE", "S3_LARGE",
    "TOP_SPEED", "DRIVER_NAME", "PIT_TIME", "CLASS", "GROUP", "TEAM", "MANUFACTURER",
    "FLAG_AT_FL", "S1_SECONDS", "S2_SECONDS", "S3_SECONDS",
)  # fmt: skip
"""The header of a lap file of 2024 and later, with its leading spaces."""

WEC = Dialect(columns=LAPS_HEADER)
"""How the World Endurance Championship's lap files are written since 2024."""

WEC_2020 = Dialect(columns=LAPS_HEADER[:25])
"""The same in 2020 and 2021: no flags, no sectors in seconds."""

IMSA = Dialect(columns=LAPS_HEADER[:26], separator=",", newline="\n")
"""How IMSA's lap files are written."""

IMSA_WEATHER = Dialect(
    columns=(
        "TIME_UTC_SECONDS", "TIME_UTC_STR", "AIR_TEMP", "TRACK_TEMP", "HUMIDITY", "PRESSURE",
        "WIND_SPEED", "WIND_DIRECTION", "RAIN",
    ),
    separator=",",
    newline="\n",
)  # fmt: skip
"""How IMSA's weather files are written."""

WEC_RESULTS = Dialect(
    columns=(
        "POSITION", "NUMBER", "TEAM", "DRIVER_1", "DRIVER_2", "DRIVER_3", "DRIVER_4", "VEHICLE",
        "TYRES", "CLASS", "GROUP", "DIVISION", "STATUS", "LAPS", "TOTAL_TIME", "GAP_FIRST",
        "GAP_PREVIOUS", "FL_LAPNUM", "FL_TIME", "FL_KPH", "DRIVER_5",
    )
)  # fmt: skip
"""How the World Endurance Championship's classifications are written."""

IMSA_RESULTS = Dialect(
    columns=(
        "POSITION", "NUMBER", "STATUS", "LAPS", "TOTAL_TIME", "GAP_FIRST", "GAP_PREVIOUS",
        "FL_LAPNUM", "FL_TIME", "FL_KPH", "TEAM", "CLASS", "GROUP", "DIVISION", "VEHICLE", "TIRES",
        *(
            f"DRIVER{seat}_{part}"
            for seat in range(1, 7)
            for part in ("FIRSTNAME", "SECONDNAME", "LICENSE", "HOMETOWN", "COUNTRY")
        ),
    ),
    separator=",",
    newline="\n",
)  # fmt: skip
"""IMSA's classifications, without the columns that hold only IMSA's own keys."""

TEXTS = {
    "driver": "DRIVER_NAME",
    "car_class": "CLASS",
    "team": "TEAM",
    "manufacturer": "MANUFACTURER",
    "group": "GROUP",
}
"""Columns of CROSSINGS that are text in the file as well."""

TIMES = {
    "lap_time_ms": "LAP_TIME",
    "s1_ms": "S1",
    "s2_ms": "S2",
    "s3_ms": "S3",
    "elapsed_ms": "ELAPSED",
    "time_of_day_ms": "HOUR",
    "pit_lane_ms": "PIT_TIME",
}
"""Columns of CROSSINGS that the file writes as times."""

SPEEDS = {"top_speed_kmh": "TOP_SPEED", "speed_kmh": "KPH"}
COUNTS = {"lap": "LAP_NUMBER", "driver_seat": "DRIVER_NUMBER"}
CAR_NUMBER = "NUMBER"
FLAG = "FLAG_AT_FL"
IN_PIT = "CROSSING_FINISH_LINE_IN_PIT"
IN_PIT_MARKER = "B"

ALIASES = {"LAPNUMBER": "LAP_NUMBER", "LAPTIME": "LAP_TIME"}
"""Names in "Time Cards" of 2019, and the names that they bear today."""

IMPROVEMENTS = ("LAP_IMPROVEMENT", "S1_IMPROVEMENT", "S2_IMPROVEMENT", "S3_IMPROVEMENT")
"""Bests of the whole session: a leak of the future. Recomputed when written, and read only to see
which laps were taken away in a session that is over and was no race (``taken_away``)."""

REPEATED = (
    "S1_LARGE", "S2_LARGE", "S3_LARGE", "S1_SECONDS", "S2_SECONDS", "S3_SECONDS",
)  # fmt: skip
"""The sectors once more in other forms; read only where ``S1`` to ``S3`` are missing."""

READ = frozenset(
    {CAR_NUMBER, FLAG, IN_PIT, *TEXTS.values(), *TIMES.values(), *SPEEDS.values(), *COUNTS.values()}
)
KNOWN = READ | frozenset(IMPROVEMENTS) | frozenset(REPEATED)

FLAGS = {
    "GF": Flag.GREEN,
    "FCY": Flag.FCY,
    "SF": Flag.SAFETY_CAR,
    "RF": Flag.RED,
    "FF": Flag.CHEQUERED,
    "YF": Flag.YELLOW,
    "VSC": Flag.VSC,
    "C60": Flag.CODE_60,
    "SZ": Flag.SLOW_ZONE,
}
"""Flag codes. The last four are Dryline's own, so that whatever it simulates can be written."""
FLAG_CODES = {flag.value: code for code, flag in FLAGS.items()}

LAPS_REMEDY = "Give the lap file, 23_Analysis_*.CSV."


def is_laps_header(names: frozenset[str]) -> bool:
    """Whether these column names are those of a lap file, complete enough to rebuild from."""
    if CAR_NUMBER not in names:
        return False
    return bool(names & {"LAP_TIME", "LAPTIME", "ELAPSED"}) and bool(
        names
        & {"LAP_NUMBER", "LAPNUMBER", "CROSSING_FINISH_LINE_IN_PIT", "S1", "FLAG_AT_FL", "HOUR"}
    )


def is_results_header(names: frozenset[str]) -> bool:
    """Whether these column names are those of a classification."""
    places = bool(names & {"POSITION", "POS"}) and "NUMBER" in names
    return places and bool(names & {"STATUS", "TOTAL_TIME", "LAPS"})


def is_weather_header(names: frozenset[str]) -> bool:
    """Whether these column names are those of a weather file."""
    return bool(names & {"TIME_UTC_SECONDS", "TIME_UTC_STR"}) and bool(
        names & {"AIR_TEMP", "TRACK_TEMP", "RAIN"}
    )
