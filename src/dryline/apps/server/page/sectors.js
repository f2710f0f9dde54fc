// The sectors of a car as they happen: those of the lap under way, before them the last lap's.

/** The time of a sector to be shown, and when it was driven; `isOld`: of the lap before. */
export function sectorOf(line, place, lastLap) {
  const now = line[`now_s${place}_ms`] ?? null;
  if (now !== null) {
    const from = place === 1 ? line.elapsed_ms : line.elapsed_ms + line.now_s1_ms;
    return { ms: now, times: [from, from + now], isOld: false };
  }
  const isUnderWay = (line.now_s1_ms ?? line.now_s2_ms ?? null) !== null;
  return { ms: line[`s${place}_ms`], times: lastLap[place - 1], isOld: isUnderWay };
}

/** The best time of a car in a sector, the one just driven among them. */
function bestOf(line, place) {
  const times = [line[`best_s${place}_ms`], line[`now_s${place}_ms`]].filter(
    (ms) => ms !== null && ms !== undefined,
  );
  return Math.min(Infinity, ...times);
}

/** The best of all and of each class, by sector. */
export function sectorBests(lines) {
  const all = [Infinity, Infinity, Infinity];
  const classes = new Map();
  for (const line of lines) {
    if (!classes.has(line.car_class)) classes.set(line.car_class, [Infinity, Infinity, Infinity]);
    const own = classes.get(line.car_class);
    for (const at of [0, 1, 2]) {
      own[at] = Math.min(own[at], bestOf(line, at + 1));
      all[at] = Math.min(all[at], own[at]);
    }
  }
  return { all, classes };
}

/** Purple best of all, orange of the class, green its own. */
export function bestSectorTone(ms, line, place, bests) {
  if (ms === null || ms === undefined) return null;
  if (ms === bests.all[place - 1]) return "purple";
  if (ms === bests.classes.get(line.car_class)?.[place - 1]) return "orange";
  return ms === bestOf(line, place) ? "green" : null;
}
