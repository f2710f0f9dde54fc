// A chart is made for paper; here it takes the room there is, with its text as it was.

import { spread } from "./picture.js";

const SIDES = 150; // the axis on the left, the labels on the right
const ENDS = 64; // the time axis below, the names of the bands above
const APART = 13;

/** The chart for a width and a height; one of several views keeps its own size and is scrolled. */
export function sizedTo(spec, width, height) {
  const { title, ...bare } = spec;
  if (!("layer" in bare) || typeof bare.width !== "number") return bare;
  const labels = bare.layer.map((layer) => labelsOf(bare, layer)?.length ?? 0);
  const inner = {
    width: Math.max(240, width - SIDES),
    height: Math.max(80, height - ENDS, APART * Math.max(...labels)),
  };
  const moved = JSON.parse(JSON.stringify(bare), (key, value) => {
    if (typeof value?.value !== "number") return value;
    if (key === "x" || key === "x2") return shifted(value, bare.width, inner.width);
    if (key === "y" || key === "y2") return shifted(value, bare.height, inner.height);
    return value;
  });
  for (const layer of moved.layer) keepApart(moved, layer, inner.height);
  return { ...moved, ...inner };
}

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
