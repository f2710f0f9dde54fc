// Stints of the cars that matter: drivers, tyres, neutralisations, now, and what is foreseen.

import { classColour } from "./classes.js";
import { now } from "./clock.js";
import { calmly, h, put, s, sized } from "./dom.js";
import { hero, worthARow } from "./focus.js";
import { clock, hoursMinutes, surname } from "./format.js";
import { bands, fits } from "./picture.js";
import { on, state } from "./store.js";

const LEFT = 46;
const FOOT = 15;
const ROW = 16;
const FEW = 6; // further stints of others would only be a pattern
const HOURS = [0.5, 1, 2, 3, 4];

export function stintsView() {
  const holder = h("div", { class: "picture", dataset: { view: "stints" } });
  let size = null;
  const again = calmly(1000, () => size && draw(holder, ...size));
  sized(holder, (...now_size) => {
    size = now_size;
    again();
  });
  on("wall view session", again);
  return holder;
}

function draw(holder, width, height) {
  const { screen, session, wall } = state;
  if (!screen || !wall) return;
  const rows = worthARow(Math.max(1, Math.floor((height - FOOT) / ROW)));
  const until = Math.max(session?.length_ms ?? 0, now() * 1.05, 60_000);
  const x = (ms) => LEFT + (ms / until) * (width - LEFT - 8);
  const bottom = rows.length * ROW;
  put(
    holder,
    s(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Stints" },
      rows.map((number, at) => row(number, at * ROW, x, until)),
      bands(x, 0, bottom, 0, now(), { named: false }),
      axis(x, until, bottom),
      s("line", { x1: x(now()), x2: x(now()), y1: 0, y2: bottom, class: "now" }),
    ),
  );
}

function axis(x, until, bottom) {
  const step = HOURS.find((hours) => until / (hours * 3_600_000) <= 8) ?? 6;
  const marks = [];
  for (let at = 0; at * 3_600_000 <= until; at += step) {
    const ms = at * 3_600_000;
    marks.push(
      s("line", { x1: x(ms), x2: x(ms), y1: bottom, y2: bottom + 3, class: "tick" }),
      s(
        "text",
        {
          x: x(ms),
          y: bottom + 13,
          class: "axis",
          "text-anchor": at === 0 ? "start" : ms > 0.98 * until ? "end" : "middle",
        },
        at === 0 ? "0 h" : hoursMinutes(ms),
      ),
    );
  }
  return marks;
}

function row(number, top, x, until) {
  const line = state.screen.cars[number];
  const isHero = number === hero();
  const stints = state.wall.stints.filter((one) => one.car_number === number);
  return s(
    "g",
    {},
    isHero && s("rect", { x: 0, y: top, width: x(until), height: ROW, class: "hero-row" }),
    s(
      "text",
      { x: 2, y: top + 12, class: `number class-${classColour(line.car_class)}` },
      `#${number}`,
    ),
    stints.map((one) => stint(one, top, x)),
    foreseen(number, line, top, x, until),
  );
}

function stint(one, top, x) {
  const [left, right] = [x(one.start_ms), x(one.running ? now() : one.end_ms)];
  const width = Math.max(2, right - left - 2);
  const family = surname(one.driver);
  const last = family.split(" ").at(-1);
  const name = [family, last, last.slice(0, 3), last.slice(0, 1)].find((text) => fits(text, width));
  const kind = one.wet === null ? "unknown" : one.wet ? "wet" : "slick";
  const told =
    kind === "unknown" ? "tyres unknown" : `${kind === "wet" ? "wets" : "slicks"}, inferred`;
  return s(
    "g",
    { class: "stint", "data-kind": kind },
    s(
      "title",
      {},
      `#${one.car_number} ${one.driver}: ${one.laps} laps, ${clock(one.start_ms)} to ${one.running ? "now" : clock(one.end_ms)}, ${told}`,
    ),
    s("rect", { x: left, y: top + 1, width, height: ROW - 2, rx: 2 }),
    name &&
      s(
        "text",
        { x: left + 4, y: top + 12 },
        kind === "wet" && fits(`${name} W`, width) ? `${name} W` : name,
      ),
  );
}

/** The stints to come: the first as long as the range, the others alike, by the median of stops. */
function foreseen(number, line, top, x, until) {
  const left = state.wall.forecast?.cars[number]?.stops_left?.p50;
  const length = state.session?.length_ms;
  if (left === undefined || !length || line.status === "retired" || now() >= length) return null;
  const stops = Math.round(left);
  const range = state.wall.tyres[number]?.laps_left ?? null;
  const lap = line.best_lap_ms ?? line.last_lap_ms;
  const even = (length - now()) / (stops + 1);
  let end =
    stops === 0
      ? length
      : Math.min(now() + (range === null || !lap ? even : Math.max(0, range) * lap), length);
  const parts = [[now(), end]];
  for (let at = 1; at <= stops; at += 1) {
    const next = at === stops ? length : end + (length - end) / (stops - at + 1);
    parts.push([end, next]);
    end = next;
  }
  const shown = number === hero() || stops <= FEW ? parts : parts.slice(0, 2);
  return shown.map(([from, to]) =>
    s(
      "rect",
      {
        x: x(from) + 2,
        y: top + 3,
        width: Math.max(1, x(Math.min(to, until)) - x(from) - 4),
        height: ROW - 6,
        rx: 2,
        class: number === hero() ? "foreseen ours" : "foreseen",
      },
      s("title", {}, `foreseen: ${stops} more stops (median), evenly spread after the range`),
    ),
  );
}
