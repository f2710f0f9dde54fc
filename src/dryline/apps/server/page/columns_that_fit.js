// Which columns there is room for, the most needed first.

import { BY_NAME, COLUMNS } from "./columns.js";
import { widthOf } from "./widths.js";

const FIRST = [
  "position",
  "number",
  "driver",
  "gap",
  "last",
  "tyre",
  "int",
  "pic",
  "s1",
  "s2",
  "s3",
  "win",
  "laps",
  "range",
  "age",
  "stops",
  "cgap",
  "best",
  "cint",
  "state",
];

/** As many columns as a width has room for, the most needed first. */
export function thatFit(width) {
  const chosen = new Set();
  let left = width - 4;
  for (const name of FIRST) {
    const needed = widthOf(BY_NAME.get(name));
    if (needed > left) break;
    left -= needed;
    chosen.add(name);
  }
  return COLUMNS.map((each) => each.name).filter((name) => chosen.has(name));
}
