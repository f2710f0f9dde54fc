// Charts of the race as it stands, drawn by the chart library that the server ships.

import { get } from "./api.js";
import { sizedTo } from "./chart_size.js";
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
    size: null,
    drawn: "",
    at: 0,
    busy: false,
    shown: null,
  };
  const soon = calmly(300, () => draw(view));
  sized(canvas, (...size) => {
    view.size = size;
    soon();
  });
  on("view session", soon);
  on("tick", () => {
    if (holder.offsetParent && performance.now() - view.at > EVERY_MS) soon();
  });
  return holder;
}

async function draw(view) {
  if (!view.holder.offsetParent || !view.size || !state.screen || view.busy) return;
  view.choice.value = prefs.chart;
  const wanted = `${prefs.chart}|${hero()}|${view.size}|${themeName()}`;
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
  }
}

function address() {
  const query = new URLSearchParams();
  if (prefs.chart === "gap") query.set("against", hero());
  else query.set("car", hero());
  query.set("car_class", prefs.tab === "all" ? heroClass() : prefs.tab);
  return `/api/charts/${prefs.chart}?${query}`;
}

async function embedded(view, spec, embed) {
  const next = h("div");
  const shown = await embed(next, sizedTo(inTheme(spec), ...view.size), {
    actions: false,
    ast: true,
    renderer: "svg",
    defaultStyle: false,
    tooltip: false,
    hover: false,
  });
  view.shown?.finalize();
  view.shown = shown;
  put(view.canvas, next);
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
