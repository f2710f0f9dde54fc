// What a car is doing, in a word: as the server says it, which claims nothing that nobody saw.

import { clock, minutes } from "./format.js";

const NOTHING = { text: "", tone: null, says: null };

const FROM = {
  loop: "a timing loop told it",
  line: "as it crossed the line",
  synthesised: "worked out from the file that is replayed",
  estimated: "estimated",
};

const WORDS = {
  pit: (line, nowMs) => [`PIT ${minutes(nowMs - line.doing_since_ms)}`, "in"],
  in_lap: () => ["IN LAP", "in"],
  out_about: (line, nowMs) => [
    `OUT ~${clock(line.out_about_ms)}`,
    nowMs < line.out_about_ms ? "in" : "out",
  ],
  out_lap: () => ["OUT LAP", "out"],
  unseen: (line, nowMs) => [`UNSEEN ${minutes(nowMs - line.doing_since_ms)}`, "late"],
  garage: (line, nowMs) => [`GAR ${minutes(nowMs - line.doing_since_ms)}`, "gone"],
  retired: () => ["OUT", "gone"],
  finished: () => ["FLAG", "done"],
};

/** The word, its tone, and where it is known from; an empty word while the car simply races. */
export function doing(line, ctx) {
  const words = WORDS[line.doing];
  if (!words) return NOTHING;
  const [text, tone] = words(line, ctx.nowMs);
  return { text, tone, says: FROM[line.doing_source] ?? null };
}

/** Whether a car is in the lane, as far as anybody knows. */
export const isInLane = (line, nowMs) =>
  ["pit", "in_lap", "garage"].includes(line.doing) ||
  (line.doing === "out_about" && nowMs < line.out_about_ms);
