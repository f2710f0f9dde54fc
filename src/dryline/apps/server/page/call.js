// The call for our car, its margin, and what we decide about it.

import { post } from "./api.js";
import { now } from "./clock.js";
import { closeDialog, openDialog, toast, toastFault } from "./dialog.js";
import { byId, h, mark, put, say, show } from "./dom.js";
import { hero, oldAfter, ours } from "./focus.js";
import { age, clock } from "./format.js";
import { icon } from "./icons.js";
import { makeOurs, maySeeCalls } from "./our_car.js";
import { reach, whisker } from "./picture.js";
import { prefs } from "./prefs.js";
import { headline, marginWords, remarks } from "./says.js";
import { sheetNode } from "./sheet.js";
import { on, set, state } from "./store.js";
import { openWhatIf } from "./whatif.js";

const title = h("h2");
const old = h("span", { class: "old" });
const words = h("div", { class: "words" });
const choice = h("span");
const buttons = h("div", { class: "buttons" });

export function startCall() {
  put(byId("call"), h("div", { class: "panel-head" }, title, choice, old), words, buttons);
  on("team session screen view", draw);
  on("tick team", tick);
}

/** The lap that our car is on. */
export const lapOf = (number) => (state.screen?.cars[number]?.laps ?? 0) + 1;

function draw() {
  const { team, session } = state;
  show(byId("call"), maySeeCalls());
  mark(document.body, "role", session?.role);
  if (!maySeeCalls() || !team) return;
  if (choice.dataset.key !== `${hero()}|${ours()}`) {
    choice.dataset.key = `${hero()}|${ours()}`;
    put(choice, makeOurs());
  }
  const sheet = team.order_sheet;
  mark(byId("call"), "locked", Boolean(sheet));
  const number = team.car_number ?? ours();
  const key = JSON.stringify([
    team.call?.number,
    team.call?.and_plan,
    sheet,
    team.call_error,
    isWorking(team),
    lapOf(number),
    state.screen?.cars[number]?.team,
  ]);
  if (words.dataset.key === key) return;
  words.dataset.key = key;
  say(
    title,
    number === null
      ? "Call"
      : `#${number} ${state.screen?.cars[number]?.team ?? ""} · ${sheet ? "order sheet" : "call"}`,
  );
  if (sheet) put(words, sheetNode(sheet, team, lapOf(number)));
  else if (team.call) put(words, callNodes(team.call, lapOf(number)), errorNode(team));
  else put(words, nothing(team));
  put(buttons, sheet ? sheetButtons(sheet, team) : callButtons(team));
}

function nothing(team) {
  if (number(team) === null) {
    return [
      h("p", { class: "big" }, "NO CAR CHOSEN"),
      h("p", {}, "Type a car's number, then make it ours, and its calls appear here."),
    ];
  }
  return [
    h("p", { class: "big muted" }, isWorking(team) ? "WORKING…" : "NO CALL"),
    errorNode(team) ?? h("p", { class: "muted" }, "The first call comes once the car has lapped."),
  ];
}

const number = (team) => team.car_number ?? ours();
const isWorking = (team) => team.asking?.some((each) => each.kind === "advise");
const errorNode = (team) =>
  team.call_error &&
  !isWorking(team) &&
  !team.call_error.startsWith("given up") &&
  h("p", { class: "warn" }, `No newer call: ${team.call_error}.`);

function callNodes({ advice, changed, and_plan: andPlan }, lap) {
  const { what, tyre, work, gone } = headline(advice.call, lap);
  const margin = marginWords(advice, lap);
  return [
    h(
      "p",
      { class: "big", dataset: gone ? { gone: "" } : {} },
      what,
      tyre && [" · ", h("span", { dataset: { tyre: tyre[0] } }, tyre[1]?.toUpperCase())],
    ),
    h("p", { class: "exactly" }, work.join(" · ")),
    changed && h("p", { class: "muted" }, `Changed: ${changed}.`),
    andPlan && h("p", { class: "muted" }, `Plan: ${andPlan}.`),
    gone
      ? h("p", { class: "warn" }, "That lap has gone; a new call is being worked out.")
      : h(
          "p",
          { class: "margin", title: margin.words },
          margin.shown && whisker(margin.shown, ...reach([margin.shown])),
          margin.clear
            ? h("b", {}, `+${margin.text}`)
            : h("b", { class: "close" }, margin.rule ? "PLAIN RULE" : "NOT CLEAR"),
          margin.over && ` ${versus(margin)} ${margin.over}`,
          margin.other &&
            (margin.clear || !margin.rule) &&
            h("span", { class: "muted" }, ` (${margin.other})`),
        ),
    h(
      "ul",
      { class: "chips" },
      remarks(advice, lap).map(([before, strong, after, full]) =>
        h("li", { title: full }, before, " ", h("b", {}, strong), after && ` · ${after}`),
      ),
    ),
  ];
}

/** A call that is not clear says by how much it leads; one by the rule what the simulation says. */
function versus({ clear, rule, text, simulated }) {
  if (clear) return "over";
  return rule ? simulated : `${text} over`;
}

function callButtons(team) {
  if (!team.call) return [];
  return [
    h(
      "button",
      {
        type: "button",
        class: "accept",
        id: "accept",
        onclick: () => decide(team.call.number, "accept"),
      },
      "Accept ",
      icon("enter"),
    ),
    h(
      "button",
      { type: "button", id: "reject", onclick: () => decide(team.call.number, "reject") },
      "Reject",
    ),
    h("button", { type: "button", onclick: openWhatIf }, "What if…"),
    h("span", { class: "spent muted" }),
  ];
}

function sheetButtons(sheet) {
  return [
    h(
      "button",
      { type: "button", id: "release", onclick: () => askRelease(sheet) },
      "Release…",
    ),
    h("button", { type: "button", onclick: openWhatIf }, "What if…"),
    h("span", { class: "spent muted" }),
  ];
}

/** An order goes only by a second, other word: Enter pressed once too often keeps it. */
function askRelease(sheet) {
  const { what } = headline(sheet, lapOf(sheet.car_number));
  const release = () => {
    closeDialog();
    decide(sheet.call, "release");
  };
  openDialog(
    "Release the order?",
    h("p", { class: "exactly" }, `${what}: accepted by ${sheet.accepted_by}, call ${sheet.call}.`),
    h(
      "p",
      { class: "buttons" },
      h("button", { type: "button", id: "keep", autofocus: true, onclick: closeDialog }, "Keep it"),
      h("button", { type: "button", id: "release-now", onclick: release }, "Release it"),
    ),
  );
}

async function decide(call, decision) {
  try {
    set(
      "team",
      await post("/api/decisions", {
        call,
        decision,
        author: prefs.author || "pit wall",
        note: "",
      }),
    );
    toast(
      `Call ${call}: ${decision === "accept" ? "accepted" : decision === "reject" ? "rejected" : "released"}.`,
    );
  } catch (fault) {
    toastFault(fault);
  }
}

function tick() {
  const { team } = state;
  const call = team?.call;
  if (!call) {
    say(old, "");
    mark(byId("call"), "old", false);
    return;
  }
  const past = now() - call.as_of_ms;
  const isOld = past > oldAfter(1.6, 150_000);
  mark(byId("call"), "old", isOld && !team.order_sheet);
  const accept = byId("accept");
  if (accept)
    accept.disabled = isOld || headline(call.advice.call, lapOf(call.advice.car_number)).gone;
  say(old, `${isOld ? "OLD: " : ""}of ${clock(call.as_of_ms)}, ${age(past)} ago`);
  const futures = Math.max(
    0,
    ...(call.advice.candidates ?? []).map((each) => each.replicates ?? 0),
  );
  const spent = buttons.querySelector(".spent");
  if (spent)
    say(
      spent,
      [
        `${futures.toLocaleString("en-GB")} futures`,
        isWorking(team) && "renewing…",
      ]
        .filter(Boolean)
        .join(" · "),
    );
  byId("call")
    .querySelectorAll("[data-until]")
    .forEach((node) => say(node, countdown(Number(node.dataset.until))));
}

function countdown(atMs) {
  const left = atMs - now();
  return left > 0 ? `in ${age(left)}` : `${age(-left)} ago`;
}
