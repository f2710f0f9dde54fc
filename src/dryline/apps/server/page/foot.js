// The foot: stints, the lap as a strip, charts; and the line in which the team types.

import { chartsView } from "./charts.js";
import { byId, h, mark, put } from "./dom.js";
import { icon } from "./icons.js";
import { inputForm } from "./inputs.js";
import { choose, prefs } from "./prefs.js";
import { stintsView } from "./stints.js";
import { on } from "./store.js";
import { stripView } from "./strip.js";

const TABS = [
  ["stints", "Stints"],
  ["track", "Track"],
  ["charts", "Charts"],
];

export function startFoot() {
  const buttons = TABS.map(([name, text]) =>
    h(
      "button",
      { type: "button", dataset: { tab: name }, onclick: () => choose({ foot: name }) },
      text,
    ),
  );
  const tall = h(
    "button",
    {
      type: "button",
      class: "tall",
      title: "Taller (x)",
      "aria-label": "Taller",
      onclick: () => choose({ tall: !prefs.tall }),
    },
    icon("taller"),
  );
  put(
    byId("foot"),
    h(
      "div",
      { class: "bar" },
      h("div", { class: "tabs", role: "group", "aria-label": "Foot" }, buttons),
      tall,
      inputForm(),
    ),
    h("div", { class: "views" }, stintsView(), stripView(), chartsView()),
  );
  on("view session", () => {
    mark(byId("foot"), "tab", prefs.foot);
    mark(byId("wall"), "tall", prefs.tall);
    mark(byId("wall"), "foot", prefs.foot);
    buttons.forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.tab === prefs.foot)),
    );
  });
}
