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

export function whatIfPanel() {
  return teamPanel("What if", "whatifs", (body) => {
    const asked = state.team.what_ifs;
    put(
      body,
      asked.length
        ? h("ol", { class: "log" }, asked.map(whatIf))
        : nothing("Nothing asked. Press w."),
    );
  });
}

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

export function decisionsPanel() {
  return teamPanel("Decisions", "decisions", (body) => {
    const made = [...state.team.decisions].reverse();
    put(
      body,
      made.length
        ? h(
            "ol",
            { class: "log" },
            made.map((one) =>
              h(
                "li",
                { dataset: { decision: one.decision } },
                h("time", {}, clock(one.at_ms)),
                " ",
                h("b", {}, one.author),
                ` ${one.decision}s call ${one.call ?? "?"}`,
                one.note && `: ${one.note}`,
                one.refused && h("span", { class: "warn" }, ` refused: ${one.refused}`),
              ),
            ),
          )
        : nothing("None yet."),
    );
  });
}

export function callsPanel() {
  return teamPanel("Earlier calls", "calls", (body) => {
    const calls = state.team.previous_calls;
    put(
      body,
      calls.length
        ? h(
            "ol",
            { class: "log" },
            calls.map((one) =>
              h(
                "li",
                {},
                h("time", {}, clock(one.as_of_ms)),
                ` ${one.number} `,
                h("b", {}, one.words),
                one.margin !== null &&
                  one.margin !== undefined &&
                  ` +${one.margin.toFixed(2)} ${one.unit ?? ""}`,
                one.decision && h("span", { class: "muted" }, ` ${one.decision}`),
              ),
            ),
          )
        : nothing("None yet."),
    );
  });
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
