// The page's beginning: panels, then the stream, for as long as the page is open.

import { get } from "./api.js";
import { startAnnouncing } from "./announce.js";
import { startCall } from "./call.js";
import { heardAt, startTicking } from "./clock.js";
import { applied } from "./delta.js";
import { startFoot } from "./foot.js";
import { startHeader } from "./header.js";
import { startHeroLine } from "./hero_line.js";
import { startKeyboard } from "./keyboard.js";
import { startReplay } from "./replay.js";
import { startSide } from "./side.js";
import { set, state, touch } from "./store.js";
import { follow } from "./stream.js";
import { startTheme } from "./theme.js";
import { startTiming } from "./timing.js";
import { admitted } from "./token.js";

let mending = false;

const HEARD = {
  session(session) {
    if (session.role === "viewer" && state.team) set("team", null);
    set("session", session);
    heardAt(session.at_ms);
  },
  screen(screen) {
    set("screen", screen);
    heardAt(screen.at_ms);
  },
  delta(change) {
    try {
      set("screen", applied(state.screen, change));
      heardAt(change.at_ms);
    } catch (fault) {
      if (!(fault instanceof RangeError)) throw fault;
      mend();
    }
  },
  wall: (wall) => set("wall", wall),
  team: (team) => set("team", team),
};

function heard(event, value) {
  Object.assign(state.link, { heard: performance.now(), status: "live", retryAt: null });
  HEARD[event]?.(value);
  touch("link");
}

/** A change that does not follow ours: read the whole screen again. */
async function mend() {
  if (mending) return;
  mending = true;
  try {
    const screen = await get("/api/screen");
    if (!state.screen || screen.version >= state.screen.version) HEARD.screen(screen);
  } catch {
    // the stream says itself when the link is lost, and begins with a whole screen
  } finally {
    mending = false;
  }
}

function linked(status, details) {
  Object.assign(state.link, { retryAt: null, ...details, status });
  touch("link");
}

async function live() {
  for (;;) {
    await admitted().then(HEARD.session, () => {}); // no server: the stream keeps trying
    await follow("/api/stream", { heard, linked });
  }
}

startTheme();
startHeader();
startTiming();
startSide();
startFoot();
startHeroLine();
startCall();
startReplay();
startKeyboard();
startAnnouncing();
startTicking();
live();
