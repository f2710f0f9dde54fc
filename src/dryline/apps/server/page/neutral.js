// Neutralised stretches of race time, and what lies under them.

import { state } from "./store.js";

/** Stretches in which the whole field was held; a slow zone holds only who is in it. */
export const neutralPeriods = () =>
  (state.wall?.neutralisations ?? []).filter((one) => one.kind !== "slow_zone");

/** Whether any of the periods touches the time between two instants. */
export const isUnder = (periods, from, until) =>
  periods.some((one) => one.start_ms < until && (one.end_ms ?? Infinity) > from);

/** When a car's last lap and its sectors began and ended: `[from, until]` each, null if unknown. */
export function lastLapTimes({ elapsed_ms: end, last_lap_ms: lap, s1_ms, s2_ms, s3_ms }) {
  if (end === null || lap === null) return { lap: null, sectors: [null, null, null] };
  const start = end - lap;
  const first = s1_ms === null ? null : [start, start + s1_ms];
  const third = s3_ms === null ? null : [end - s3_ms, end];
  const second =
    first && s2_ms !== null
      ? [first[1], first[1] + s2_ms]
      : third && s2_ms !== null
        ? [third[0] - s2_ms, third[0]]
        : null;
  return { lap: [start, end], sectors: [first, second, third] };
}
