// Which car is ours: the one that calls are for.

import { post } from "./api.js";
import { toastFault } from "./dialog.js";
import { h } from "./dom.js";
import { hero, ours } from "./focus.js";
import { set, state } from "./store.js";

/** Whether we may see calls and decide. */
export const maySeeCalls = () => Boolean(state.session) && state.session.role !== "viewer";

/** Where another car is looked at: make it the one that calls are for. */
export function makeOurs() {
  if (!maySeeCalls() || hero() === null || hero() === ours()) return null;
  return h(
    "button",
    { type: "button", class: "small make-ours", onclick: () => settle(hero()) },
    `Make #${hero()} our car`,
  );
}

async function settle(number) {
  try {
    set("session", await post("/api/settings", { car_number: number }));
  } catch (fault) {
    toastFault(fault);
  }
}
