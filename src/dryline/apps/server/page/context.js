// What the cells of the timing screen are compared with: the class, the best, the flag, the wall.

import { now } from "./clock.js";
import { isUnder, lastLapTimes, neutralPeriods } from "./neutral.js";
import { prefs } from "./prefs.js";
import { sectorBests } from "./sectors.js";
import { state } from "./store.js";

const SLOW = 1.025; // against the class's own quarter of the fastest

/** Everything beside a car's own line that its cells depend on. */
export function context(names) {
  const { screen, wall } = state;
  const neutralised = neutralPeriods();
  const classes = new Map();
  for (const line of screen.order.map((number) => screen.cars[number]).filter(Boolean)) {
    if (!classes.has(line.car_class))
      classes.set(line.car_class, {
        best: Infinity,
        lap: line.last_lap_ms ?? 0,
        sectors: [[], [], []],
      });
    const each = classes.get(line.car_class);
    each.best = Math.min(each.best, line.best_lap_ms ?? Infinity);
    if (line.status !== "running" || line.stint_laps < 2) continue;
    lastLapTimes(line).sectors.forEach((times, at) => {
      if (times && !isUnder(neutralised, ...times)) each.sectors[at].push(times[1] - times[0]);
    });
  }
  for (const each of classes.values()) each.slow = each.sectors.map(slowFrom);
  return {
    classes,
    lap: screen.cars[screen.order[0]]?.last_lap_ms ?? 0,
    best: Math.min(...[...classes.values()].map((each) => each.best)),
    shown: new Set(names),
    nowMs: seenUntil(screen),
    neutralised,
    sectors: sectorBests(Object.values(screen.cars)),
    tyres: wall?.tyres ?? {},
    outlook: wall?.forecast?.cars ?? {},
    followed: new Set(prefs.followed),
  };
}

/** Now; while a replay is being read up to now, the last crossing read. */
function seenUntil(screen) {
  const last = Math.max(0, ...Object.values(screen.cars).map((line) => line.elapsed_ms ?? 0));
  const at = Math.max(now(), screen.at_ms);
  return state.session?.replay && at - last > 75_000 && state.session.wall_clock_lag_ms > 75_000
    ? last
    : at;
}

function slowFrom(times) {
  if (times.length < 4) return Infinity;
  times.sort((one, other) => one - other);
  return SLOW * times[Math.floor(times.length / 4)];
}
