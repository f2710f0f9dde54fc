// The lap as a strip: where everybody is by crossing and lap time, and where we would rejoin.

import { classColour } from "./classes.js";
import { now } from "./clock.js";
import { isInLane } from "./doing.js";
import { calmly, h, Keyed, mark, put, s, say, sized } from "./dom.js";
import { hero, heroLine, isFollowed, isSister, ours } from "./focus.js";
import { minutes, signed } from "./format.js";
import { on, state } from "./store.js";

const SIDE = 12;
const GHOST = "ghost";
const UNDER = 30; // room for dots and sector names below the road
const LEVEL = 19;

export function stripView() {
  const holder = h("div", { class: "picture", dataset: { view: "track" } });
  const floor = s("g", { class: "floor" });
  const ghost = s("g", { class: "ghost" });
  const others = s("g");
  const rivals = s("g");
  const picture = s(
    "svg",
    { role: "img", "aria-label": "Where the cars are on the lap, estimated" },
    floor,
    others,
    ghost,
    rivals,
  );
  const pits = h("p", { class: "pits muted" });
  put(holder, picture, pits);
  const view = {
    holder,
    floor,
    ghost,
    pits,
    picture,
    others: new Keyed(others, makeDot),
    rivals: new Keyed(rivals, makePlate),
    width: 0,
    height: 0,
  };
  sized(holder, (width, height) => {
    Object.assign(view, { width, height });
    for (const [name, value] of [
      ["width", width],
      ["height", height - 18],
      ["viewBox", `0 0 ${width} ${height - 18}`],
    ])
      picture.setAttribute(name, value);
    drawFloor(view);
  });
  on("wall view session", () => drawFloor(view));
  on(
    "tick screen",
    calmly(500, () => view.holder.offsetParent && view.width && draw(view)),
  );
  return holder;
}

const makeDot = () => {
  const dot = s("circle", { r: 3.2 }, s("title"));
  return { node: dot };
};

function makePlate() {
  const label = s("text", { y: 4, "text-anchor": "middle", class: "plate-number" });
  const stem = s("line", { x1: 0, x2: 0, class: "stem" });
  const plate = s("rect", { y: -8, height: 16, rx: 3 });
  return { node: s("g", {}, stem, plate, label), label, plate, stem };
}

/** A lap of a car now, as well as it can be told. */
function lapOf(line) {
  const best = line.best_lap_ms ?? line.last_lap_ms;
  if (!best) return null;
  const last = line.last_lap_ms ?? best;
  return line.stint_laps >= 2 ? Math.min(Math.max(last, best), 2.5 * best) : 1.05 * best;
}

function shareOf(line) {
  const lap = lapOf(line);
  if (lap === null || line.elapsed_ms === null) return null;
  const [from, since] = lastLoop(line);
  return Math.min(from + (now() - since) / lap, 1.12); // a late car waits past the line
}

/** The share of the lap at the end of the last sector that was driven, and when that was. */
function lastLoop(line) {
  const sectors = [line.s1_ms, line.s2_ms, line.s3_ms];
  const ended = ["S1", "S2"].indexOf(line.loop) + 1;
  if (!ended || !sectors.every((ms) => ms > 0)) return [0, line.elapsed_ms];
  const sum = (times) => times.reduce((all, ms) => all + ms, 0);
  return [sum(sectors.slice(0, ended)) / sum(sectors), line.loop_ms];
}

function draw(view) {
  const { screen } = state;
  if (!screen) return;
  const x = (share) => SIDE + Math.min(1, share) * (view.width - 2 * SIDE);
  const road = view.height - 18 - UNDER;
  const own = heroLine();
  const placed = screen.order
    .map((number) => screen.cars[number])
    .filter((line) => line && ["running", "out_lap", "out_about"].includes(line.doing))
    .filter((line) => !isInLane(line, now()))
    .map((line) => ({ line, share: shareOf(line) }))
    .filter(({ share }) => share !== null);
  const matter = ({ line }) =>
    line.car_class === own?.car_class || isSister(line.car_number) || isFollowed(line.car_number);
  const ghost = ghostOf(own);
  const near = placed
    .filter(matter)
    .map((one) => ({ ...one, key: one.line.car_number, says: saysOf(one.line, own) }));
  if (ghost)
    near.push({ line: own, share: ghost.middle, key: GHOST, says: `${own.car_number} if boxed` });
  near.sort((one, other) => other.share - one.share);
  levels(near, x, Math.max(1, Math.floor((road - 24) / LEVEL) + 1));
  const byNumber = new Map(placed.map((one) => [one.line.car_number, one]));
  const byKey = new Map(near.map((one) => [one.key, one]));
  view.others.update(
    placed.filter((one) => !matter(one)).map(({ line }) => line.car_number),
    ({ node }, number) => {
      const { line, share } = byNumber.get(number);
      node.setAttribute("cx", x(share).toFixed(1));
      node.setAttribute("cy", road + 12);
      mark(node, "colour", classColour(line.car_class));
      say(node.firstChild, `#${number} ${line.car_class}, P${line.position_in_class}`);
    },
  );
  view.rivals.update([...byKey.keys()].reverse(), (row, key) =>
    drawPlate(row, byKey.get(key), x, road, view.width),
  );
  put(
    view.ghost,
    ghost &&
      s("rect", {
        x: x(ghost.low),
        y: road - 6,
        width: Math.max(2, x(ghost.high) - x(ghost.low)),
        height: 12,
        class: "ghost-band",
      }),
  );
  const pitted = screen.order
    .filter((number) => screen.cars[number] && isInLane(screen.cars[number], now()))
    .map((number) => `#${number} (${minutes(now() - screen.cars[number].doing_since_ms)})`);
  view.pits.title = [
    pitted.length && `In the pits: ${pitted.join(", ")}.`,
    "Places on the lap are estimated from the last loop passed.",
  ]
    .filter(Boolean)
    .join(" ");
  say(view.pits, view.pits.title);
}

/** Plates that would cover each other go up a level. */
function levels(near, x, most) {
  const ends = Array(most).fill(Infinity);
  for (const one of near) {
    const at = x(one.share);
    one.half = 6 + 3.6 * one.says.length;
    let level = ends.findIndex((end) => at + one.half + 2 < end);
    if (level < 0) level = ends.indexOf(Math.max(...ends));
    ends[level] = at - one.half;
    one.level = level;
  }
}

/** The number; for the hero's next rivals the gap as well. */
function saysOf(line, own) {
  const apart = line === own || !own ? "" : gapTo(line, own);
  return apart ? `${line.car_number} ${apart}` : line.car_number;
}

function drawPlate(
  { node, label, plate, stem },
  { key, line, share, level, says, half },
  x,
  road,
  width,
) {
  const up = 13 + LEVEL * level;
  const at = x(share);
  const middle = Math.max(half, Math.min(width - half, at));
  node.setAttribute("transform", `translate(${middle.toFixed(1)} ${(road - up).toFixed(1)})`);
  for (const [name, value] of [
    ["y1", 8],
    ["y2", up],
    ["x1", at - middle],
    ["x2", at - middle],
  ])
    stem.setAttribute(name, value);
  if (label.textContent !== says) {
    label.textContent = says;
    plate.setAttribute("x", -half);
    plate.setAttribute("width", 2 * half);
  }
  mark(
    node,
    "role",
    key === GHOST
      ? "ghost"
      : line.car_number === hero()
        ? "hero"
        : isSister(line.car_number)
          ? "sister"
          : "rival",
  );
  mark(node, "colour", classColour(line.car_class));
}

/** Seconds behind the hero (positive) where both are on one lap; laps else. */
function gapTo(line, own) {
  if (
    line.car_class !== own.car_class ||
    (line.class_gap_ms === null && line.position_in_class > 1)
  )
    return "";
  const laps = own.laps - line.laps;
  if (Math.abs(line.position_in_class - own.position_in_class) > 2) return "";
  if (line.class_gap_laps === own.class_gap_laps)
    return signed(((line.class_gap_ms ?? 0) - (own.class_gap_ms ?? 0)) / 1000);
  return laps ? `${signed(laps, 0)} L` : "";
}

function drawFloor(view) {
  if (!view.width) return;
  const road = view.height - 18 - UNDER;
  const lead = heroLine();
  const parts = [lead?.s1_ms, lead?.s2_ms, lead?.s3_ms].every((ms) => ms > 0)
    ? [lead.s1_ms, lead.s2_ms, lead.s3_ms]
    : [1, 1, 1];
  const whole = parts.reduce((sum, part) => sum + part, 0);
  const wet = state.wall?.track;
  let from = 0;
  const wide = view.width - 2 * SIDE;
  put(
    view.floor,
    parts.map((part, at) => {
      const left = SIDE + from * wide;
      const width = (part / whole) * wide;
      from += part / whole;
      const water = s("rect", {
        x: left,
        y: road - 3,
        width,
        height: 6,
        class: "water",
        "fill-opacity": wet ? wet.wetness[at].toFixed(2) : 0,
      });
      return [
        s("rect", { x: left, y: road - 3, width, height: 6, class: "road" }),
        water,
        s("line", { x1: left, x2: left, y1: road - 7, y2: road + 7, class: "gate" }),
        s(
          "text",
          { x: left + 4, y: road + 27, class: "axis" },
          `S${at + 1}${wet ? ` ${wet.trend[at]} ${wet.wetness[at].toFixed(2)}` : ""}`,
        ),
      ];
    }),
  );
}

/** Where our car would be had it boxed on this lap: 10, 50 and 90 %, as shares of the lap. */
function ghostOf(own) {
  const rejoin = state.team?.rejoin ?? state.team?.call?.advice?.rejoin;
  const lap = own && lapOf(own);
  if (
    !rejoin ||
    !lap ||
    own.car_number !== ours() ||
    rejoin.car_number !== own.car_number ||
    own.status !== "running"
  )
    return null;
  const stays = own.elapsed_ms + 2 * lap;
  const at = shareOf(own) - (rejoin.out_ms.p50 - stays) / lap;
  const middle = at - Math.floor(at);
  return {
    middle,
    low: Math.max(0, middle - (rejoin.out_ms.p90 - rejoin.out_ms.p50) / lap),
    high: Math.min(1, middle + (rejoin.out_ms.p50 - rejoin.out_ms.p10) / lap),
  };
}
