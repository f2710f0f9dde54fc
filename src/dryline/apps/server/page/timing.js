// The timing screen: keyed rows, of which only changed cells are touched.

import { BY_NAME, words } from "./columns.js";
import { thatFit } from "./columns_that_fit.js";
import { context } from "./context.js";
import { classColour, classLabel } from "./classes.js";
import { now } from "./clock.js";
import { h, Keyed, byId, mark, put, say, sized } from "./dom.js";
import { hero, heroClass, isFollowed, isSister, follow, look, ours } from "./focus.js";
import { choose, prefs } from "./prefs.js";
import { on, state, touch } from "./store.js";
import { openColumns } from "./columns_dialog.js";
import { tyreOf } from "./tyres.js";
import { forgetWidths, measured, shorten, widthOf } from "./widths.js";

const OLD_OUTLOOK_MS = 600_000;
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
const fresh = []; // cells drawn since the last measuring, with their columns

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
    if (now_wide === width) return;
    width = now_wide;
    forgetWidths();
    shown = "";
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
  drawTabs();
  mark(table, "oldOutlook", now() - (wall?.forecast?.as_of_ms ?? 0) > OLD_OUTLOOK_MS);
  let numbers = [];
  do numbers = drawColumns(visibleColumns());
  while (visibleColumns().join() !== shown); // what stands in them left no room for all
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

/** The rows with these columns, each as wide as what stands in it; the cars in their order. */
function drawColumns(names) {
  if (names.join() !== shown) again(names);
  const { screen } = state;
  const ctx = context(names);
  const numbers = inOrder(screen, ctx);
  rows.update(numbers, (row, number) => drawRow(row, screen.cars[number], ctx));
  const drawn = fresh.splice(0);
  const grown = measured(drawn);
  if (grown) setWidths(names);
  shorten(
    grown
      ? body.querySelectorAll("td[data-column=driver]")
      : drawn.filter(([column]) => column.name === "driver").map(([, cell]) => cell),
  );
  return numbers;
}

/** The driver takes what the others leave, and no less than a name needs. */
function setWidths(names) {
  const widths = names.map((name) => widthOf(BY_NAME.get(name)));
  put(
    columnsOf,
    names.map((name, at) => h("col", name === "driver" ? {} : { width: widths[at] })),
  );
  table.style.minWidth = `${widths.reduce((sum, one) => sum + one, 0)}px`;
}

function again(names) {
  shown = names.join();
  rows.clear();
  fresh.length = 0;
  setWidths(names);
  put(
    head,
    h(
      "tr",
      {},
      names.map((name) => heading(BY_NAME.get(name))),
    ),
  );
  for (const cell of head.querySelectorAll("th"))
    if (cell.dataset.name !== "driver") fresh.push([BY_NAME.get(cell.dataset.name), cell]);
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
    fresh.push([column, cell.node]);
  }
}

function flash(node) {
  if (calm.matches || document.hidden) return;
  node.animate([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], {
    duration: 900,
    easing: "ease-out",
  });
}
