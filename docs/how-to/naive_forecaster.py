"""The naive forecast: nothing moves, and each place wins as often as it did in other races."""

import csv
import json
import math
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    asked = json.load(file)

laps, last_s = {}, {}
with open(asked["timing"], encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file, delimiter=";"):
        elapsed_s = 0.0
        for part in row["ELAPSED"].split(":"):
            elapsed_s = 60 * elapsed_s + float(part)
        car = row["NUMBER"]
        laps[car] = laps.get(car, 0) + 1
        last_s[car] = max(last_s.get(car, 0.0), elapsed_s)

classes, cars = {}, []
for each in asked["cars"]:
    classes.setdefault(each["car_class"], []).append(each["car_number"])
won, seen = asked["winners_by_place"]["won"], asked["winners_by_place"]["seen"]
for order in classes.values():
    order.sort(key=lambda car: (-laps.get(car, 0), last_s.get(car, 0.0), car))
    chance = [(won[k] + 0.5) / (seen[k] + 1.0) if k < len(won) else 0.5 for k in range(len(order))]
    for place, car in enumerate(order):
        stays = [float(k == place) for k in range(len(order))]
        p_win = chance[place] / math.fsum(chance)
        cars.append({"car_number": car, "p_position_in_class": stays, "p_win_class": p_win})

with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump({"cars": cars}, file)
