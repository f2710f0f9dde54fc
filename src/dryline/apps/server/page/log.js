// What was asked, decided, called and typed: the team's log.

import { h, put } from "./dom.js";
import { clock, percent, signed } from "./format.js";
import { inputList } from "./inputs.js";
import { maySeeCalls } from "./our_car.js";
import { nothing, panel } from "./panel.js";
import { on, state } from "./store.js";
import { questionWords } from "./whatif.js";

function teamPanel(title, name, draw) {
  const box = panel(title, { name });
  on("team session screen", () => {
    box.node.hidden = !maySeeCalls();
    if (!box.node.hidden && state.team) draw(box.body);
  });
  return box.node;
}

/** A line for each of the team's `entries`, or a word that there are none. */
function logPanel(title, name, entries, line, none) {
  return teamPanel(title, name, (body) => {
    const all = entries(state.team);
    put(body, all.length ? h("ol", { class: "log" }, all.map(line)) : nothing(none));
  });
}

export const whatIfPanel = () =>
  logPanel("What if", "whatifs", (team) => team.what_ifs, whatIf, "Nothing asked. Press w.");

function whatIf(one) {
  const answer = one.error
    ? h("span", { class: "warn" }, one.error)
    : one.result
      ? answerWords(one)
      : h("span", { class: "muted" }, "working…");
  return h(
    "li",
    { dataset: { whatif: one.number } },
    h("time", {}, clock(one.as_of_ms)),
    " ",
    h("b", {}, questionWords(one.question)),
    ": ",
    answer,
  );
}

/** Our car first: place, gap and class win without and with what was asked. */
function answerWords({ result }) {
  const own = result.cars.find((one) => one.car_number === result.car_number);
  const others = result.cars.filter((one) => one !== own).slice(0, 5);
  const told = Math.abs(own?.place.change ?? 0) > 2 * (own?.place.se ?? 0);
  return [
    own &&
      h(
        "b",
        {},
        told
          ? `${own.place.change > 0 ? "costs" : "gains"} ${Math.abs(own.place.change).toFixed(1)} ± ${own.place.se.toFixed(1)} places`
          : "no difference to be told",
      ),
    result.note && h("p", { class: "muted" }, result.note),
    h(
      "table",
      { class: "grid whatif-cars" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["No", "Class win", "Place", "Seconds"].map((title) => h("th", { scope: "col" }, title)),
        ),
      ),
      h(
        "tbody",
        {},
        [own, ...others]
          .filter(Boolean)
          .map((one) =>
            h(
              "tr",
              { dataset: { role: one === own ? "hero" : "rival" } },
              h("td", {}, `#${one.car_number}`),
              h("td", {}, `${percent(one.p_win_class.without)} to ${percent(one.p_win_class.with)}`),
              h("td", {}, `${one.place.without.toFixed(1)} to ${one.place.with.toFixed(1)}`),
              h("td", {}, `${signed(one.gap_s.change)} ± ${one.gap_s.se.toFixed(1)}`),
            ),
          ),
      ),
    ),
  ];
}

export const decisionsPanel = () =>
  logPanel("Decisions", "decisions", (team) => [...team.decisions].reverse(), decision, "None yet.");

function decision(one) {
  return h(
    "li",
    { dataset: { decision: one.decision } },
    h("time", {}, clock(one.at_ms)),
    " ",
    h("b", {}, one.author),
    ` ${one.decision}s call ${one.call ?? "?"}`,
    one.note && `: ${one.note}`,
    one.refused && h("span", { class: "warn" }, ` refused: ${one.refused}`),
  );
}

export const callsPanel = () =>
  logPanel("Earlier calls", "calls", (team) => team.previous_calls, earlierCall, "None yet.");

function earlierCall(one) {
  return h(
    "li",
    {},
    h("time", {}, clock(one.as_of_ms)),
    ` ${one.number} `,
    h("b", {}, one.words),
    one.margin !== null &&
      one.margin !== undefined &&
      ` +${one.margin.toFixed(2)} ${one.unit ?? ""}`,
    one.decision && h("span", { class: "muted" }, ` ${one.decision}`),
  );
}

export function inputsPanel() {
  return teamPanel("Typed", "inputs", (body) => {
    if (!state.team.inputs.length) {
      put(body, nothing("Nothing typed yet. Press i."));
      return;
    }
    if (!body.firstElementChild?.matches("ol")) put(body, h("ol", { class: "log" }));
    inputList(body.firstElementChild);
  });
}
