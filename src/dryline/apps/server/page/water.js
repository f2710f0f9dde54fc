// How wet each sector is, where it goes, and which tyre is faster per class.

import { classColour, classLabel } from "./classes.js";
import { h, put } from "./dom.js";
import { heroClass, oldAfter } from "./focus.js";
import { hoursMinutes, percent } from "./format.js";
import { drawnPanel, nothing } from "./panel.js";
import { state } from "./store.js";

const WORTH_SAYING = 0.05;

export const waterPanel = () =>
  drawnPanel("Track · wetness", "water", "wall view session", draw);

function draw(box) {
  const { wall } = state;
  const track = wall?.track;
  box.dated(track?.as_of_ms ?? null, oldAfter(2, 180_000));
  if (!track) {
    put(box.body, nothing("Not read yet: it takes some laps of every class."));
    return;
  }
  const known = [heroClass(), ...Object.keys(wall.classes)].filter(
    (name, at, all) => wall.classes[name] && all.indexOf(name) === at,
  );
  const alike = known.length > 2 && known.every((name) => isSettled(wall.classes[name]));
  const order = alike ? known.slice(0, 1) : known;
  put(
    box.body,
    h(
      "div",
      { class: "sectors" },
      track.wetness.map((_, at) => tile(track, at)),
    ),
    doubts(track).map((told) => h("p", { class: "muted" }, told)),
    h(
      "dl",
      { class: "crossover" },
      order.map((name, at) => [
        crossover(name, wall.classes[name]),
        at === 0 && nextChange(wall.crossovers_ahead[name], track.as_of_ms),
      ]),
      alike && [h("dt", {}, "others"), h("dd", { class: "muted" }, "slicks, too"), h("dd")],
    ),
  );
}

/** What the tiles alone would hide: no dry reference, and whoever says otherwise. */
const doubts = ({ reference, words, contradictions }) =>
  [...(reference.known ? [] : [words]), ...contradictions.map((each) => each.words)].map(
    (told) => `${told.charAt(0).toUpperCase()}${told.slice(1)}.`,
  );

/** Dry beyond doubt. */
const isSettled = ({ p_wet_faster: p }) => p < 0.05;

function tile(track, at) {
  const wet = track.wetness[at];
  const node = h(
    "div",
    {
      class: "sector",
      title: `P(wet) ${percent(track.p_wet[at])}, P(rain) ${percent(track.p_rain[at])}`,
    },
    h("b", {}, wet.toFixed(2).replace(/^0/u, "")),
    h("small", {}, ` ±${track.sd[at].toFixed(2).replace(/^0/u, "")}`),
    h("span", {}, `S${at + 1} ${track.trend[at]}`),
    h("span", { class: "muted" }, `rain ${percent(track.p_rain[at])}`),
    errorBar(wet, track.sd[at]),
  );
  node.style.setProperty("--wetness", `${Math.round(100 * wet)}%`);
  return node;
}

function errorBar(wet, sd) {
  const bar = h("i", { class: "band" });
  const [low, high] = [Math.max(0, wet - sd), Math.min(1, wet + sd)];
  bar.style.left = `${100 * low}%`;
  bar.style.width = `${Math.max(2, 100 * (high - low))}%`;
  return h("span", { class: "scale" }, bar);
}

function crossover(name, { wet_minus_slick_ms: ms, sd_ms: sd, p_wet_faster: p }) {
  const known = Math.abs(ms) >= sd;
  const tyre = ms < 0 ? "wets" : "slicks";
  return [
    h("dt", { dataset: { colour: classColour(name) } }, classLabel(name)),
    h(
      "dd",
      { title: "seconds a lap, ± one standard deviation" },
      `${tyre} by `,
      h(
        "b",
        { dataset: known ? { tyre: ms < 0 ? "wet" : "slick" } : {} },
        (Math.abs(ms) / 1000).toFixed(1),
      ),
      ` ± ${(sd / 1000).toFixed(1)} s`,
    ),
    h("dd", { class: "muted", title: "probability that wets are faster" }, `W ${percent(p)}`),
  ];
}

/** When our class's faster tyre changes next, with the chance that it does within the hour. */
function nextChange(ahead, asOfMs) {
  if (!ahead || ahead.p_within_hour < WORTH_SAYING) return null;
  const tyre = ahead.direction === "to_wet" ? "wets" : "slicks";
  const { p10, p50, p90 } = ahead.after_ms;
  const at = (ms) => (ms === null ? "later" : hoursMinutes(asOfMs + ms));
  const when = p50 === null ? "within the hour" : `from about ${at(p50)}`;
  return h(
    "dd",
    { class: "next", title: `80 % of the futures: ${at(p10)} to ${at(p90)}` },
    `${tyre} quicker ${when} (${percent(ahead.p_within_hour)})`,
  );
}
