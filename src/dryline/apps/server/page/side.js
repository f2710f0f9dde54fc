// The right-hand column: what the wall knows now, and further panels by tab.

import { cardPanel, driversPanel } from "./cards.js";
import { controlPanel, penaltiesPanel } from "./control.js";
import { byId, h, mark, put } from "./dom.js";
import { callsPanel, decisionsPanel, inputsPanel, whatIfPanel } from "./log.js";
import { maySeeCalls } from "./our_car.js";
import { optionsPanel } from "./options.js";
import { outlookPanel } from "./outlook.js";
import { planPanel } from "./plan.js";
import { choose, prefs } from "./prefs.js";
import { on } from "./store.js";
import { waterPanel } from "./water.js";
import { wormPanel } from "./worm.js";

const TABS = [
  ["now", "Now"],
  ["forecast", "Forecast"],
  ["control", "Race control"],
  ["log", "Log"],
];
const TEAM_ONLY = new Set(["log"]);

export function startSide() {
  const group = (name, ...panels) =>
    h(
      "div",
      {
        class: "group",
        role: "tabpanel",
        id: `side-${name}`,
        "aria-labelledby": `side-tab-${name}`,
        dataset: { group: name },
      },
      panels,
    );
  const buttons = TABS.map(([name, text]) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `side-tab-${name}`,
        "aria-controls": `side-${name}`,
        onclick: () => choose({ side: name }),
      },
      text,
    ),
  );
  put(byId("side-tabs"), buttons);
  put(
    byId("side-panels"),
    group(
      "now",
      h(
        "div",
        { class: "pair" },
        h("div", { class: "stack" }, waterPanel(), driversPanel()),
        h("div", { class: "stack" }, cardPanel(), wormPanel()),
      ),
    ),
    group("forecast", outlookPanel()),
    group("control", penaltiesPanel(), controlPanel()),
    group("log", planPanel(), optionsPanel(), whatIfPanel(), decisionsPanel(), inputsPanel(), callsPanel()),
  );
  on("view session", () => {
    const chosen = TEAM_ONLY.has(prefs.side) && !maySeeCalls() ? "now" : prefs.side;
    mark(byId("side"), "tab", chosen);
    for (const [at, [name]] of TABS.entries()) {
      buttons[at].setAttribute("aria-selected", String(name === chosen));
      buttons[at].hidden = TEAM_ONLY.has(name) && !maySeeCalls();
    }
  });
}
