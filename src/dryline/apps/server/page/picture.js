// What the drawn pictures have in common: bands of neutralisation, labels that keep apart.

import { s } from "./dom.js";
import { isUnder, neutralPeriods } from "./neutral.js";
import { state } from "./store.js";

const MANY = 1 / 3;
const SHORT = {
  fcy: "FCY",
  vsc: "VSC",
  safety_car: "SC",
  code_60: "C60",
  red: "RED",
  slow_zone: "SZ",
};

/** Neutralised periods between two instants, named where there is room. */
export function bands(x, top, bottom, from, until, { named = true } = {}) {
  return neutralPeriods()
    .filter((one) => isUnder([one], from, until))
    .map((one) => {
      const [left, right] = [
        x(Math.max(from, one.start_ms)),
        x(Math.min(until, one.end_ms ?? until)),
      ];
      const label =
        named &&
        right - left > 22 &&
        s("text", { x: left + 2, y: top + 10, class: "band-name" }, SHORT[one.kind] ?? "");
      return [
        s(
          "rect",
          {
            x: left,
            y: top,
            width: Math.max(1, right - left),
            height: bottom - top,
            class: `neutral-band ${one.kind}`,
          },
          s("title", {}, one.kind.replaceAll("_", " ")),
        ),
        label,
      ];
    });
}

/** Periods in which at least so many of the cars on the track were on wets. */
export function wetBands(x, top, bottom, from, until) {
  const steps = [];
  for (const one of state.wall?.stints ?? []) {
    const end = one.running ? until : one.end_ms;
    steps.push([one.start_ms, 1, one.wet ? 1 : 0], [end, -1, one.wet ? -1 : 0]);
  }
  steps.sort((one, other) => one[0] - other[0]);
  const found = [];
  let [running, wet, since] = [0, 0, null];
  for (const [at, car, onWets] of steps) {
    running += car;
    wet += onWets;
    const many = running > 0 && wet >= MANY * running;
    if (many && since === null) since = at;
    if (!many && since !== null) {
      found.push([since, at]);
      since = null;
    }
  }
  return found
    .filter(([start, end]) => end > from && start < until && end - start > 60_000)
    .map(([start, end]) =>
      s(
        "rect",
        {
          x: x(Math.max(from, start)),
          y: top,
          width: Math.max(1, x(Math.min(end, until)) - x(Math.max(from, start))),
          height: bottom - top,
          class: "wet-band",
        },
        s("title", {}, "a third of the field or more on wets"),
      ),
    );
}

/** Moves `at` of sorted labels apart by at least `gap`, inside `top` and `bottom`. */
export function spread(labels, gap, top, bottom) {
  let last = top - gap;
  for (const label of labels) {
    label.at = Math.max(label.at, last + gap);
    last = label.at;
  }
  let limit = bottom;
  for (const label of [...labels].reverse()) {
    label.at = Math.min(label.at, limit);
    limit = label.at - gap;
  }
}

const ERRORS = 2; // standard errors either side

/** From where to where differences with their errors reach, zero within. */
export function reach(differences) {
  const ends = differences.flatMap(({ value, se }) => [value - ERRORS * se, value + ERRORS * se]);
  return [Math.min(0, ...ends), Math.max(0, ...ends)];
}

/** Zero, a difference and two standard errors either side, on a scale from `low` to `high`. */
export function whisker({ value, se }, low, high, width = 90) {
  const x = (at) => 4 + ((width - 8) * (at - low)) / (high - low || 1);
  return s(
    "svg",
    {
      class: "whisker",
      width,
      height: 14,
      viewBox: `0 0 ${width} 14`,
      role: "img",
      "aria-label": "with two standard errors",
    },
    s("line", { x1: x(0), x2: x(0), y1: 1, y2: 13, class: "zero" }),
    s("line", {
      x1: x(value - ERRORS * se),
      x2: x(value + ERRORS * se),
      y1: 7,
      y2: 7,
      class: "error",
    }),
    s("circle", { cx: x(value), cy: 7, r: 3.5, class: "dot" }),
  );
}

/** Whether there is room for `text` of about `size` px in `width`. */
export const fits = (text, width, size = 11) => text.length * size * 0.58 + 6 <= width;
