// A chart is made for paper; here it takes the room there is, with its text as it was.

import { spread } from "./picture.js";

const APART = 13;
const LEAST = { width: 240, height: 80 };
const SPARE = 8;

/** What stands beside the plot, as far as nobody has measured it: axes, labels, names of bands. */
export const MARGINS = { width: 150, height: 64 };

/**
 * The chart for a room with these margins; one of several views keeps its own size and is scrolled.
 */
export function sizedTo(spec, room, margins) {
  const { title, ...bare } = spec;
  if (!isOneView(bare)) return bare;
  const labels = bare.layer.map((layer) => labelsOf(bare, layer)?.length ?? 0);
  const inner = {
    width: Math.max(LEAST.width, room.width - margins.width),
    height: Math.max(LEAST.height, room.height - margins.height, APART * Math.max(...labels)),
  };
  const moved = JSON.parse(JSON.stringify(bare), (key, value) => {
    if (typeof value?.value !== "number") return value;
    if (key === "x" || key === "x2") return shifted(value, bare.width, inner.width);
    if (key === "y" || key === "y2") return shifted(value, bare.height, inner.height);
    return value;
  });
  for (const layer of moved.layer) keepApart(moved, layer, inner.height);
  const axisY = { ...moved.config?.axisY, titleLimit: inner.height };
  return { ...moved, ...inner, config: { ...moved.config, axisY } };
}

/**
 * The margins to draw with next, where those of a drawing turned out too small or far too large:
 * how wide letters are is known once they are set. Null where the drawing may stay.
 */
export function betterMargins(chart, drawn, margins) {
  if (!isOneView(chart)) return null;
  const needed = {
    width: Math.ceil(drawn.width - chart.width),
    height: Math.ceil(drawn.height - chart.height),
  };
  const spare = Math.min(margins.width - needed.width, margins.height - needed.height);
  const most = Math.max(margins.width - needed.width, margins.height - needed.height);
  return spare >= 0 && most <= SPARE ? null : needed;
}

const isOneView = (spec) => "layer" in spec && typeof spec.width === "number";

/** What stands at the far edge, or beyond, stays there. */
function shifted(channel, before, after) {
  return channel.value < before ? channel : { ...channel, value: channel.value - before + after };
}

/** The rows of a layer of labels at the lines' ends. */
function labelsOf(spec, layer) {
  const isLabels = layer.encoding?.y?.field === "label_y" && layer.mark?.type === "text";
  return isLabels ? spec.datasets?.[layer.data?.name] : undefined;
}

/** Labels at the lines' ends were spread for another height. */
function keepApart(spec, layer, height) {
  const rows = labelsOf(spec, layer);
  const domain = layer.encoding?.y?.scale?.domain;
  if (!rows || domain?.length !== 2) return;
  const [bottom, top] = domain;
  const labels = rows.map((row) => ({ row, at: ((row.y - top) / (bottom - top)) * height }));
  labels.sort((one, other) => one.at - other.at);
  spread(labels, APART, 0, height);
  for (const { row, at } of labels) row.label_y = top + (at / height) * (bottom - top);
}
