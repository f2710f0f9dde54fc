// The columns of the timing screen: what each says, in which tone, how wide it is.

import { classColour, classLabel } from "./classes.js";
import { doing } from "./doing.js";
import { h, mark, put } from "./dom.js";
import { gap, lapTime, percent, sector, surname } from "./format.js";
import { icon } from "./icons.js";
import { isUnder, lastLapTimes } from "./neutral.js";
import { bestSectorTone, sectorOf } from "./sectors.js";
import { tyreBadge, tyreOf } from "./tyres.js";
import { neededFor } from "./widths.js";

const LONGEST_NAME = 0.19; // of the table: beyond it the end of a name gives way

/**
 * `width` in px is the least, `need` what a cell needs, if not all that stands in it; `key` tells
 * whether a cell must be drawn again; `draw` does it, plain text by default.
 */
function column(name, title, width, options) {
  const { says, text, tone = () => null, draw, align = "right", sort = null } = options;
  return {
    name,
    title,
    says,
    width,
    need: options.need,
    align,
    sort,
    key: options.key ?? ((line, ctx) => `${text(line, ctx)}\u0000${tone(line, ctx) ?? ""}`),
    draw:
      draw ??
      ((cell, line, ctx) => {
        cell.textContent = text(line, ctx);
        mark(cell, "tone", tone(line, ctx));
      }),
  };
}

const byNumber =
  (pick, absent = Infinity) =>
  (one, other, ctx) =>
    (pick(one, ctx) ?? absent) - (pick(other, ctx) ?? absent);

function lastTone(line, ctx) {
  if (line.last_lap_ms === null) return null;
  if (line.status === "in_pit" || line.status === "garage") return "in";
  if (line.stops > 0 && line.stint_laps === 1) return "out";
  if (wasUnder(lastLapTimes(line).lap, ctx)) return "neutral";
  return bestTone(line.last_lap_ms, line, ctx);
}

/** Whether a time was driven under a neutralisation, whatever the flag is now. */
const wasUnder = (times, ctx) => times !== null && isUnder(ctx.neutralised, ...times);

function bestTone(ms, line, ctx) {
  if (ms === null) return null;
  if (ms === ctx.best) return "purple";
  if (ms === ctx.classes.get(line.car_class)?.best) return "orange";
  return ms === line.best_lap_ms ? "green" : null;
}

function sectorColumn(place) {
  const shown = (line) => sectorOf(line, place, lastLapTimes(line).sectors);
  return column(`s${place}`, `S${place}`, 46, {
    says: `Sector ${place} as it is driven, the last lap's in grey until then: purple best of all, orange of the class, green its own, red slow against the class`,
    text: (line) => sector(shown(line).ms),
    tone: (line, ctx) => {
      const { ms, times, isOld } = shown(line);
      if (isOld) return "old";
      const slow = ctx.classes.get(line.car_class)?.slow[place - 1];
      if (line.status !== "running" || !(ms > slow))
        return bestSectorTone(ms, line, place, ctx.sectors);
      return wasUnder(times, ctx) ? null : "slow";
    },
    sort: byNumber((line) => shown(line).ms),
  });
}

function winBar(cell, p) {
  if (p === null) {
    cell.textContent = "";
    return;
  }
  const bar = h("i");
  bar.style.width = `${Math.round(100 * p)}%`;
  put(cell, h("span", { class: "win" }, h("span", { class: "track" }, bar), percent(p)));
}

function driverCell(cell, line, ctx) {
  const tag = ctx.shown.has("state") ? { text: "" } : doing(line, ctx);
  put(
    cell,
    h(
      "div",
      { class: "driver" },
      h(
        "span",
        { class: "who" },
        h("b", { title: line.driver }, surname(line.driver)),
        !tag.text && h("span", { class: "team" }, line.team),
      ),
      tag.text &&
        h("span", { class: "tag", dataset: { tone: tag.tone }, title: tag.says }, tag.text),
    ),
  );
}

const range = (line, ctx) => ctx.tyres[line.car_number]?.laps_left ?? null;
const winning = (line, ctx) => ctx.outlook[line.car_number]?.p_win_class ?? null;

const counted = (name, title, width, says, of) =>
  column(name, title, width, { says, text: (line) => String(of(line)), sort: byNumber(of) });

export const COLUMNS = [
  counted("position", "Pos", 30, "Overall position", (line) => line.position),
  column("pic", "PIC", 50, {
    says: "Position in class, with the class",
    key: (line) => `${line.car_class}\u0000${line.position_in_class}`,
    draw: (cell, line) =>
      put(cell, h("small", {}, classLabel(line.car_class)), ` ${line.position_in_class}`),
  }),
  column("number", "No", 42, {
    says: "Car number; the colour is the class's",
    align: "center",
    key: (line, ctx) =>
      `${line.car_number}\u0000${line.car_class}\u0000${ctx.followed.has(line.car_number)}`,
    draw: (cell, line, ctx) =>
      put(
        cell,
        h(
          "span",
          {
            class: "plate",
            dataset: { colour: classColour(line.car_class) },
            title: line.car_class,
          },
          line.car_number,
        ),
        ctx.followed.has(line.car_number) && h("span", { class: "star", title: "followed" }, icon("star")),
      ),
    sort: (one, other) => one.car_number.localeCompare(other.car_number, "en", { numeric: true }),
  }),
  column("class", "Class", 56, {
    says: "Class",
    align: "left",
    text: (line) => classLabel(line.car_class),
  }),
  column("state", "State", 92, {
    says: "In the lane since, out about when, out-lap, unseen since, out; hover for how it is known",
    align: "left",
    key: (line, ctx) => doing(line, ctx).text,
    draw: (cell, line, ctx) => {
      const { text, tone, says } = doing(line, ctx);
      cell.textContent = text;
      cell.title = says ?? "";
      mark(cell, "tone", tone);
    },
  }),
  column("driver", "Driver", 108, {
    says: "Driver and team",
    align: "left",
    need: (cell) => neededFor(cell, ".who > b, .tag", { gap: 8, most: LONGEST_NAME * cell.closest("table").clientWidth }),
    key: (line, ctx) =>
      `${line.driver}\u0000${line.team}\u0000${ctx.shown.has("state") ? "" : doing(line, ctx).text}`,
    draw: driverCell,
  }),
  column("laps", "Laps", 36, { says: "Laps completed", text: (line) => String(line.laps) }),
  column("gap", "Gap", 66, {
    says: "To the leader",
    text: (line, ctx) => (line.position === 1 ? "" : gap(line.gap_laps, line.gap_ms, ctx.lap)),
  }),
  column("cgap", "C.Gap", 66, {
    says: "To the class leader",
    text: (line, ctx) =>
      gap(line.class_gap_laps, line.class_gap_ms, ctx.classes.get(line.car_class)?.lap),
  }),
  column("int", "Int", 62, {
    says: "To the car ahead",
    text: (line, ctx) =>
      line.position === 1
        ? ""
        : gap(line.interval_laps, line.interval_ms, ctx.classes.get(line.car_class)?.lap),
  }),
  column("cint", "C.Int", 62, {
    says: "To the car ahead in class",
    text: (line, ctx) =>
      gap(line.class_interval_laps, line.class_interval_ms, ctx.classes.get(line.car_class)?.lap),
  }),
  sectorColumn(1),
  sectorColumn(2),
  sectorColumn(3),
  column("last", "Last", 72, {
    says: "Last lap: purple best of all, orange of the class, green its own; red in-lap, blue out-lap, yellow under a neutralisation",
    text: (line) => lapTime(line.last_lap_ms),
    tone: lastTone,
    sort: byNumber((line) => line.last_lap_ms),
  }),
  column("best", "Best", 72, {
    says: "Best lap",
    text: (line) => lapTime(line.best_lap_ms),
    tone: (line, ctx) =>
      bestTone(line.best_lap_ms, line, ctx) === "green"
        ? null
        : bestTone(line.best_lap_ms, line, ctx),
    sort: byNumber((line) => line.best_lap_ms),
  }),
  column("tyre", "Tyre", 36, {
    says: "Tyres: W wets, S slicks, ? cannot be told; the bar is how sure, a dot: somebody saw it",
    align: "center",
    key: (line, ctx) => {
      const { letter, sure, seen } = tyreOf(ctx.tyres[line.car_number]);
      return `${letter}${Math.round(20 * sure)}${seen}`;
    },
    draw: (cell, line, ctx) => put(cell, tyreBadge(ctx.tyres[line.car_number])),
    sort: byNumber((line, ctx) => -(ctx.tyres[line.car_number]?.p_wet ?? -1)),
  }),
  column("age", "Age", 38, {
    says: "Laps on these tyres",
    text: (line, ctx) => String(ctx.tyres[line.car_number]?.age_laps ?? ""),
  }),
  column("range", "Range", 48, {
    says: "Laps until it must stop, ± one standard deviation",
    key: (line, ctx) => `${range(line, ctx)}\u0000${ctx.tyres[line.car_number]?.range_sd}`,
    draw: (cell, line, ctx) => {
      const laps = range(line, ctx);
      const sd = ctx.tyres[line.car_number]?.range_sd ?? null;
      put(
        cell,
        laps === null ? "" : String(Math.max(0, Math.round(laps))),
        laps !== null && sd !== null && h("small", {}, `±${Math.max(1, Math.round(sd))}`),
      );
      mark(cell, "tone", laps !== null && laps < 3 ? "soon" : null);
    },
    sort: byNumber(range),
  }),
  counted("stops", "Stops", 46, "Stops made", (line) => line.stops),
  column("win", "Class win", 70, {
    says: "Probability of winning the class (forecast)",
    align: "left",
    key: (line, ctx) => percent(winning(line, ctx)),
    draw: (cell, line, ctx) => winBar(cell, winning(line, ctx)),
    sort: byNumber((line, ctx) => -(winning(line, ctx) ?? -1)),
  }),
];

export const BY_NAME = new Map(COLUMNS.map((each) => [each.name, each]));

export const words = (line) =>
  [line.car_number, line.driver, line.team, line.car_class, classLabel(line.car_class), line.status, line.doing]
    .join(" ")
    .toLowerCase();
