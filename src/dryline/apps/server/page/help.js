// What the keys do and what the colours mean.

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

const KEYS = [
  ["5 0", "look at car 50 (digits; Enter ends at once)"],
  ["Esc", "back to our car"],
  [[icon("up"), " ", icon("down")], "the car above, below"],
  ["+", "follow or unfollow the car"],
  ["[ ]", "class before, after"],
  ["/", "filter cars: name, team, class, wet, pit"],
  ["c", "the call; then Enter accepts"],
  ["w", "what if…"],
  ["i", "tell the wall something"],
  ["n", "now"],
  ["f", "forecast"],
  ["r", "race control and penalties"],
  ["d", "log: options, what-ifs, decisions, typed"],
  ["s", "stints"],
  ["t", "track strip"],
  ["g", "charts"],
  ["x", "taller foot"],
  ["space", "pause or play a replay"],
  [[icon("left"), " ", icon("right")], "a lap of the car back, on"],
  ["l", "light or dark"],
  ["?", "this"],
];
const COLOURS = [
  ["purple", "best of all"],
  ["orange", "best of the class"],
  ["green", "its own best"],
  ["slow", "sector slow against its class"],
  ["in", "in-lap"],
  ["out", "out-lap"],
  ["neutral", "neutralised lap"],
];

export function openHelp() {
  openDialog(
    "Keys and colours",
    h(
      "dl",
      { class: "keys" },
      KEYS.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]),
    ),
    h(
      "p",
      { class: "legend" },
      COLOURS.map(([tone, what]) => h("span", { dataset: { tone } }, what)),
    ),
    h(
      "p",
      { class: "muted" },
      "Tyres: W wets, S slicks, ? cannot be told. The bar under the letter is how sure; a dot: somebody has seen it. A click on a row looks at the car, with Shift it follows it.",
    ),
  );
}
