"""How fast the simulator is: ``python benchmarks/bench_simulator.py [--replicates N]``.

37 cars, six hours, one event per car-lap, weather per sector. Processor time is counted, so that
other work on the machine does not spoil the figure; wall time is printed beside it. The first line
is the cold or cached start, imports included.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replicates", type=int, default=1000)
    arguments = parser.parse_args()
    wall, began = time.perf_counter(), time.process_time()
    from tests.made_up.simulated import a_race

    from dryline.sim.params import Rain
    from dryline.sim.simulate import simulate

    shower = Rain(gain_per_min=0.2, rates=a_rainy_day())
    params, state = a_race(19, 18, hours=6.0)
    simulate(params, state, replicates=1)
    print(
        f"first call {time.perf_counter() - wall:.2f} s, "
        f"processor {time.process_time() - began:.2f} s"
    )
    for name, rain in (("dry", Rain()), ("changeable", shower)):
        for threads in (1, 2):
            wall, began = time.perf_counter(), time.process_time()
            out = simulate(
                replace(params, rain=rain), state, seed=1, threads=threads,
                replicates=arguments.replicates,
            )  # fmt: skip
            used, took = time.process_time() - began, time.perf_counter() - wall
            laps = float(out.laps.sum())
            print(
                f"{name:10s} threads {threads}: {arguments.replicates / used:6.0f} races and "
                f"{laps / used / 1e6:5.2f} million car-laps per second of processor; "
                f"{arguments.replicates / took:6.0f} races per second of wall time"
            )
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def a_rainy_day() -> object:
    import numpy as np

    return np.array([[0.0, 0.15, 0.05], [1.0, 0.0, 0.5], [1.0, 0.5, 0.0]])


if __name__ == "__main__":
    main()
