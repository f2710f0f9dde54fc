// The server's stream of events, read with fetch so that the token stays in a header.

import { request } from "./api.js";

const FIRST_MS = 250;
const MOST_MS = 10_000;
const SILENT_MS = 16_000; // the server speaks at least every 5 s

/** Yields `{event, data}` from the pieces of an event stream. */
export class EventParser {
  constructor() {
    this.rest = "";
    this.event = "message";
    this.data = [];
  }

  *take(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/u);
    this.rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (this.data.length) yield { event: this.event, data: this.data.join("\n") };
        this.event = "message";
        this.data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /u, "");
      if (field === "event") this.event = value;
      else if (field === "data") this.data.push(value);
    }
  }
}

/**
 * Reads `path` for as long as the page lives, again and again after a loss, waiting longer each
 * time. `heard(event, value)` gets every event; `linked(status, details)` hears how it goes:
 * `live`, `lost` (with `retryAt`), `refused` (no right to read: it stops then).
 */
export async function follow(path, { heard, linked }) {
  let wait = FIRST_MS;
  for (;;) {
    let why;
    try {
      await readOnce(path, heard, () => {
        wait = FIRST_MS;
        linked("live", {});
      });
      why = "the server closed the stream";
    } catch (fault) {
      if (fault.status === 401 || fault.status === 403) {
        linked("refused", { why: fault.message, status: fault.status });
        return;
      }
      why = fault.name === "AbortError" ? "nothing was heard" : fault.message;
    }
    const pause = wait * (0.75 + 0.5 * Math.random());
    linked("lost", { why, retryAt: performance.now() + pause });
    await wakened(pause);
    wait = Math.min(2 * wait, MOST_MS);
  }
}

let wake = () => {};

/** Try again now instead of waiting. */
export function retryNow() {
  wake();
}

function wakened(ms) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    wake = () => {
      clearTimeout(timer);
      done();
    };
  });
}

async function readOnce(path, heard, opened) {
  const stop = new AbortController();
  let watch = setTimeout(() => stop.abort(), SILENT_MS);
  try {
    const answer = await request(path, {
      signal: stop.signal,
      headers: { Accept: "text/event-stream" },
    });
    const parser = new EventParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(() => stop.abort(), SILENT_MS);
      for (const { event, data } of parser.take(value)) {
        opened();
        heard(event, JSON.parse(data));
      }
    }
  } finally {
    clearTimeout(watch);
    stop.abort();
  }
}

if (typeof window !== "undefined") window.addEventListener("online", retryNow);
