// The plan for the rest of our race: the stops to come, and what a yellow before each would change.

import { h, put } from "./dom.js";
import { clock } from "./format.js";
import { maySeeCalls } from "./our_car.js";
import { drawnPanel, nothing } from "./panel.js";
import { state } from "./store.js";

export const planPanel = () => drawnPanel("Plan", "plan", "team session screen", draw);

function draw(box) {
  box.node.hidden = !maySeeCalls();
  if (box.node.hidden) return;
  const view = state.team?.plan;
  box.dated(view?.as_of_ms ?? null);
  if (!view) {
    put(box.body, nothing("Comes with our car's first lap."));
    return;
  }
  const { plan } = view;
  put(box.body, [
    plan.against_rules.map((line) => h("p", { class: "warn" }, `Cannot be kept: ${line}.`)),
    [...plan.not_kept, ...plan.not_used].map((line) => h("p", { class: "warn" }, `${line}.`)),
    plan.stops.length
      ? h("ol", { class: "log" }, plan.stops.map(stop))
      : nothing(`${plan.words}.`),
    h(
      "p",
      { class: "muted" },
      `${plan.laps} laps if all is green, home at ${clock(plan.finish_ms)}; proven to within ` +
        `${(plan.proven_within_ms / 1000).toFixed(1)} s.`,
    ),
  ]);
}

function stop(one) {
  return h(
    "li",
    { title: `${one.condition}.`, dataset: { stop: one.stop } },
    h("time", {}, clock(one.at_ms)),
    ` ${one.words} `,
    h("span", { class: "muted" }, `(${one.first_lap}-${one.latest_lap})`),
  );
}
