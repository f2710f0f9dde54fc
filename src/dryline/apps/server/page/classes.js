// Classes: a short label for each and the name of its colour.

import { KNOWN } from "./known_classes.js"; // made by the server from the series' files

const key = (name) => (name ?? "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

export const classLabel = (name) => KNOWN[key(name)]?.[0] ?? (name ?? "").slice(0, 5);
export const classColour = (name) => KNOWN[key(name)]?.[1] ?? "other";
