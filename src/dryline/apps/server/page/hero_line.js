// Our car in one line, for screens on which the timing screen is further down.

import { classColour, classLabel } from "./classes.js";
import { doing } from "./doing.js";
import { tyreBadge } from "./tyres.js";
import { now } from "./clock.js";
import { byId, h, put } from "./dom.js";
import { hero, heroLine } from "./focus.js";
import { gap, lapTime, percent, surname } from "./format.js";
import { makeOurs } from "./our_car.js";
import { rangeWords } from "./says.js";
import { on, state } from "./store.js";

export function startHeroLine() {
  on("screen wall team view session", draw);
}

function draw() {
  const line = heroLine();
  if (!line) return put(byId("hero-line"));
  const { wall } = state;
  const advice = state.team?.call?.advice;
  const tyre = wall?.tyres?.[line.car_number];
  const told = advice?.car_number === line.car_number ? advice.range : null;
  const win = wall?.forecast?.cars?.[line.car_number]?.p_win_class;
  const tag = doing(line, { nowMs: Math.max(now(), state.screen.at_ms) });
  const fact = (name, value) =>
    value !== "" &&
    value !== null &&
    value !== undefined &&
    h("span", { class: "fact" }, h("small", {}, name), value);
  return put(
    byId("hero-line"),
    h(
      "span",
      { class: "plate", dataset: { colour: classColour(line.car_class) } },
      line.car_number,
    ),
    h("b", {}, surname(line.driver)),
    tag.text && h("span", { class: "tag", dataset: { tone: tag.tone }, title: tag.says }, tag.text),
    fact(classLabel(line.car_class), `P${line.position_in_class}`),
    fact("gap", gap(line.class_gap_laps, line.class_gap_ms, line.last_lap_ms ?? 0)),
    fact("last", lapTime(line.last_lap_ms)),
    h("span", { class: "fact" }, h("small", {}, "tyre"), tyreBadge(tyre)),
    fact("range", rangeWords(tyre, told, (line.laps ?? 0) + 1)),
    fact("win", percent(win)),
    makeOurs(),
  );
}
