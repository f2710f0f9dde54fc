// The forecast as a table: who may win the class, and how the race may end for each.

import { classColour, classLabel } from "./classes.js";
import { h, Keyed, mark, put, say } from "./dom.js";
import { classOrder, hero, heroClass, isSister, look } from "./focus.js";
import { percent, surname } from "./format.js";
import { panel } from "./panel.js";
import { prefs } from "./prefs.js";
import { on, state } from "./store.js";

const OLD_MS = 300_000;
const HEADS = [
  ["PIC", "Position in class now"],
  ["No", "Car"],
  ["Driver", ""],
  ["Wins class", "Probability of winning the class"],
  ["Podium", "Probability of a class podium"],
  ["Out", "Probability of not taking the flag"],
  ["Laps", "10, 50 and 90 % quantiles of the laps at the flag"],
  ["Stops left", "10 to 90 %"],
];

export function outlookPanel() {
  const box = panel("Forecast", { name: "forecast" });
  const body = h("tbody");
  const note = h("p", { class: "muted note" });
  const rows = new Keyed(body, (number) => ({ node: h("tr", { dataset: { car: number } }) }));
  put(
    box.body,
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "grid outlook" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            HEADS.map(([title, says]) =>
              h(
                "th",
                { scope: "col", title: says, dataset: title === "Driver" ? { align: "left" } : {} },
                title,
              ),
            ),
          ),
        ),
        body,
      ),
    ),
    note,
  );
  body.addEventListener("click", (event) => {
    const number = event.target.closest("tr")?.dataset.car;
    if (number !== undefined) look(number);
  });
  on("wall view session screen", () => draw(box, rows, note));
  return box.node;
}

function draw(box, rows, note) {
  const { screen, wall } = state;
  const forecast = wall?.forecast;
  box.dated(forecast?.as_of_ms ?? null, OLD_MS);
  if (!screen) return;
  const carClass = prefs.tab === "all" ? heroClass() : prefs.tab;
  box.entitle(`Forecast · ${classLabel(carClass)}`);
  say(
    note,
    forecast
      ? `${forecast.replicates.toLocaleString("en-GB")} simulated races; intervals 10 to 90 %.`
      : "The first forecast comes after some laps.",
  );
  const cars = classOrder(carClass).filter((number) => forecast?.cars[number]);
  cars.sort(
    (one, other) =>
      forecast.cars[other].p_win_class - forecast.cars[one].p_win_class ||
      screen.cars[one].position - screen.cars[other].position,
  );
  const bounds = lapBounds(cars.map((number) => forecast.cars[number]));
  rows.update(cars, (row, number) =>
    drawRow(row.node, screen.cars[number], forecast.cars[number], bounds),
  );
}

function lapBounds(outlooks) {
  const low = Math.min(...outlooks.map((one) => one.laps.p10));
  const high = Math.max(...outlooks.map((one) => one.laps.p90));
  return { low: Math.max(low, high - 40), high };
}

function drawRow(node, line, one, { low, high }) {
  const key = JSON.stringify([line.position_in_class, line.driver, one, low, high]);
  mark(
    node,
    "role",
    line.car_number === hero() ? "hero" : isSister(line.car_number) ? "sister" : "rival",
  );
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  const bar = h("i");
  bar.style.width = `${Math.round(100 * one.p_win_class)}%`;
  put(
    node,
    h("td", {}, line.position_in_class),
    h(
      "td",
      {},
      h(
        "span",
        { class: "plate", dataset: { colour: classColour(line.car_class) } },
        line.car_number,
      ),
    ),
    h("td", { dataset: { align: "left" } }, h("b", {}, surname(line.driver))),
    h(
      "td",
      {},
      h("span", { class: "win" }, h("span", { class: "track" }, bar), percent(one.p_win_class)),
    ),
    h("td", {}, percent(one.p_podium_class)),
    h("td", {}, percent(one.p_retire)),
    h("td", {}, interval(one.laps, low, high), Math.round(one.laps.p50)),
    h("td", {}, stops(one.stops_left)),
  );
}

function interval(band, low, high) {
  const share = (value) =>
    Math.max(0, Math.min(100, (100 * (value - low)) / Math.max(1, high - low)));
  const bar = h("i");
  bar.style.left = `${share(band.p10)}%`;
  bar.style.width = `${Math.max(3, share(band.p90) - share(band.p10))}%`;
  const middle = h("u");
  middle.style.left = `${share(band.p50)}%`;
  return h(
    "span",
    { class: "interval", title: `${Math.round(band.p10)} to ${Math.round(band.p90)} laps` },
    bar,
    middle,
  );
}

function stops({ p10, p90 }) {
  return Math.round(p10) === Math.round(p90)
    ? String(Math.round(p10))
    : `${Math.round(p10)}–${Math.round(p90)}`;
}
