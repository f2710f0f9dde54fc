// The order sheet: an accepted call, locked until it is released.

import { now } from "./clock.js";
import { h } from "./dom.js";
import { age, clock, plural, surname } from "./format.js";
import { fuelWords, headline, inShort, isChange, tyreKind, tyreWords } from "./says.js";

const STATES = { ordered: "ORDERED", committed: "COMMITTED", done: "DONE", missed: "MISSED" };
const OVER = { done: "STOP DONE", missed: "STOP MISSED" };

/** What was ordered, how it stands, the countdown to the pit entry, and by whose word. */
export function sheetNode(sheet, team, lap) {
  const what = OVER[sheet.state] ?? headline(sheet, lap).what;
  const newer = sheet.superseded_by !== null && team.call ? team.call : null;
  const work =
    sheet.action === "box"
      ? [
          tyreWords(sheet.tyres),
          sheet.energy_pct === null
            ? fuelWords(sheet.fuel)
            : `energy to ${Math.round(sheet.energy_pct)} %`,
          sheet.driver ? surname(sheet.driver) : "no driver ordered",
        ]
      : [];
  return h(
    "div",
    { class: "order" },
    h(
      "p",
      { class: "big" },
      what,
      isChange(sheet.tyres) && [
        " · ",
        h(
          "span",
          { dataset: { tyre: sheet.tyres.kind } },
          tyreKind(sheet.tyres.kind).toUpperCase(),
        ),
      ],
    ),
    h("p", { class: "exactly" }, work.filter(Boolean).join(" · ")),
    h(
      "p",
      { class: "standing" },
      h(
        "b",
        { class: "stamp", dataset: { sheet: sheet.state } },
        STATES[sheet.state] ?? sheet.state,
      ),
      sheet.lap !== null && h("span", {}, "lap ", h("b", {}, sheet.lap)),
      countdown(sheet),
    ),
    h(
      "p",
      { class: "muted" },
      `Accepted by ${sheet.accepted_by} at ${clock(sheet.accepted_at_ms)} (call ${sheet.call}); `,
      sheet.unchanged_laps
        ? `unchanged for ${plural(sheet.unchanged_laps, "lap")}.`
        : "unchanged since this lap.",
    ),
    sheet.state in OVER &&
      team.call &&
      team.call.number !== sheet.call &&
      h(
        "p",
        { class: "warn" },
        `The call now: ${inShort(team.call.advice.call, lap)}. Release this order to decide on it.`,
      ),
    newer &&
      h(
        "p",
        { class: "warn" },
        `A newer call says otherwise: ${inShort(newer.advice.call, lap)}. The order stands until it is released.`,
      ),
  );
}

function countdown(sheet) {
  if (sheet.commit_at_ms === null || sheet.state !== "ordered") return null;
  const left = sheet.commit_at_ms - now();
  return h(
    "span",
    { title: "the pit entry, estimated from recent laps" },
    "pit entry ",
    h(
      "b",
      { class: "countdown", dataset: { until: sheet.commit_at_ms } },
      left > 0 ? `in ${age(left)}` : `${age(-left)} ago`,
    ),
    sheet.commit_sd_ms && ` ± ${Math.max(1, Math.round(sheet.commit_sd_ms / 1000))} s`,
  );
}
