// Signs drawn as pictures: a sign that is a letter is an empty box where no face has it.

import { put, s } from "./dom.js";

const PATHS = {
  play: "M4 2l10 6-10 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  step: "M2 2l9 6-9 6zM12 2h2v12h-2z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.2 0h1.6v3H7.2zM7.2 13h1.6v3H7.2zM0 7.2h3v1.6H0zM13 7.2h3v1.6h-3zM2 3.1 3.1 2l2.1 2.1-1.1 1.1zM10.8 11.9l1.1-1.1 2.1 2.1-1.1 1.1zM2 12.9l2.1-2.1 1.1 1.1L3.1 14zM10.8 4.1 12.9 2 14 3.1l-2.1 2.1z",
  moon: "M6 1a7 7 0 1 0 9 9A6 6 0 0 1 6 1z",
  taller: "M8 0l4 4.5H9v7h3L8 16l-4-4.5h3v-7H4z",
  up: "M8 2l5 5.5H9V14H7V7.5H3z",
  down: "M8 14l5-5.5H9V2H7v6.5H3z",
  left: "M2 8l5.5-5v4H14v2H7.5v4z",
  right: "M14 8 8.5 3v4H2v2h6.5v4z",
  enter: "M1 10l5-4.5V9h7V3h2v8H6v3.5z",
  star: "M8 1l2.2 4.6 5 .6-3.7 3.4 1 5L8 12.2 3.5 14.6l1-5L.8 6.2l5-.6z",
  dot: "M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
};

/** A sign in the colour and the size of the letters around it; its meaning is said elsewhere. */
export function icon(name) {
  const hidden = { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" };
  return s("svg", hidden, s("path", { d: PATHS[name] }));
}

/** A node that shows one sign, touched only where it is another. */
export function showIcon(node, name) {
  if (node.dataset.icon === name) return;
  node.dataset.icon = name;
  put(node, icon(name));
}
