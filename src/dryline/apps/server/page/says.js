// A call in words, as the pit wall says it.

import { percent, surname } from "./format.js";

const NUMBERS = ["now", "next lap", "in 2 laps", "in 3 laps"];
const TYRES = { slick: "slicks", wet: "wets", inter: "intermediates", keep: "tyres kept" };
const FUEL = {
  full: "fuel to the top",
  to_the_end: "fuel to the flag",
  splash: "a splash of fuel",
  none: "no fuel",
};
const FLIPS = 3;
const NO_FACTS = new Set(["note", "accept", "reject", "release", "our_car", "heard"]);
const CLEAR = 2; // standard errors
export const KINDS = { fcy: "FCY", vsc: "VSC", safety_car: "Safety car", red: "Red flag" };

export const when = (ahead) => NUMBERS[ahead] ?? (ahead < 0 ? "too late" : `in ${ahead} laps`);
export const tyreKind = (kind) => TYRES[kind] ?? kind ?? "";
export const fuelWords = (fuel) => FUEL[fuel] ?? fuel ?? "";

export function tyreWords(tyres) {
  if (!tyres?.kind) return "";
  return tyres.count && tyres.kind !== "keep"
    ? `${tyres.count} ${tyreKind(tyres.kind)}`
    : tyreKind(tyres.kind);
}

/** `{what, tyre, more}` of a call: `BOX NOW`, `wet`, and what else belongs to it. */
export function headline(call, lap) {
  if (call.action === "box") {
    const ahead = call.lap - lap;
    const what =
      ahead < 0
        ? `BOX LAP ${call.lap}, GONE`
        : ahead === 0
          ? "BOX NOW"
          : `BOX ${when(ahead).toUpperCase()}`;
    return { what, tyre: isChange(call.tyres) ? call.tyres.kind : null, gone: ahead < 0 };
  }
  if (call.action === "save") return { what: "STAY OUT, SAVE", tyre: null, gone: false };
  if (call.until === "lane_opens") return { what: "BOX WHEN IT OPENS", tyre: null, gone: false };
  if (call.until === "wave_by") return { what: "WAVE-BY, THEN BOX", tyre: null, gone: false };
  return { what: "STAY OUT", tyre: null, gone: false };
}

/** Whether tyres belong in the headline: wets, or a change of kind (which takes four). */
export const isChange = (tyres) =>
  tyres?.kind === "wet" || (tyres?.kind === "slick" && tyres.count === 4);

/** What exactly: tyres, energy, driver; or how long to stay out. */
export function exactly(call) {
  if (call.action !== "box") {
    if (call.action === "save")
      return [
        call.until === "flag" ? "the flag without another stop" : "one stop fewer",
        call.save_pct && `${Math.round(call.save_pct)} % a lap`,
      ].filter(Boolean);
    if (call.until === "flag") return ["no further stop is needed"];
    if (call.until === "range_end") return [`to the end of the range, about lap ${call.until_lap}`];
    if (call.until === "lane_opens") return ["as soon as the pit lane opens"];
    if (call.until === "wave_by") return ["stay out for the wave-by first"];
    return [`no stop before lap ${call.until_lap}, then as track and range ask`];
  }
  const told = (call.energy_pct ?? null) !== null && call.fuel !== "none";
  const fuel = told ? `energy to ${Math.round(call.energy_pct)} %` : fuelWords(call.fuel);
  const hose = call.hose_s ? ` (${Math.round(call.hose_s)} s of hose)` : "";
  const driver =
    call.driver &&
    `${surname(call.driver)} ${call.driver_changes === false ? "stays" : call.driver_changes ? "gets in" : "drives"}`;
  return [tyreWords(call.tyres), fuel && fuel + hose, driver].filter(Boolean);
}

/** One line, for lists: `box next lap: 4 wets, fuel to the top`. */
export function inShort(call, lap) {
  if (call.action === "box") return `box ${when(call.lap - lap)}: ${exactly(call).join(", ")}`;
  if (call.action === "save") return "save to the flag";
  if (call.until === "lane_opens") return "box when the lane opens";
  if (call.until === "wave_by") return "box after the wave-by";
  return call.until_lap ? `stay out, about lap ${call.until_lap}` : "stay out";
}

export function size(value, se, unit, digits = unit === "s" ? 1 : 2) {
  if (unit?.startsWith("probability"))
    return `${(100 * value).toFixed(1)} ± ${(100 * se).toFixed(1)} points`;
  const word = unit === "class places" ? "places" : unit;
  return `${value.toFixed(digits)} ± ${se.toFixed(digits)} ${word}`;
}

export const isClear = ({ value, se }) => value !== null && value > 0 && value >= CLEAR * se;

export const found = (advice, key) => advice.candidates.find((each) => each.key === key) ?? null;

/** The least that a card needs: `box now, wets`, `stay out`. */
export function inBrief(call, lap) {
  if (call.action === "box")
    return `box ${when(call.lap - lap)}${call.tyres ? `, ${tyreKind(call.tyres.kind)}` : ""}`;
  if (call.until === "lane_opens") return "box once open";
  if (call.until === "wave_by") return "box after wave-by";
  return call.action === "save" ? "save to the flag" : "stay out";
}

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
  const brief = inBrief(second, lap);
  return {
    clear: isClear(shown),
    shown,
    text: size(shown.value, shown.se, shown.unit),
    other: other ? size(other.value, other.se, other.unit) : "",
    over: brief === inBrief(advice.call, lap) ? inShort(second, lap) : brief,
  };
}

const shortened = (condition) =>
  condition
    .replace(/^an? /u, "")
    .replace("full course yellow", "FCY")
    .replace("virtual safety car", "VSC")
    .replace("safety car", "SC")
    .replace("comes before the end of this lap", "this lap");

/** Short remarks: waiting, rejoin, what flips it, evidence. Each `[plain, strong, plain, in full]`. */
export function remarks(advice) {
  const all = [];
  const wait = advice.value_of_waiting;
  if (wait?.value !== null && wait?.value !== undefined) {
    const close = wait.value === 0 || Math.abs(wait.value) < CLEAR * wait.se;
    const how = close
      ? "Waiting a lap: no difference"
      : wait.value > 0
        ? "Waiting a lap gains"
        : "Waiting a lap costs";
    all.push([how, close ? "" : size(Math.abs(wait.value), wait.se, wait.unit), ""]);
  }
  const rejoin = rejoinWords(advice.rejoin);
  if (rejoin) all.push(rejoin);
  const flips = (advice.flips_if ?? []).slice(0, FLIPS);
  if (flips.length) {
    all.push([
      "Flips if",
      flips.map((flip) => `${shortened(flip.condition)} ${percent(flip.now)}`).join(" or "),
      "",
      flips
        .map(
          (flip) => `${flip.condition}: probability now ${percent(flip.now)}, then ${flip.instead}`,
        )
        .join("\n"),
    ]);
  }
  if (advice.pit_lane && advice.pit_lane.state !== "open")
    all.push(["Pit lane", advice.pit_lane.state.replaceAll("_", " "), "", advice.pit_lane.why]);
  const window = advice.cards?.window;
  if (window && window.closes_lap !== null)
    all.push(["Window", `laps ${window.opens_lap} to ${window.closes_lap}`, `± ${window.sd_laps}`]);
  else if (window) all.push(["", "No further stop for fuel", ""]);
  if (advice.cards?.p_one_more_lap >= 0.05)
    all.push([
      "In all",
      `${advice.cards.planned_laps} laps`,
      `one more ${percent(advice.cards.p_one_more_lap)}`,
    ]);
  const range = advice.range?.fuel_laps;
  if (range !== undefined) all.push(["Range", `${Math.floor(range)} laps`, ""]);
  for (const rule of advice.against_rules ?? []) all.push(["Against the rules:", rule, ""]);
  for (const said of (advice.team ?? []).filter((one) => !NO_FACTS.has(one.kind)).slice(-FLIPS))
    all.push(["Told", said.text, said.author]);
  all.push([
    "Evidence",
    advice.evidence,
    EVIDENCE[advice.evidence] ?? "",
    (advice.cannot_tell ?? []).map((line) => `Not known: ${line}.`).join("\n"),
  ]);
  return all;
}

const EVIDENCE = { A: "measured here", B: "from other races", C: "assumed" };

function rejoinWords(rejoin) {
  if (!rejoin) return null;
  const places = rejoin.full.p_position_in_class;
  const best = places.indexOf(Math.max(...places));
  const who = (pairs) => (pairs?.[0]?.car_number ? `#${pairs[0].car_number}` : "nobody");
  return [
    "Rejoin",
    `P${best + 1} ${percent(places[best])}`,
    `behind ${who(rejoin.ghost.ahead)}, ahead of ${who(rejoin.ghost.behind)}`,
  ];
}
