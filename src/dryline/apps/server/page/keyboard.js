// Everything by keyboard. A car is chosen by typing its number.

import { maySeeCalls } from "./our_car.js";
import { dialogIsOpen, toast } from "./dialog.js";
import { byId } from "./dom.js";
import { follow, hero, look, ours } from "./focus.js";
import { openHelp } from "./help.js";
import { choose, prefs } from "./prefs.js";
import { playOrPause, stepLaps } from "./replay.js";
import { state } from "./store.js";
import { turn } from "./theme.js";
import { neighbour, reveal } from "./timing.js";
import { openWhatIf } from "./whatif.js";

const PATIENCE_MS = 900;
let typed = "";
let timer = null;

const KEYS = {
  c: focusCall,
  w: openWhatIf,
  f: () => choose({ side: "forecast" }),
  n: () => choose({ side: "now" }),
  r: () => choose({ side: "control" }),
  d: () => maySeeCalls() && choose({ side: "log" }),
  t: () => choose({ foot: "track" }),
  s: () => choose({ foot: "stints" }),
  g: () => choose({ foot: "charts" }),
  x: () => choose({ tall: !prefs.tall }),
  l: turn,
  i: () => maySeeCalls() && byId("team-line").focus(),
  "/": () => byId("search").focus(),
  "?": openHelp,
  " ": playOrPause,
  "+": () => hero() !== null && follow(hero()),
  "[": () => turnTab(-1),
  "]": () => turnTab(1),
  ArrowLeft: () => stepLaps(-1),
  ArrowRight: () => stepLaps(1),
  ArrowUp: () => moveHero(-1),
  ArrowDown: () => moveHero(1),
  Escape: goBack,
};

export function startKeyboard() {
  byId("help-button").addEventListener("click", openHelp);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialogIsOpen()) return;
    const inField = event.target.closest("input, select, textarea");
    if (inField) {
      if (event.key === "Escape") leaveField(inField);
      return;
    }
    if (/^\d$/u.test(event.key)) digit(event.key);
    else if (event.key === "Enter" && typed) settle();
    else if (!KEYS[event.key] || (event.key === " " && event.target.closest("button"))) return;
    else KEYS[event.key]();
    event.preventDefault();
  });
}

function leaveField(field) {
  if (field.id === "search" && field.value) {
    field.value = "";
    field.dispatchEvent(new Event("input"));
  }
  field.blur();
}

function digit(key) {
  typed += key;
  const node = byId("typed");
  node.textContent = `#${typed}`;
  node.hidden = false;
  clearTimeout(timer);
  const numbers = Object.keys(state.screen?.cars ?? {});
  const ahead = numbers.filter((number) => number !== typed && number.startsWith(typed));
  if (numbers.includes(typed) && !ahead.length) settle();
  else timer = setTimeout(settle, PATIENCE_MS);
}

function settle() {
  clearTimeout(timer);
  const number = typed;
  typed = "";
  byId("typed").hidden = true;
  if (!(number in (state.screen?.cars ?? {}))) {
    toast(`There is no car ${number}.`);
    return;
  }
  look(number);
  requestAnimationFrame(() => reveal(number));
}

function goBack() {
  if (typed) {
    typed = "";
    byId("typed").hidden = true;
    clearTimeout(timer);
  } else if (prefs.hero !== null) look(ours());
}

function focusCall() {
  if (!maySeeCalls()) return;
  byId("call").scrollIntoView({ block: "nearest" });
  (byId("accept") ?? byId("release"))?.focus();
}

function moveHero(step) {
  const number = neighbour(step);
  if (number === null) return;
  look(number);
  requestAnimationFrame(() => reveal(number));
}

function turnTab(step) {
  const tabs = [
    "all",
    ...new Set(Object.values(state.screen?.cars ?? {}).map((line) => line.car_class)),
  ];
  choose({ tab: tabs[(tabs.indexOf(prefs.tab) + step + tabs.length) % tabs.length] });
}
