// What race control said, and the penalties that are pending.

import { h, Keyed, mark, put } from "./dom.js";
import { hero, isSister, ours } from "./focus.js";
import { age, clock, plural } from "./format.js";
import { flagWords } from "./header.js";
import { now } from "./clock.js";
import { drawnPanel, nothing, panel } from "./panel.js";
import { on, state } from "./store.js";

const MOST = 200;

export function controlPanel() {
  const box = panel("Race control", { name: "messages" });
  const list = h("ol", { class: "messages" });
  const none = nothing("Nothing has been said.");
  put(box.body, none, list);
  const rows = new Keyed(list, () => ({ node: h("li") }));
  on("screen wall session view", () => {
    const said = new Map([
      ...(state.screen?.messages ?? []).map((one, at) => [`said ${at}`, one]),
      ...flags(),
    ]);
    none.hidden = said.size > 0;
    const keys = [...said.keys()]
      .reverse()
      .sort((one, other) => said.get(other).happened_at - said.get(one).happened_at)
      .slice(0, MOST);
    rows.update(keys, ({ node }, key) => drawMessage(node, said.get(key)));
  });
  return box.node;
}

/** Neutralisations as the timing shows them: race control may not have said them here. */
function flags() {
  return (state.wall?.neutralisations ?? []).map((one) => [
    `flag ${one.start_ms}`,
    {
      happened_at: one.start_ms,
      kind: "flag",
      flag: one.kind,
      source: "by the timing",
      text: `${flagWords(one.kind)}${one.end_ms === null ? "" : `, until ${clock(one.end_ms)}`}`,
    },
  ]);
}

function drawMessage(node, one) {
  const key = JSON.stringify([one, hero()]);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  mark(node, "flag", one.flag ?? null);
  mark(
    node,
    "role",
    one.car_number && (one.car_number === ours() || isSister(one.car_number)) ? "hero" : null,
  );
  put(
    node,
    h("time", {}, clock(one.happened_at)),
    " ",
    one.car_number && h("b", {}, `#${one.car_number} `),
    one.text || words(one),
    one.source && one.source !== "race control" && h("span", { class: "muted" }, ` ${one.source}`),
  );
}

function words(one) {
  const parts = [
    one.kind.replaceAll("_", " "),
    one.flag?.replaceAll("_", " "),
    one.penalty?.replaceAll("_", " "),
    one.seconds && `${one.seconds} s`,
    one.car_class,
    one.sector && `sector ${one.sector}`,
    one.tyre,
  ];
  return parts.filter(Boolean).join(", ");
}

export const penaltiesPanel = () =>
  drawnPanel("Penalties", "penalties", "wall session view", drawPenalties);

function drawPenalties(box) {
  const penalties = [...(state.wall?.penalties ?? [])].sort(
    (one, other) =>
      Number(one.served === true) - Number(other.served === true) || other.since_ms - one.since_ms,
  );
  if (!penalties.length) {
    put(box.body, nothing("None pending."));
    return;
  }
  put(
    box.body,
    h(
      "ul",
      { class: "penalties" },
      penalties.map((one) =>
        h(
          "li",
          {
            dataset: { served: String(one.served), role: one.car_number === ours() ? "hero" : "" },
          },
          h("b", {}, `#${one.car_number} `),
          `${one.kind.replaceAll("_", " ")}${one.seconds ? ` ${one.seconds} s` : ""}`,
          h(
            "span",
            { class: one.served ? "muted" : "warn" },
            one.served === true ? " served" : one.served === false ? " not served" : " served?",
          ),
          one.laps_left !== null &&
            one.served !== true &&
            h("span", { class: "warn" }, `, ${plural(one.laps_left, "lap")} left to serve it`),
          h(
            "span",
            { class: "muted" },
            ` ${clock(one.since_ms)}, ${age(now() - one.since_ms)} ago. ${one.text}`,
          ),
        ),
      ),
    ),
  );
}
