// The race's clock between two words from the server, and how old things are.

import { state, touch } from "./store.js";

const ALONE_MS = 6000; // longer than the server's heartbeat: then the clock stands
let atMs = 0;
let since = 0;
let rate = 0;

/** The server said where the race is. */
export function heardAt(raceMs, { jumped = false } = {}) {
  const session = state.session;
  const moving = session && !session.paused && !session.ended;
  const next = !moving ? 0 : session.replay ? (session.speed ?? 0) : 1;
  const drift = raceMs - now();
  const settled = rate === next && rate > 0 && Math.abs(drift) < 600 * rate;
  if (settled && !jumped) {
    atMs = now() + 0.1 * drift; // no stutter: little by little
  } else {
    atMs = raceMs;
  }
  since = performance.now();
  rate = next;
}

/** Where the race is now, in whole milliseconds. */
export function now() {
  return Math.round(atMs + rate * Math.min(performance.now() - since, ALONE_MS));
}

/** Real time since the server last said anything; null before it ever did. */
export function silence() {
  return state.link.heard === null ? null : performance.now() - state.link.heard;
}

export function startTicking() {
  setInterval(() => touch("tick"), 250);
}
