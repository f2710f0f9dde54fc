// Flag, pit lane, clock, weather, the link to the server: what is read first.

import { now, silence } from "./clock.js";
import { byId, h, mark, put, say, show } from "./dom.js";
import { heroClass } from "./focus.js";
import { age, clock, percent } from "./format.js";
import { on, state } from "./store.js";
import { retryNow } from "./stream.js";
import { FLAGS } from "./words.js";

const QUIET_MS = 7000; // the server speaks every 5 s
const FEED_SILENT_MS = 75_000;
const HELD = { open: "PIT OPEN", closed: "PIT CLOSED", unknown: "PIT ?" };

export function startHeader() {
  on("screen session wall view", draw);
  on("tick link screen session", tick);
}

export const flagWords = (flag) =>
  (FLAGS[flag] ?? flag ?? "").toUpperCase().replaceAll("_", " ");

function draw() {
  const { screen, session, wall } = state;
  if (!screen) return;
  say(byId("race-name"), screen.name || session?.name || "The race");
  document.title = `${flagWords(screen.flag)} · ${screen.name || "Dryline"}`;
  say(byId("flag"), flagWords(screen.flag));
  mark(byId("flag"), "flag", screen.flag);
  mark(byId("flagbar"), "flag", screen.flag);
  drawLane(wall?.pit_lane?.[heroClass()], wall?.pit_lane ?? {});
  show(byId("declared"), Boolean(wall?.wet_declared_ms));
  if (wall?.wet_declared_ms)
    say(byId("declared"), `WET DECLARED ${clock(wall.wet_declared_ms).slice(0, -3)}`);
  show(byId("simulated"), Boolean(session?.simulated || wall?.simulated));
  drawWeather(wall);
}

function drawLane(lane, all) {
  const node = byId("lane");
  const name = lane?.state ?? "unknown";
  const opens = lane?.opens_at_ms ? ` · OPENS ${clock(lane.opens_at_ms)}` : "";
  say(node, (HELD[name] ?? `PIT ${name.toUpperCase()}`) + opens);
  mark(node, "lane", name);
  node.title =
    Object.entries(all)
      .map(([key, one]) => `${key}: ${one.state}, ${one.why}`)
      .join("\n") || "not known yet";
}

function drawWeather(wall) {
  const { air_c: air, track_c: road } = wall?.weather ?? {};
  const degrees = (name, value) =>
    value === null || value === undefined ? "" : `${name} ${Math.round(value)}° `;
  const rain = wall?.track?.p_rain ?? [];
  const worst = rain.indexOf(Math.max(...rain));
  const wet = worst >= 0 && rain[worst] >= 0.05 ? `rain S${worst + 1} ${percent(rain[worst])}` : "";
  const key = [air, road, wet].join();
  if (byId("weather").dataset.key === key) return;
  byId("weather").dataset.key = key;
  put(
    byId("weather"),
    h("span", { class: "roomy" }, degrees("air", air)),
    degrees("track", road),
    wet,
  );
}

function tick() {
  const { session, screen } = state;
  if (!screen) return drawLink();
  say(byId("clock"), clock(now()));
  const leader = screen.cars[screen.order[0]];
  const parts = [];
  if (session?.length_ms) parts.push(`${clock(session.length_ms - now())} left`);
  if (session?.length_laps && leader)
    parts.push(`${Math.max(0, session.length_laps - leader.laps)} laps left`);
  if (leader) parts.push(`lap ${leader.laps}`);
  if (session?.ended) parts.push("ended");
  say(byId("left"), parts.join(" · "));
  drawLink();
  return undefined;
}

function drawLink() {
  const { link } = state;
  const quiet = silence();
  const lost = link.status === "lost" || link.status === "refused";
  const late = !lost && quiet !== null && quiet > QUIET_MS;
  const node = byId("link");
  mark(node, "state", lost ? "lost" : late ? "late" : quiet === null ? "waiting" : "live");
  say(
    node,
    lost
      ? `LOST ${quiet === null ? "" : age(quiet)}`
      : quiet === null
        ? "connecting"
        : `${age(quiet)}`,
  );
  document.documentElement.classList.toggle("lost", lost || late);
  drawAlerts(lost || late, quiet);
}

function drawAlerts(lost, quiet) {
  const lines = [...(lost ? [lostLine(quiet)] : []), ...feedLines(), ...workersLine()];
  const node = byId("alerts");
  show(node, lines.length > 0);
  const key = lines.map((line) => line.key).join("|");
  if (node.dataset.key === key) {
    lines.forEach((line, at) => say(node.children[at].firstChild, line.text));
    return;
  }
  node.dataset.key = key;
  put(
    node,
    lines.map((line) =>
      h("p", { class: line.calm && "calm" }, h("span", {}, line.text), line.button),
    ),
  );
}

function lostLine(quiet) {
  const wait =
    state.link.retryAt === null
      ? null
      : Math.max(0, Math.ceil((state.link.retryAt - performance.now()) / 1000));
  const seen =
    quiet === null ? "Nothing has been received yet." : `What you see is ${age(quiet)} old.`;
  const next = wait === null ? "" : wait === 0 ? " Trying now." : ` Trying again in ${wait} s.`;
  return {
    key: "link",
    text: `CONNECTION LOST${state.link.why ? ` (${state.link.why})` : ""}. ${seen}${next}`,
    button: h("button", { type: "button", onclick: retryNow }, "Try now"),
  };
}

function workersLine() {
  const fault = state.session?.workers_fault;
  return fault ? [{ key: "workers", text: `NO ANSWER: ${fault}. Forecast or call may be old.` }] : [];
}

function floodLine(feed, at) {
  const floods = feed.flooded_ms !== null && at - feed.flooded_ms <= FEED_SILENT_MS;
  const left = Math.round(feed.unkept_bytes / 1e6);
  const text = `FEED FLOODS: ${feed.source} says much that is of no use (${left} MB are not kept). What is of use is taken.`;
  return floods ? [{ key: `floods ${feed.source}`, text }] : [];
}

function feedLines() {
  const at = now();
  return Object.values(state.screen?.feeds ?? {}).flatMap((feed) => {
    if (feed.state === "lost") {
      const last =
        feed.heard_ms === null ? "never heard" : `last heard ${age(at - feed.heard_ms)} ago`;
      return [
        {
          key: `lost ${feed.source}`,
          text: `FEED LOST: ${feed.source}, ${last}${feed.reason ? ` (${feed.reason})` : ""}. Timing stands still.`,
        },
      ];
    }
    const silent = feed.heard_ms !== null && at - feed.heard_ms > FEED_SILENT_MS;
    if (silent && state.session?.replay && feed.state !== "ended") {
      return [
        {
          key: "catching up",
          calm: true,
          text: `CATCHING UP: read to ${clock(feed.heard_ms)} of ${clock(at)}.`,
        },
      ];
    }
    if (silent && feed.state !== "ended" && feed.state !== "typed") {
      return [
        {
          key: `silent ${feed.source}`,
          text: `FEED SILENT: ${feed.source} has said nothing for ${age(at - feed.heard_ms)}. Timing is that old.`,
        },
      ];
    }
    return floodLine(feed, at);
  });
}
