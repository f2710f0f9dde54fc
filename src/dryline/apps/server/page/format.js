// Times, gaps and names in the paddock's spelling.

const two = (value) => String(value).padStart(2, "0");

/** `3:57:00` */
export function clock(ms) {
  if (ms === null || ms === undefined) return "–";
  const all = Math.floor(Math.max(0, ms) / 1000);
  return `${Math.floor(all / 3600)}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
}

/** `3:57` */
export const hoursMinutes = (ms) => clock(ms).slice(0, -3);

/** `2:02.531`, `58.214`, `10:12.421` */
export const lapTime = (ms) => minutesSeconds(ms, 3);

/** A sector to the tenth, however long: `38.3`, `1:43.0` */
export const sector = (ms) => minutesSeconds(ms, 1);

function minutesSeconds(ms, digits) {
  if (ms === null || ms === undefined) return "";
  const unit = 10 ** digits; // parts of a second: rounded once, so that 59.96 s are 1:00.0
  const all = Math.round((ms * unit) / 1000);
  const [minutes, rest] = [Math.floor(all / (60 * unit)), all % (60 * unit)];
  const seconds = `${Math.floor(rest / unit)}.${String(rest % unit).padStart(digits, "0")}`;
  return minutes ? `${minutes}:${seconds.padStart(digits + 3, "0")}` : seconds;
}

/**
 * `+12.345`, `1 lap`, `12 laps`; empty for the leader. `ms` is measured on the same lap, so a car
 * that is to follow within `lap` ms is not a lap down, only not there yet.
 */
export function gap(laps, ms, lap = 0) {
  const coming = laps === 1 && ms !== null && ms >= 0 && ms < lap;
  if (laps && !coming) return laps === 1 ? "1 lap" : `${laps} laps`;
  if (ms === null || ms === undefined) return "";
  if (ms < 60000) return `+${(ms / 1000).toFixed(3)}`;
  return `+${ms < 600_000 ? minutesSeconds(ms, 1) : minutes(ms)}`;
}

/** How old: `0.4 s`, `41 s`, `3:12 min`, `1:02 h` */
export function age(ms) {
  const past = Math.max(0, ms);
  if (past < 10000) return `${(past / 1000).toFixed(1)} s`;
  if (past < 100000) return `${Math.round(past / 1000)} s`;
  if (past < 3600000) return `${Math.floor(past / 60000)}:${two(Math.floor(past / 1000) % 60)} min`;
  return `${Math.floor(past / 3600000)}:${two(Math.floor(past / 60000) % 60)} h`;
}

/** `0:43`, `12:05`, `2 h` */
export function minutes(ms) {
  const all = Math.floor(Math.max(0, ms) / 1000);
  return all < 3600 ? `${Math.floor(all / 60)}:${two(all % 60)}` : `${Math.floor(all / 3600)} h`;
}

export function percent(p) {
  if (p === null || p === undefined) return "";
  if (p > 0 && p < 0.005) return "<1%";
  if (p < 1 && p > 0.995) return ">99%";
  return `${Math.round(100 * p)}%`;
}

/** With its sign, a real minus. */
export function signed(value, digits = 1) {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 ? "−" : "+"}${text}`;
}

const PARTICLE = /^(v|van|von|d|de|den|der|di|da|del|dos|du|le|la|ten|ter)\.?$/iu;

/** `Antonio GIOVINAZZI` and `Antonio Giovinazzi` are both `Giovinazzi`; particles stay. */
export function surname(name) {
  const words = (name ?? "").trim().split(/\s+/u);
  if (words.length < 2) return words[0] ?? "";
  const loud = words.findIndex(
    (word, at) => at > 0 && word.length > 1 && word === word.toUpperCase(),
  );
  let from = loud > 0 ? loud : words.length - 1;
  while (loud < 1 && from > 1 && PARTICLE.test(words[from - 1])) from -= 1;
  return words.slice(from).map(titled).join(" ");
}

/** A name from long to nothing: `van der Linde`, `Linde`, `LIN`, and where no room is left, none. */
export function shorterNames(name) {
  const full = surname(name);
  const last = full.split(/\s+/u).at(-1);
  return [...new Set([full, last, [...last].slice(0, 3).join("").toUpperCase(), ""])];
}

function titled(word) {
  const mc = /^M[cC](\p{Lu}{2,}|\p{Ll}{2,})$/u.exec(word);
  if (mc) return `Mc${mc[1][0].toUpperCase()}${mc[1].slice(1).toLowerCase()}`;
  if (word.length < 2 || word !== word.toUpperCase()) return word;
  return word.toLowerCase().replace(/(^|[-'’])\p{L}/gu, (start) => start.toUpperCase());
}

export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
