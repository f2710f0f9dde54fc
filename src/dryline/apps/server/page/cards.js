// If neutralised now; and the drivers' time at the wheel.

import { h, mark, put } from "./dom.js";
import { hero, oldAfter } from "./focus.js";
import { hoursMinutes, surname } from "./format.js";
import { icon } from "./icons.js";
import { drawnPanel, nothing } from "./panel.js";
import { isClear, said } from "./says.js";
import { lapOf } from "./call.js";
import { maySeeCalls } from "./our_car.js";
import { state } from "./store.js";

const LANES = { open: "open", closed: "closed", emergency_only: "emergency", unknown: "unknown" };

export const cardPanel = () =>
  drawnPanel("If neutralised now", "card", "team session screen", draw);

function draw(box) {
  const { team } = state;
  box.node.hidden = !maySeeCalls();
  if (box.node.hidden) return;
  const advice = team?.call?.advice;
  const cards = advice?.neutralised_now ?? [];
  box.dated(team?.call?.as_of_ms ?? null, oldAfter(1.6, 150_000));
  if (!cards.length) {
    put(box.body, nothing("Comes with the first call."));
    return;
  }
  const lap = lapOf(advice.car_number);
  put(
    box.body,
    h(
      "dl",
      { class: "cards" },
      rainRow(advice.cards?.rain ?? [], lap),
      cards.map((card) => [
        h("dt", {}, card.short_name ?? card.kind),
        h(
          "dd",
          {
            title: `${said(card.call, "exact", lap)}. ${card.why}${card.confidence === undefined ? "" : ` (${Math.round(100 * card.confidence)} % sure)`}`,
          },
          h("b", {}, said(card.call, "short", lap)),
          card.margin.value !== null && !isClear(card.margin) && h("span", { class: "close" }, " close"),
          h(
            "span",
            { class: "muted" },
            ` · ${card.opens_at_ms ? `opens ${hoursMinutes(card.opens_at_ms)}` : (LANES[card.pit_lane] ?? card.pit_lane)}`,
          ),
        ),
      ]),
    ),
  );
}

/** Rain, by sector where the calls differ. */
function rainRow(cards, lap) {
  if (!cards.length) return null;
  const calls = [...new Set(cards.map((card) => said(card.call, "short", lap)))];
  const where = (call) =>
    cards
      .filter((card) => said(card.call, "short", lap) === call)
      .map((card) => `S${card.sector}`)
      .join(" ");
  const words =
    calls.length === 1
      ? h("b", {}, calls[0])
      : calls.map((call) => [`${where(call)} `, h("b", {}, call), " "]);
  return [
    h("dt", {}, "Rain"),
    h(
      "dd",
      { title: cards.map((card) => `S${card.sector}: ${said(card.call, "exact", lap)}`).join("\n") },
      words,
    ),
  ];
}

export const driversPanel = () =>
  drawnPanel("Driver time", "drivers", "wall view session screen", drawDrivers);

function drawDrivers(box) {
  const number = hero();
  box.entitle(number === null ? "Driver time" : `Driver time #${number}`);
  const drivers = state.wall?.driver_time?.[number] ?? [];
  if (!drivers.length) {
    put(box.body, nothing("Nobody has driven yet."));
    return;
  }
  put(
    box.body,
    h(
      "dl",
      { class: "drivers" },
      drivers.map((one, _, all) => {
        const bounds = [
          one.min_ms !== null && `at least ${hoursMinutes(one.min_ms)}`,
          one.max_ms !== null && `at most ${hoursMinutes(one.max_ms)}`,
        ]
          .filter(Boolean)
          .join(", ");
        const term = h(
          "dt",
          { title: one.driver },
          surname(one.driver),
          one.driving && h("span", { class: "at-wheel", title: "at the wheel" }, " ", icon("dot")),
        );
        const told = h(
          "dd",
          { title: bounds },
          h("b", {}, hoursMinutes(one.driven_ms)),
          timeBar(one, Math.max(...all.map((each) => each.driven_ms))),
          one.max_ms !== null && h("span", { class: "muted" }, `of ${hoursMinutes(one.max_ms)}`),
          one.alarm && h("span", { class: "alarm" }, one.alarm),
        );
        mark(told, "alarm", Boolean(one.alarm));
        return [term, told];
      }),
    ),
  );
}

function timeBar(one, longest) {
  const most = one.max_ms ?? Math.max(one.min_ms ?? 0, longest);
  if (!most) return null;
  const bar = h("i");
  bar.style.width = `${Math.min(100, (100 * one.driven_ms) / most)}%`;
  const node = h("span", { class: "meter" }, bar);
  if (one.min_ms !== null && one.min_ms < most) {
    const tick = h("u");
    tick.style.left = `${(100 * one.min_ms) / most}%`;
    node.append(tick);
  }
  return node;
}
