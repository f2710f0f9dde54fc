"""Classifications, weather, messages and decisions made here, for tests."""

from __future__ import annotations

import polars as pl

from dryline.domain.tables import RESULTS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_weather import SAMPLES, WeatherSheet
from dryline.feeds.dialect import Dialect
from tests.feeds.write_results import write_results, write_weather


def results() -> pl.DataFrame:
    crew = [
        {"name": "Ana Ågren", "rating": "gold", "country": "SWE"},
        {"name": "Bo de la Cruz", "rating": "bronze", "country": None},
    ]
    row = {
        "status": "Classified",
        "laps": 205,
        "total_time_ms": 21_670_521,
        "gap_first": "-",
        "gap_previous": "-",
        "fastest_lap": 33,
        "fastest_lap_ms": 92_334,
        "team": "Team, One",
        "car_class": "HYPERCAR",
        "group": "H",
        "vehicle": "Maker V1",
        "tyres": "M",
        "drivers": crew,
    }
    second = {"laps": 203, "gap_first": "2 Laps", "gap_previous": "2 Laps", "drivers": crew[:1]}
    absent = {
        "status": "Not started", "laps": 0, "total_time_ms": None, "gap_first": "",
        "gap_previous": "", "fastest_lap": None, "fastest_lap_ms": None, "drivers": [],
    }  # fmt: skip
    rows = [
        {**row, "position": 1, "car_number": "007", "line": 2},
        {**row, **second, "position": 2, "car_number": "7", "line": 3},
        {**row, **absent, "position": None, "car_number": "01", "line": 4},
    ]
    return pl.DataFrame(rows, schema=RESULTS)


def result_file(dialect: Dialect = spec.WEC_RESULTS) -> bytes:
    return write_results(results(), dialect)


def weather_sheet(
    start_utc_s: int = 1_713_697_227, minutes: int = 40, style: str = "%d-%b-%y %H:%M:%S"
) -> WeatherSheet:
    rows = [
        {
            "at_utc_ms": (start_utc_s + 60 * i) * 1000,
            "air_c": (68.5 + i * 0.1 - 32) / 1.8,
            "track_c": (80.25 + i * 0.2 - 32) / 1.8,
            "humidity_pct": 50.0 + i % 5,
            "pressure_hpa": (29.9 + i * 0.001) * 33.863886666667,
            "wind_ms": 3.9 * 0.44704,
            "wind_from_deg": float(i * 7 % 360),
            "rain": -1.0,
            "line": i + 2,
        }
        for i in range(minutes)
    ]
    samples = pl.DataFrame(rows, schema=SAMPLES)
    return WeatherSheet(samples, spec.IMSA_WEATHER, (), date_style=style)


def weather_file(**weather: object) -> bytes:
    return write_weather(weather_sheet(**weather))  # type: ignore[arg-type]


MESSAGES = b"""at,kind,text,flag,sector,car_number,penalty,laps_to_serve,source,weight,from,\
until,probability,tyre,known_at
# what race control said
0:10:00,flag,"debris, turn 5",fcy,,,,,,,,,,,
0:12:30,vsc,,,,,,,,,,,,,
1:00:00,investigation,contact,,,007,,,,,,,,,
1:05:00,penalty,contact,,,007,drive_through,3,stewards,,,,,,
3:10:00,track_declared_wet,,,,,,,,,,,,,
3:08:00,rain,,,2,,,,spotter,0.9,,,,,3:08:20
2:50:00,rain_forecast,,,,,,,radar,0.6,3:05:00,3:40:00,0.7,,
3:20:00,tyre,,,,7,,,team,1,,,,wet,
"""

DECISIONS = b"""race,car_number,kind,seconds,laps,position,lap,reason
imsa/2022/here,52,time_penalty,37.0,,,,"contact, turn 1"
imsa/2022/here,007,placed_at,,,30,,
imsa/2022/there,7,laps,,2,,,
,8,disqualified,,,,,weight
"""

MAPPING = b"""
separator = ","

[columns]
car_number = "Car"
lap_time = "Lap Time"
s1 = "Sec 1"
driver = "Driver"
flag = "Track"
in_pit = "Pit"
pit_lane = "In lane"

[times]
lap_time = "seconds"
pit_lane = "milliseconds"

[flags]
G = "green"
Y = "fcy"

[in_pit]
marks = ["P", "IN"]

[defaults]
car_class = "GT3"
"""

FOREIGN = b"""Car,Lap Time,Sec 1,Driver,Track,Pit,In lane,Fuel
007,95.02,31.5,Ana,G,,,50
007,96.1,0:32.100,Ana,Y,P,,48
007,140.25,31.0,Bo,G,,61432,95
7,97.0,32.0,Cl\xc3\xa9o,G,IN,,51
"""
