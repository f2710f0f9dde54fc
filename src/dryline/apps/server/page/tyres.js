// What a car is on: a letter, how sure it is, and whether somebody has seen it.

import { h } from "./dom.js";
import { percent } from "./format.js";

const INFER = 0.65; // below it, for wets or for slicks, the letter is a question mark

/** The letter of a rain tyre: of its kind where the series has several, R where it cannot be told. */
function rainLetter(kinds) {
  if (!kinds) return "W";
  const [name, share] = Object.entries(kinds).reduce((one, other) => (other[1] > one[1] ? other : one));
  return share > 0.5 ? name[0].toUpperCase() : "R";
}

/** The letter of a car's tyres with how sure it is, 0 to 1; `?` where it cannot be told. */
export function tyreOf(tyre) {
  const p = tyre?.p_wet ?? null;
  if (p === null) return { letter: "?", kind: "unknown", sure: 0, seen: false };
  const sure = Math.max(p, 1 - p);
  const seen = Boolean(tyre.seen);
  if (!seen && sure < INFER) return { letter: "?", kind: "unknown", sure: 2 * sure - 1, seen };
  const letter = p > 0.5 ? rainLetter(tyre.kinds) : "S";
  return { letter, kind: p > 0.5 ? "wet" : "slick", sure: 2 * sure - 1, seen };
}

function tyreWords(tyre) {
  const { kind, seen } = tyreOf(tyre);
  const p = tyre?.p_wet ?? null;
  if (p === null) return "tyres unknown";
  if (tyre.kinds) {
    const each = Object.entries(tyre.kinds).map(([name, of]) => `${name} ${percent(of)}`);
    return `${each.join(", ")}, ${seen ? "seen" : "inferred"}`;
  }
  const share = percent(Math.max(p, 1 - p));
  if (kind === "unknown") return `cannot be told: ${p > 0.5 ? "wets" : "slicks"} ${share}`;
  return `${kind === "wet" ? "wets" : "slicks"} ${share}, ${seen ? "seen" : "inferred"}`;
}

export function tyreBadge(tyre) {
  const { letter, kind, sure, seen } = tyreOf(tyre);
  const bar = h("i", { class: "sure" });
  bar.style.width = `${Math.round(100 * sure)}%`;
  return h(
    "span",
    { class: "tyre", dataset: { kind }, title: tyreWords(tyre) },
    letter,
    seen && h("b", { class: "seen" }, "•"),
    bar,
  );
}
