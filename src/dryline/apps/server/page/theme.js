// Dark for the night, light for noon.

import { byId } from "./dom.js";
import { showIcon } from "./icons.js";
import { choose, prefs } from "./prefs.js";
import { on } from "./store.js";

const noon = matchMedia("(prefers-color-scheme: light)");

export const themeName = () => prefs.theme ?? (noon.matches ? "light" : "dark");

export function startTheme() {
  byId("theme-button").addEventListener("click", turn);
  noon.addEventListener("change", apply);
  on("view", apply);
  apply();
}

export function turn() {
  choose({ theme: themeName() === "dark" ? "light" : "dark" });
}

function apply() {
  document.documentElement.dataset.theme = themeName();
  showIcon(byId("theme-button"), themeName() === "dark" ? "sun" : "moon");
}
