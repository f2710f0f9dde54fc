// Every candidate of the call, and how far behind it each is.

import { lapOf } from "./call.js";
import { h, put } from "./dom.js";
import { surname } from "./format.js";
import { maySeeCalls } from "./our_car.js";
import { nothing, panel } from "./panel.js";
import { reach, whisker } from "./picture.js";
import { said, size } from "./says.js";
import { on, state } from "./store.js";

const MOST = 8;

export function optionsPanel() {
  const box = panel("Options", { name: "options" });
  on("team session screen", () => {
    box.node.hidden = !maySeeCalls();
    if (!box.node.hidden) draw(box);
  });
  return box.node;
}

function draw(box) {
  const call = state.team?.call;
  box.dated(call?.as_of_ms ?? null);
  const lap = call ? lapOf(call.advice.car_number) : 0;
  const key = `${call?.number}|${lap}`;
  if (box.body.dataset.key === key) return;
  box.body.dataset.key = key;
  if (!call) {
    put(box.body, nothing("Comes with the first call."));
    return;
  }
  const { candidates, margin, drivers } = call.advice;
  const shown = candidates.slice(0, MOST);
  const inSeconds = margin.unit === "s";
  const ends = reach(shown.map((one) => one.behind_call));
  put(
    box.body,
    h(
      "table",
      { class: "grid options" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          [
            "Option",
            `Behind the call, ${inSeconds ? "s" : margin.unit}`,
            inSeconds ? "" : "Seconds",
            "Futures",
          ].map((title, at) =>
            h("th", { scope: "col", dataset: { align: at === 0 ? "left" : "right" } }, title),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        shown.map((one, at) =>
          h(
            "tr",
            { dataset: { role: at === 0 ? "hero" : "rival" } },
            h(
              "td",
              { dataset: { align: "left" }, title: said(one, "exact", lap) },
              said(one, "brief", lap),
            ),
            h(
              "td",
              {},
              whisker(one.behind_call, ...ends, 70),
              `${one.behind_call.value.toFixed(2)}`,
            ),
            h(
              "td",
              {},
              inSeconds
                ? ""
                : `${one.behind_call_s.value.toFixed(1)} ± ${one.behind_call_s.se.toFixed(1)}`,
            ),
            h("td", {}, one.replicates),
          ),
        ),
      ),
    ),
    driverWords(drivers ?? []),
  );
}

/** Who else may get in at the stop that is called, and what that costs. */
function driverWords(drivers) {
  if (drivers.length < 2) return null;
  return h(
    "p",
    { class: "note muted" },
    "Drivers: ",
    drivers.map((one, at) => [
      at > 0 && "; ",
      h("b", {}, at === 0 && one.words ? one.words : surname(one.driver ?? "?")),
      at > 0 &&
        ` ${size(one.behind_s?.value ?? one.behind.value, one.behind_s?.se ?? one.behind.se, one.behind_s ? "s" : one.unit)} behind`,
    ]),
  );
}
