// What screen readers are told: a flag, the pit lane, a new call, a lost link.

import { byId, h } from "./dom.js";
import { heroClass } from "./focus.js";
import { flagWords } from "./header.js";
import { lapOf } from "./call.js";
import { maySeeCalls } from "./our_car.js";
import { lower, said } from "./says.js";
import { on, state } from "./store.js";

const KEPT = 6;
const last = {};

export function startAnnouncing() {
  on("screen wall team link session", () => {
    const news = [
      differs("flag", state.screen && `Flag: ${flagWords(state.screen.flag)}.`),
      differs(
        "lane",
        state.wall && `Pit lane ${state.wall.pit_lane?.[heroClass()]?.state ?? "unknown"}.`,
      ),
      differs("call", maySeeCalls() && state.team?.call && callWords(state.team)),
      differs("link", state.link.status === "lost" && "Connection lost."),
    ].filter(Boolean);
    if (news.length) announce(news.join(" "));
  });
}

/** Added, not replaced: what comes at the same moment must not silence what came before. */
function announce(words) {
  const region = byId("announce");
  region.append(h("p", {}, words));
  while (region.childElementCount > KEPT) region.firstElementChild.remove();
}

function differs(name, text) {
  const before = last[name];
  last[name] = text || null;
  return text && before !== text ? text : null;
}

function callWords({ call }) {
  const { car_number, call: made } = call.advice;
  return `Call for car ${car_number}: ${lower(said(made, "exact", lapOf(car_number)))}.`;
}
