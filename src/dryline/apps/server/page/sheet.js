// The order sheet: an accepted call, locked until it is released.

import { now } from "./clock.js";
import { h } from "./dom.js";
import { age, clock, plural } from "./format.js";
import { headline, lower, said } from "./says.js";

const STATES = { ordered: "ORDERED", committed: "COMMITTED", done: "DONE", missed: "MISSED" };
const OVER = { done: "STOP DONE", missed: "STOP MISSED" };

/** What was ordered, how it stands, the countdown to the pit entry, and by whose word. */
export function sheetNode(sheet, team, lap) {
  const { what, tyre, work } = headline(sheet, lap);
  const newer = sheet.superseded_by !== null && team.call ? team.call : null;
  const orders = sheet.action !== "box" ? [] : sheet.driver ? work : [...work, "no driver ordered"];
  return h(
    "div",
    { class: "order" },
    h(
      "p",
      { class: "big" },
      OVER[sheet.state] ?? what,
      tyre && [" · ", h("span", { dataset: { tyre: tyre[0] } }, tyre[1]?.toUpperCase())],
    ),
    h("p", { class: "exactly" }, orders.join(" · ")),
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
        `The call now: ${lower(said(team.call.advice.call, "exact", lap))}. Release this order to decide on it.`,
      ),
    newer &&
      h(
        "p",
        { class: "warn" },
        `A newer call says otherwise: ${lower(said(newer.advice.call, "exact", lap))}. The order stands until it is released.`,
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
