// What a person has chosen for this screen; it stays on this machine.

import { touch } from "./store.js";

const KEY = "dryline.wall";
const FIRST = {
  theme: null, // light, dark; null: as the system likes it, dark where it does not say
  hero: null, // null: our car
  followed: [],
  tab: "all", // a class, or all
  sort: "position",
  columns: null, // names in order; null: as many as there is room for
  side: "now",
  foot: "stints",
  chart: "gap",
  tall: false,
  author: "",
};

export const prefs = { ...FIRST, ...read() };

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

/** Choose something, and keep it. */
export function choose(changes) {
  Object.assign(prefs, changes);
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // a full or forbidden storage: the choice holds until the page is left
  }
  touch("view");
}
