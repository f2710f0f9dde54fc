// What the page knows, and who wants to hear when it changes: each listener once a frame.

export const state = {
  session: null, // which session, where it stands, who we are
  screen: null, // the timing, as every viewer sees it
  wall: null, // what the pit wall has worked out of it
  team: null, // what is for the team alone; null for a viewer
  link: { status: "connecting", heard: null, retryAt: null, why: "" },
};

const listeners = [];
const changed = new Set();
let planned = false;

/** Call `run` once after any of `topics` has changed. */
export function on(topics, run) {
  listeners.push({ topics: topics.split(" "), run });
}

/** A topic of `state` has another value. */
export function set(topic, value) {
  state[topic] = value;
  touch(topic);
}

/** A topic has changed inside, or is no part of the state (`view`, `tick`). */
export function touch(topic) {
  changed.add(topic);
  if (planned) return;
  planned = true;
  requestAnimationFrame(flush);
}

function flush() {
  planned = false;
  const now = new Set(changed);
  changed.clear();
  for (const { topics, run } of listeners) {
    if (!topics.some((topic) => now.has(topic))) continue;
    try {
      run();
    } catch (fault) {
      console.error("a panel could not be drawn", fault); // the others go on
    }
  }
}
