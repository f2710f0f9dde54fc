// A panel: a title that says how old its content is, and fades it where that is too old.

import { now } from "./clock.js";
import { h, mark, say } from "./dom.js";
import { age, clock } from "./format.js";
import { on } from "./store.js";

/** A titled section; `dated(ms, limit)` tells of when its content is (null: timeless). */
export function panel(title, { name, label = title } = {}) {
  const old = h("span", { class: "old" });
  const heading = h("h2", {}, title);
  const body = h("div", { class: "body" });
  const node = h(
    "section",
    { class: "panel", "aria-label": label, dataset: name ? { panel: name } : {} },
    h("div", { class: "panel-head" }, heading, old),
    body,
  );
  let of = null;
  let limit = Infinity;
  const refresh = () => {
    const past = of === null ? 0 : now() - of;
    const isOld = past > limit;
    mark(node, "old", isOld);
    say(old, of === null ? "" : isOld ? `OLD ${age(past)}` : clock(of));
    if (of !== null) old.title = `as of ${clock(of)}`;
  };
  on("tick", refresh);
  return {
    node,
    body,
    entitle: (text) => say(heading, text),
    dated: (ms, limitMs = Infinity) => {
      [of, limit] = [ms ?? null, limitMs];
      refresh();
    },
  };
}

/** A panel that is drawn anew at each of these events. */
export function drawnPanel(title, name, events, draw) {
  const box = panel(title, { name });
  on(events, () => draw(box));
  return box.node;
}

/** What a panel says while it has nothing to show. */
export const nothing = (text) => h("p", { class: "muted" }, text);
