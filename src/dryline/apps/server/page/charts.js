// Charts of the race as it stands, drawn by the chart library that the server ships.

import { get } from "./api.js";
import { MARGINS, betterMargins, sizedTo } from "./chart_size.js";
import { calmly, h, mark, put, say, sized } from "./dom.js";
import { hero, heroClass } from "./focus.js";
import { choose, prefs } from "./prefs.js";
import { on, state } from "./store.js";
import { themeName } from "./theme.js";

const CHARTS = [
  ["gap", "Gap to the hero"],
  ["positions", "Positions"],
  ["class-positions", "Places in class"],
  ["trace", "Race trace"],
  ["laps", "Lap times"],
  ["pace", "Pace"],
  ["wetness", "Wetness"],
];
const COLOURS = [
  "ground",
  "panel",
  "line",
  "ink",
  "muted",
  "others",
  "wet",
  "slick",
  "call",
  "loss",
  "neutral",
  "class-first",
  "class-second",
  "class-third",
  "class-gt",
  "class-pro",
  "car-1",
  "car-2",
  "car-3",
  "car-4",
  "car-5",
  "car-6",
  "car-7",
];
const EVERY_MS = 20_000;
const TRIES = 4;
const EMBEDDING = {
  actions: false,
  ast: true,
  renderer: "svg",
  defaultStyle: false,
  tooltip: false,
  hover: false,
};
let library = null;

export function chartsView() {
  const canvas = h("div", { class: "vega" });
  const word = h("p", { class: "muted" });
  const choice = h(
    "select",
    { "aria-label": "Chart", onchange: () => choose({ chart: choice.value }) },
    CHARTS.map(([name, text]) => h("option", { value: name }, text)),
  );
  const holder = h(
    "div",
    { class: "charts", dataset: { view: "charts" } },
    h("div", { class: "chart-bar" }, choice, word),
    canvas,
  );
  const view = {
    canvas,
    word,
    choice,
    holder,
    room: null,
    margins: MARGINS,
    drawn: "",
    at: 0,
    busy: false,
    shown: null,
  };
  const soon = calmly(300, () => draw(view));
  sized(canvas, (width, height) => {
    view.room = { width, height };
    soon();
  });
  on("view session", soon);
  on("tick", () => {
    if (holder.offsetParent && performance.now() - view.at > EVERY_MS) soon();
  });
  return holder;
}

async function draw(view) {
  if (!view.holder.offsetParent || !view.room || !state.screen || view.busy) return;
  view.choice.value = prefs.chart;
  const wanted = wantedOf(view);
  const fresh = performance.now() - view.at < EVERY_MS;
  if (wanted === view.drawn && fresh) return;
  view.busy = true;
  [view.drawn, view.at] = [wanted, performance.now()];
  if (!view.shown) say(view.word, "drawing…");
  try {
    const [spec, embed] = await Promise.all([get(address()), vega()]);
    await embedded(view, spec, embed);
    say(view.word, spec.title?.text ?? "");
  } catch (fault) {
    view.shown?.finalize();
    view.shown = null;
    put(view.canvas);
    say(view.word, [fault.message, fault.remedy].filter(Boolean).join(". "));
  } finally {
    view.busy = false;
    if (wantedOf(view) !== view.drawn) draw(view);
  }
}

const wantedOf = ({ room }) =>
  `${prefs.chart}|${hero()}|${room.width}×${room.height}|${themeName()}`;

function address() {
  const query = new URLSearchParams();
  if (prefs.chart === "gap") query.set("against", hero());
  else query.set("car", hero());
  query.set("car_class", prefs.tab === "all" ? heroClass() : prefs.tab);
  return `/api/charts/${prefs.chart}?${query}`;
}

/** Drawn, and drawn again where its axes and labels turn out wider or narrower than thought. */
async function embedded(view, spec, embed) {
  const themed = inTheme(spec);
  let next = null;
  for (let left = TRIES; left > 0; left -= 1) {
    next?.shown.finalize();
    const chart = sizedTo(themed, view.room, view.margins);
    const node = h("div");
    next = { node, shown: await embed(node, chart, EMBEDDING) };
    const { width, height } = node.querySelector("svg");
    const drawn = { width: width.baseVal.value, height: height.baseVal.value };
    const better = betterMargins(chart, drawn, view.margins);
    if (better === null) break;
    view.margins = better;
  }
  view.shown?.finalize();
  view.shown = next.shown;
  put(view.canvas, next.node);
  mark(view.canvas, "chart", prefs.chart);
}

/** A chart is made for the dark: by day its colours are those of the page's light theme. */
function inTheme(spec) {
  if (themeName() === "dark") return spec;
  const [dark, light] = ["dark", "light"].map((theme) => {
    const probe = h("i", { hidden: true, dataset: { theme } });
    document.body.append(probe);
    const style = getComputedStyle(probe);
    const values = COLOURS.map((name) => style.getPropertyValue(`--${name}`).trim());
    probe.remove();
    return values;
  });
  const instead = new Map(dark.map((colour, at) => [colour, light[at]]));
  return JSON.parse(
    JSON.stringify(spec).replace(/#[0-9a-f]{6}\b/gu, (colour) => instead.get(colour) ?? colour),
  );
}

/** The library, fetched when a chart is wanted for the first time. */
function vega() {
  library ??= new Promise((done, failed) => {
    const script = h("script", {
      type: "module",
      src: "/assets/vega.js",
      onload: () => done(window.vegaEmbed),
      onerror: () => {
        library = null;
        failed(new Error("the chart library could not be loaded"));
      },
    });
    document.head.append(script);
  });
  return library;
}
