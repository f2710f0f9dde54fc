// Classes: a short label for each and the name of its colour.

const KNOWN = {
  hypercar: ["HYP", "first"],
  gtp: ["GTP", "first"],
  dpi: ["DPi", "first"],
  lmp1: ["LMP1", "first"],
  lmp2: ["LMP2", "second"],
  lmp3: ["LMP3", "third"],
  lmgt3: ["GT3", "gt"],
  gtd: ["GTD", "gt"],
  lmgteam: ["AM", "gt"],
  gtdpro: ["PRO", "pro"],
  gtlm: ["GTLM", "pro"],
  lmgtepro: ["PRO", "pro"],
};

const key = (name) => (name ?? "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

export const classLabel = (name) => KNOWN[key(name)]?.[0] ?? (name ?? "").slice(0, 5);
export const classColour = (name) => KNOWN[key(name)]?.[1] ?? "other";
