// The timing screen: keyed rows, of which only changed cells are touched.

import { BY_NAME, thatFit, words } from "./columns.js";
import { classColour, classLabel } from "./classes.js";
import { now } from "./clock.js";
import { h, Keyed, byId, mark, put, say, sized } from "./dom.js";
import { hero, heroClass, isFollowed, isSister, follow, look, ours } from "./focus.js";
import { choose, prefs } from "./prefs.js";
import { on, state, touch } from "./store.js";
import { openColumns } from "./columns_dialog.js";
import { tyreOf } from "./tyres.js";

const OLD_OUTLOOK_MS = 600_000;
const SLOW = 1.025; // against the class's own quarter of the fastest
const NEUTRALISED = new Set(["fcy", "vsc", "safety_car", "code_60", "red"]);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let filter = "";
let width = 0;
let shown = "";
const head = h("thead");
const body = h("tbody");
const columnsOf = h("colgroup");
const table = h("table", { class: "grid", "aria-label": "Running order" }, columnsOf, head, body);
const scroller = h("div", { class: "scroll", tabindex: "0" }, table);
const tabs = h("div", { class: "tabs", role: "group", "aria-label": "Class" });
const search = h("input", {
  type: "search",
  id: "search",
  placeholder: "Filter  /",
  "aria-label": "Filter cars",
  autocomplete: "off",
  spellcheck: "false",
  maxlength: "60",
});
const empty = h("p", { class: "empty" });
const rows = new Keyed(body, makeRow);

export function startTiming() {
  const columnsButton = h(
    "button",
    { type: "button", onclick: openColumns, title: "Columns" },
    "Columns",
  );
  put(byId("timing"), h("div", { class: "bar" }, tabs, search, columnsButton), scroller, empty);
  search.addEventListener("input", () => {
    filter = search.value.trim().toLowerCase();
    touch("view");
  });
  body.addEventListener("click", (event) => {
    const number = event.target.closest("tr")?.dataset.car;
    if (number === undefined) return;
    if (event.shiftKey || event.target.closest(".star")) follow(number);
    else look(number);
  });
  sized(scroller, (now_wide) => {
    width = now_wide;
    touch("view");
  });
  on("screen wall view session", draw);
}

/** The columns to be seen now, by name. */
export function visibleColumns() {
  return prefs.columns === null
    ? thatFit(width || innerWidth - 16)
    : prefs.columns.filter((name) => BY_NAME.has(name));
}

/** Bring a car into sight. */
export function reveal(number) {
  rows.kept
    .get(number)
    ?.node.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
}

/** The car above or below the hero among those shown. */
export function neighbour(step) {
  const numbers = [...body.children].map((row) => row.dataset.car);
  return numbers[numbers.indexOf(hero()) + step] ?? null;
}

function makeRow(number) {
  const node = h("tr", { dataset: { car: number } });
  return { node, cells: new Map() };
}

function draw() {
  const { screen, wall } = state;
  if (!screen) return;
  const names = visibleColumns();
  if (names.join() !== shown) again(names);
  drawTabs();
  const ctx = context(names);
  mark(table, "oldOutlook", now() - (wall?.forecast?.as_of_ms ?? 0) > OLD_OUTLOOK_MS);
  const numbers = inOrder(screen, ctx);
  rows.update(numbers, (row, number) => drawRow(row, screen.cars[number], ctx));
  say(
    empty,
    numbers.length
      ? ""
      : screen.order.length
        ? "No car fits the filter."
        : "Waiting for the first crossing…",
  );
  document.body.dataset.version = screen.version;
  document.body.dataset.at = screen.at_ms;
}

function again(names) {
  shown = names.join();
  rows.clear();
  put(
    columnsOf,
    names.map((name) => h("col", name === "driver" ? {} : { width: BY_NAME.get(name).width })),
  );
  put(
    head,
    h(
      "tr",
      {},
      names.map((name) => heading(BY_NAME.get(name))),
    ),
  );
}

function heading({ name, title, says, align, sort }) {
  const label = sort
    ? h(
        "button",
        {
          type: "button",
          onclick: () => choose({ sort: prefs.sort === name ? "position" : name }),
        },
        title,
      )
    : title;
  return h("th", { scope: "col", title: says, dataset: { align, name } }, label);
}

function drawTabs() {
  const { screen, session } = state;
  const classes = session?.classes?.length ? [...session.classes] : [];
  for (const line of Object.values(screen.cars))
    if (!classes.includes(line.car_class)) classes.push(line.car_class);
  const count = (name) =>
    Object.values(screen.cars).filter((line) => line.car_class === name).length;
  const key = `${prefs.tab}|${classes.map((name) => `${name}${count(name)}`).join()}`;
  if (tabs.dataset.key === key) return;
  tabs.dataset.key = key;
  const tab = (value, label, colour) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(prefs.tab === value),
        dataset: colour ? { colour } : {},
        onclick: () => choose({ tab: value }),
      },
      label,
    );
  put(
    tabs,
    tab("all", `All ${screen.order.length}`, null),
    classes
      .filter(count)
      .map((name) => tab(name, `${classLabel(name)} ${count(name)}`, classColour(name))),
  );
}

function context(names) {
  const { screen, wall } = state;
  const classes = new Map();
  for (const line of screen.order.map((number) => screen.cars[number]).filter(Boolean)) {
    if (!classes.has(line.car_class))
      classes.set(line.car_class, {
        best: Infinity,
        lap: line.last_lap_ms ?? 0,
        sectors: [[], [], []],
      });
    const each = classes.get(line.car_class);
    each.best = Math.min(each.best, line.best_lap_ms ?? Infinity);
    if (line.status !== "running" || line.stint_laps < 2) continue;
    [line.s1_ms, line.s2_ms, line.s3_ms].forEach(
      (ms, at) => ms !== null && each.sectors[at].push(ms),
    );
  }
  for (const each of classes.values()) each.slow = each.sectors.map(slowFrom);
  return {
    classes,
    lap: screen.cars[screen.order[0]]?.last_lap_ms ?? 0,
    best: Math.min(...[...classes.values()].map((each) => each.best)),
    shown: new Set(names),
    nowMs: seenUntil(screen),
    neutralised: NEUTRALISED.has(screen.flag),
    tyres: wall?.tyres ?? {},
    outlook: wall?.forecast?.cars ?? {},
    followed: new Set(prefs.followed),
  };
}

/** Now; while a replay is being read up to now, the last crossing read. */
function seenUntil(screen) {
  const last = Math.max(0, ...Object.values(screen.cars).map((line) => line.elapsed_ms ?? 0));
  const at = Math.max(now(), screen.at_ms);
  return state.session?.replay && at - last > 75_000 && state.session.wall_clock_lag_ms > 75_000
    ? last
    : at;
}

function slowFrom(times) {
  if (times.length < 4) return Infinity;
  times.sort((one, other) => one - other);
  return SLOW * times[Math.floor(times.length / 4)];
}

function inOrder(screen, ctx) {
  const lines = screen.order
    .map((number) => screen.cars[number])
    .filter(Boolean)
    .filter((line) => (prefs.tab === "all" || line.car_class === prefs.tab) && fits(line, ctx));
  const sort = BY_NAME.get(prefs.sort)?.sort;
  if (sort && prefs.sort !== "position")
    lines.sort((one, other) => sort(one, other, ctx) || one.position - other.position);
  for (const cell of head.querySelectorAll("th")) {
    const sorted = cell.dataset.name === prefs.sort;
    if (sorted !== cell.hasAttribute("aria-sort")) cell.toggleAttribute("aria-sort", sorted);
    if (sorted) cell.setAttribute("aria-sort", "ascending");
  }
  return lines.map((line) => line.car_number);
}

const TYRES = { wet: "wet wets", slick: "slick slicks", unknown: "unknown" };

function fits(line, ctx) {
  if (!filter) return true;
  const said = `${words(line)} ${TYRES[tyreOf(ctx.tyres[line.car_number]).kind]}`;
  return filter.split(/\s+/u).every((word) => said.includes(word));
}

function drawRow(row, line, ctx) {
  const number = line.car_number;
  const role =
    number === hero()
      ? "hero"
      : isSister(number)
        ? "sister"
        : isFollowed(number)
          ? "followed"
          : line.car_class === heroClass()
            ? "rival"
            : "other";
  mark(row.node, "role", role);
  mark(row.node, "ours", number === ours());
  mark(row.node, "gone", line.status === "retired" || line.status === "garage");
  for (const name of ctx.shown) {
    const column = BY_NAME.get(name);
    let cell = row.cells.get(name);
    if (!cell) {
      cell = { node: h("td", { dataset: { align: column.align, column: name } }), key: null };
      row.cells.set(name, cell);
      row.node.append(cell.node);
    }
    const key = column.key(line, ctx);
    if (key === cell.key) continue;
    if (name === "last" && cell.key !== null) flash(cell.node);
    cell.key = key;
    column.draw(cell.node, line, ctx);
  }
}

function flash(node) {
  if (calm.matches || document.hidden) return;
  node.animate([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], {
    duration: 900,
    easing: "ease-out",
  });
}
