// A call as the page shows it: in the words that it carries, and its margin in figures.

import { percent, plural } from "./format.js";
import { EVIDENCE } from "./words.js";

const FLIPS = 3;
const TYRES = { slick: "slicks", inter: "intermediates", wet: "wets" };
const NO_FACTS = new Set(["note", "accept", "reject", "release", "our_car", "heard"]);
const CLEAR = 2; // standard errors
const NINE_IN_TEN = 1.28; // standard deviations

/**
 * A call in its own words, `exact`, `short`, `brief` or `headline`, on the lap that the car is on
 * now: laps that went by since it was made are counted down. Calls of old journals carry none.
 */
export function said(call, kind, lap) {
  const { words } = call;
  if (!words) return call.key ?? call.action;
  if (!words.when.length) return words[kind];
  const last = words.when.length - 1;
  const since = Math.min(last, Math.max(0, last - 1 - (call.lap - lap)));
  return words[kind].replace(words.when[0], words.when[since]);
}

/** `{what, tyre, work, gone}`: `BOX NOW`, which tyres where they change, what belongs to it. */
export function headline(call, lap) {
  const work = call.words?.work ?? [];
  return {
    what: said(call, "headline", lap).toUpperCase(),
    tyre: call.action === "box" && isChange(call.tyres) ? [isRain(call.tyres.kind) ? "wet" : "slick", work[0]] : null,
    work,
    gone: call.action === "box" && call.lap < lap,
  };
}

/** Whether tyres belong in the headline: rain tyres, or a change of kind (which takes four). */
const isChange = (tyres) =>
  isRain(tyres?.kind) || (tyres?.kind === "slick" && tyres.count === 4);

/** Whether a kind of tyre is for the wet: all but slicks are, whatever the series calls them. */
const isRain = (kind) => Boolean(kind) && !["slick", "keep", "usual"].includes(kind);

/** As a sentence goes on after another's beginning. */
export const lower = (text) => text.slice(0, 1).toLowerCase() + text.slice(1);

export function size(value, se, unit, digits = unit === "s" ? 1 : 2) {
  if (unit?.startsWith("probability"))
    return `${(100 * value).toFixed(1)} ± ${(100 * se).toFixed(1)} points`;
  const word = unit === "class places" ? "places" : unit;
  return `${value.toFixed(digits)} ± ${se.toFixed(digits)} ${word}`;
}

export const isClear = ({ value, se }) => value !== null && value > 0 && value >= CLEAR * se;

export const found = (advice, key) => advice.candidates.find((each) => each.key === key) ?? null;

/**
 * What leads and by how much: in seconds unless only places (or points) tell the two apart.
 * `shown` is the difference that is said first, `other` the same in the other measure.
 */
export function marginWords(advice, lap) {
  const second = found(advice, advice.margin.runner_up);
  if (!second)
    return { clear: true, text: "no other call to make", other: "", over: "", shown: null };
  const measures = [advice.margin];
  if (advice.margin.unit !== "s" && (advice.margin_s?.value ?? null) !== null)
    measures.unshift({ ...advice.margin_s, unit: "s" });
  const shown = measures.find(isClear) ?? measures[0];
  const other = measures.find((each) => each !== shown);
  const short = said(second, "short", lap);
  return {
    clear: advice.clear ?? isClear(shown),
    rule: advice.made_by === "rule",
    words: advice.margin_words ?? "",
    shown,
    text: size(shown.value, shown.se, shown.unit),
    simulated: simulated(shown),
    other: other ? size(other.value, other.se, other.unit) : "",
    over: lower(short === said(advice.call, "short", lap) ? said(second, "exact", lap) : short),
  };
}

/** How two calls stand in the simulation, where it does not make the call. */
function simulated(gap) {
  const far = size(Math.abs(gap.value), gap.se, gap.unit);
  if (Math.abs(gap.value) < CLEAR * gap.se || gap.value === 0) return "simulated level with";
  return `simulated ${far} ${gap.value > 0 ? "ahead of" : "behind"}`;
}

/** Short remarks: waiting, rejoin, what flips it, evidence. Each `[plain, strong, plain, in full]`. */
export function remarks(advice, lap) {
  const all = [];
  const wait = advice.value_of_waiting;
  if (wait?.value !== null && wait?.value !== undefined) {
    const close = wait.value === 0 || Math.abs(wait.value) < CLEAR * wait.se;
    const how = close
      ? "Waiting a lap: no difference"
      : wait.value > 0
        ? "Waiting a lap gains"
        : "Waiting a lap costs";
    all.push([how, close ? "" : size(Math.abs(wait.value), wait.se, wait.unit), "simulated"]);
  }
  const first = advice.first_lap;
  if (first) {
    const onRoad = first.worth_s.value !== null;
    const { value, se, unit } = onRoad ? { ...first.worth_s, unit: "s" } : first.worth;
    all.push([
      `Waiting for the first lap on ${TYRES[first.tyres] ?? first.tyres}`,
      `${value < 0 ? "−" : "+"}${size(Math.abs(value), se, unit)}`,
      `over boxing now, better in ${percent(first.p_better)}`,
      first.words,
    ]);
  }
  const rejoin = rejoinWords(advice.rejoin);
  if (rejoin) all.push(rejoin);
  const flips = (advice.flips_if ?? []).slice(0, FLIPS);
  if (flips.length) {
    all.push([
      "Flips if",
      flips.map((flip) => `${flip.short ?? flip.condition} ${percent(flip.now)}`).join(" or "),
      "",
      flips
        .map(
          (flip) =>
            `${flip.condition}: probability now ${percent(flip.now)}, then ${instead(advice, flip, lap)}`,
        )
        .join("\n"),
    ]);
  }
  if (advice.pit_lane && advice.pit_lane.state !== "open")
    all.push(["Pit lane", advice.pit_lane.state.replaceAll("_", " "), "", advice.pit_lane.why]);
  const window = advice.cards?.window;
  if (window && window.closes_lap !== null)
    all.push([
      "Window",
      window.opens_lap === window.closes_lap
        ? `lap ${window.closes_lap}`
        : `laps ${window.opens_lap} to ${window.closes_lap}`,
      `± ${window.sd_laps}`,
    ]);
  else if (window) all.push(["", "No further stop for fuel", ""]);
  if (advice.cards?.p_one_more_lap >= 0.05)
    all.push([
      "In all",
      `${advice.cards.planned_laps} laps`,
      `one more ${percent(advice.cards.p_one_more_lap)}`,
    ]);
  const range = advice.range;
  if (range)
    all.push(["Range", `${Math.floor(range.fuel_laps)} laps`, range.seen ? "as told" : "surely"]);
  for (const line of advice.not_used ?? []) all.push(["Not used:", line, ""]);
  for (const rule of advice.against_rules ?? []) all.push(["Against the rules:", rule, ""]);
  for (const told of (advice.team ?? []).filter((one) => !NO_FACTS.has(one.kind)).slice(-FLIPS))
    all.push(["Told", told.text, told.author]);
  all.push([
    "Evidence",
    advice.evidence,
    EVIDENCE[advice.evidence] ?? "",
    (advice.cannot_tell ?? []).map((line) => `Not known: ${line}.`).join("\n"),
  ]);
  return all;
}

/**
 * How far a car surely gets, and how far it probably does: as the call has it where it is about this
 * car, with nine in ten by what cars of its class usually do else.
 */
export function rangeWords(tyre, told, lap) {
  const likely = tyre?.laps_left ?? null;
  if (likely === null) return "";
  const usual = likely - NINE_IN_TEN * (tyre.range_sd ?? 0);
  const least = told ? told.fuel_laps - (lap - told.lap) : usual;
  const sure = Math.max(0, Math.floor(least));
  if (told?.seen) return `${plural(sure, "lap")} as told`;
  const more = Math.round(likely);
  return `${plural(sure, "lap")} surely${more > sure ? `, probably ${more}` : ""}`;
}

function instead(advice, flip, lap) {
  const call = found(advice, flip.instead);
  return call ? lower(said(call, "short", lap)) : flip.instead;
}

function rejoinWords(rejoin) {
  if (!rejoin) return null;
  const { position, p_position_in_class: places } = rejoin.full;
  const who = (pairs) => (pairs?.[0]?.car_number ? `#${pairs[0].car_number}` : "nobody");
  return [
    "Rejoin",
    `P${position} ${percent(places[position - 1])}`,
    `behind ${who(rejoin.ghost.ahead)}, ahead of ${who(rejoin.ghost.behind)}`,
  ];
}
