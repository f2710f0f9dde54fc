// The controls of a replay: play, pause, speed, step, jump to an instant or a lap.

import { post } from "./api.js";
import { heardAt } from "./clock.js";
import { toastFault } from "./dialog.js";
import { byId, h, put, show } from "./dom.js";
import { hero, heroLine } from "./focus.js";
import { icon, showIcon } from "./icons.js";
import { maySeeCalls } from "./our_car.js";
import { on, set, state } from "./store.js";

const SPEEDS = [1, 2, 5, 10, 20, 60, 0];

export function startReplay() {
  const play = h("button", { type: "button", id: "play", onclick: playOrPause });
  const speed = h(
    "select",
    {
      id: "speed",
      "aria-label": "Speed",
      onchange: () => control({ action: "speed", speed: Number(speed.value) }),
    },
    SPEEDS.map((times) => h("option", { value: times }, times ? `×${times}` : "max")),
  );
  const step = h(
    "button",
    {
      type: "button",
      id: "step",
      title: "On to the next crossing",
      "aria-label": "On to the next crossing",
      onclick: () => control({ action: "step" }),
    },
    icon("step"),
  );
  const to = h("input", {
    id: "jump",
    placeholder: "jump to",
    title: "3:55:00, lap 135, lap 135 of 50",
    "aria-label": "Jump to",
    autocomplete: "off",
    maxlength: "40",
  });
  const form = h("form", {}, to);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (to.value.trim()) control({ action: "jump", to: target(to.value.trim()) });
    to.value = "";
  });
  put(byId("replay"), h("span", { class: "muted label" }, "REPLAY"), play, speed, step, form);
  on("session", () => draw(play, speed));
}

/** A lap without a car means the hero's. */
const target = (text) =>
  /^lap \d+$/iu.test(text) && hero() !== null ? `${text} of ${hero()}` : text;

function draw(play, speed) {
  const { session } = state;
  show(byId("replay"), Boolean(session?.replay));
  if (!session?.replay) return;
  const standing = session.paused || session.ended;
  showIcon(play, standing ? "play" : "pause");
  play.setAttribute("aria-label", standing ? "Play" : "Pause");
  play.title = `${standing ? "Play" : "Pause"} (space)`;
  const now = String(session.speed ?? 0);
  if (![...speed.options].some((option) => option.value === now))
    speed.append(h("option", { value: now }, `×${now}`));
  if (document.activeElement !== speed) speed.value = now;
  for (const node of byId("replay").querySelectorAll("button, select, input"))
    node.disabled = !maySeeCalls();
}

export function playOrPause() {
  if (state.session?.replay) control({ action: state.session.paused ? "play" : "pause" });
}

/** To where the hero completes its next lap, or completed the one before. */
export function stepLaps(step) {
  const line = heroLine();
  if (!state.session?.replay || !line) return;
  const lap = Math.max(1, line.laps + step);
  control({ action: "jump", to: `lap ${lap} of ${line.car_number}` });
}

async function control(what) {
  if (!maySeeCalls()) return;
  try {
    const session = await post("/api/replay", what);
    set("session", session);
    heardAt(session.at_ms, { jumped: true });
  } catch (fault) {
    toastFault(fault);
  }
}
