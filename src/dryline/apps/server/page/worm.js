// Probability of winning the class over time, with neutralised bands; labels at the lines' ends.

import { classLabel } from "./classes.js";
import { calmly, h, put, s, sized } from "./dom.js";
import { carColour, hero, heroClass } from "./focus.js";
import { hoursMinutes, percent } from "./format.js";
import { nothing, panel } from "./panel.js";
import { prefs } from "./prefs.js";
import { bands, spread, wetBands } from "./picture.js";
import { on, state } from "./store.js";
import { now } from "./clock.js";

const LEFT = 8;
const RIGHT = 74;
const FOOT = 16;
const SPARSE_MS = 900_000;
const HOURS = [1, 2, 3, 6];

export function wormPanel() {
  const box = panel("Class-win probability", { name: "worm" });
  const holder = h("div", { class: "picture" });
  put(box.body, holder);
  let size = null;
  const again = calmly(1000, () => size && draw(box, holder, ...size));
  sized(holder, (...now_size) => {
    size = now_size;
    again();
  });
  on("wall view session", again);
  return box.node;
}

function draw(box, holder, width, height) {
  const carClass = prefs.tab === "all" ? heroClass() : prefs.tab;
  box.entitle(`Class-win probability · ${classLabel(carClass)}`);
  const lines = Object.entries(state.wall?.worm?.[carClass] ?? {})
    .map(([number, points]) => [number, sinceSteady(points)])
    .filter(([, points]) => points.length);
  box.dated(state.wall?.forecast?.as_of_ms ?? null, 300_000);
  if (!lines.length) {
    put(holder, nothing("Drawn as forecasts come."));
    return;
  }
  const from = Math.min(...lines.map(([, points]) => points[0][0]));
  const until = Math.max(from + 60_000, now());
  const x = (ms) => LEFT + ((ms - from) / (until - from)) * (width - LEFT - RIGHT);
  const most = Math.min(
    1,
    Math.max(0.3, ...lines.flatMap(([, points]) => points.map(([, p]) => p))) * 1.08,
  );
  const y = (p) => 6 + (1 - p / most) * (height - FOOT - 12);
  const numbers = lines.map(([number]) => number);
  put(
    holder,
    s(
      "svg",
      {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "img",
        "aria-label": "Win probability over time",
      },
      wetBands(x, 0, height - FOOT, from, until),
      bands(x, 0, height - FOOT, from, until),
      grid(x, y, from, until, most, width, height),
      lines.map(([number, points]) =>
        pieces([...points, [until, points.at(-1)[1]]]).map(({ part, sparse }) =>
          s("polyline", {
            points: part.map(([ms, p]) => `${x(ms).toFixed(1)},${y(p).toFixed(1)}`).join(" "),
            class: `worm ${carColour(number, numbers)}${number === hero() ? " hero" : ""}`,
            "stroke-dasharray": sparse && "2 4",
          }),
        ),
      ),
      labels(lines, numbers, y, width, height),
    ),
  );
}

/** Without forecasts at the start that no other follows for long. */
function sinceSteady(points) {
  const lonely = points.findLastIndex(
    (point, at) => at + 1 < points.length && points[at + 1][0] - point[0] > 4 * SPARSE_MS,
  );
  return points.slice(lonely + 1);
}

/** The line in pieces: dotted where there was no forecast for long. */
function pieces(points) {
  const all = [];
  points.slice(1).forEach((point, at) => {
    const sparse = point[0] - points[at][0] > SPARSE_MS;
    if (all.at(-1)?.sparse === sparse) all.at(-1).part.push(point);
    else all.push({ sparse, part: [points[at], point] });
  });
  return all;
}

function grid(x, y, from, until, most, width, height) {
  const step = HOURS.find((hours) => (until - from) / (hours * 3_600_000) <= 5) ?? 6;
  const marks = [];
  for (let at = Math.ceil(from / 3_600_000 / step) * step; at * 3_600_000 <= until; at += step) {
    marks.push(
      s(
        "text",
        { x: x(at * 3_600_000), y: height - 4, class: "axis", "text-anchor": "middle" },
        hoursMinutes(at * 3_600_000),
      ),
    );
  }
  const levels = [0, 0.25, 0.5, 0.75, 1].filter((p) => p <= most);
  return [
    levels.map((p) =>
      s("line", { x1: LEFT, x2: width - RIGHT, y1: y(p), y2: y(p), class: "rule" }),
    ),
    marks,
  ];
}

function labels(lines, numbers, y, width, height) {
  const ends = lines
    .map(([number, points]) => ({ number, p: points.at(-1)[1], at: y(points.at(-1)[1]) }))
    .sort((one, other) => one.at - other.at);
  spread(ends, 13, 8, height - FOOT);
  return ends.map(({ number, p, at }) =>
    s(
      "text",
      { x: width - RIGHT + 6, y: at + 4, class: `label ${carColour(number, numbers)}` },
      `#${number} ${percent(p)}`,
    ),
  );
}
