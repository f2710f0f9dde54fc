// Columns as wide as what stands in them, measured: in every face, size and race no cell is cut.

import { say } from "./dom.js";
import { shorterNames } from "./format.js";

const grown = new Map(); // name of a column: px that it has needed so far

/** How wide a column is now; `least` until its cells were seen to need more. */
export const widthOf = ({ name, width }) => Math.max(width, grown.get(name) ?? 0);

/** Letters have another size: measure again. */
export const forgetWidths = () => grown.clear();

/**
 * Take note of what cells need; columns only grow, so that they do not jump while one reads.
 * @param {[object, HTMLElement][]} cells columns and cells as they stand in the table.
 * @returns {boolean} whether any has grown.
 */
export function measured(cells) {
  const needs = cells.map(([column, node]) => [column, (column.need ?? needed)(node)]);
  let more = false;
  for (const [column, px] of needs) {
    if (px <= widthOf(column)) continue;
    grown.set(column.name, px);
    more = true;
  }
  return more;
}

function needed(cell) {
  const over = cell.scrollWidth - cell.clientWidth;
  return over > 0 ? cell.offsetWidth + over : 0;
}

/** Names in full where they fit, else in the first of their shorter forms that does. */
export function shorten(cells) {
  let tooLong = [...cells].map((cell) => {
    const name = cell.querySelector(".who > b");
    return { name, room: name.parentElement, forms: shorterNames(name.title) };
  });
  for (let at = 0; tooLong.length; at += 1) {
    tooLong.forEach(({ name, forms }) => say(name, forms[at]));
    tooLong = tooLong.filter(
      ({ name, room, forms }) => at + 1 < forms.length && name.offsetWidth > room.clientWidth,
    );
  }
}

/** What a cell needs for these of its parts side by side; the rest of it may be cut. */
export function neededFor(cell, selectors, { gap, most }) {
  const parts = [...cell.querySelectorAll(selectors)].map((node) => node.offsetWidth);
  const { paddingLeft, paddingRight } = getComputedStyle(cell);
  const sides = parseFloat(paddingLeft) + parseFloat(paddingRight);
  const inside = parts.reduce((sum, part) => sum + part, gap * Math.max(0, parts.length - 1));
  return Math.min(most, Math.ceil(inside + sides));
}
