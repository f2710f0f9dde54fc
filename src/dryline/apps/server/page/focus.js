// Who is looked at: the hero, our car and its sisters, the followed, the cars near.

import { prefs, choose } from "./prefs.js";
import { state } from "./store.js";

export const ours = () => state.session?.car_number ?? null;

/** The car that panels speak of: the one chosen here, else ours, else the leader. */
export function hero() {
  const cars = state.screen?.cars ?? {};
  if (prefs.hero !== null && prefs.hero in cars) return prefs.hero;
  if (ours() !== null && ours() in cars) return ours();
  return state.screen?.order[0] ?? null;
}

export const heroLine = () => state.screen?.cars[hero()] ?? null;
export const heroClass = () => heroLine()?.car_class ?? state.session?.classes?.[0] ?? null;

export function isSister(number) {
  return (
    (state.session?.sisters ?? []).includes(number) || (number === ours() && number !== hero())
  );
}

export const isFollowed = (number) => prefs.followed.includes(number);

export function follow(number) {
  const others = prefs.followed.filter((one) => one !== number);
  choose({ followed: isFollowed(number) ? others : [...others, number] });
}

/** Make a car the hero; none: back to our own. */
export function look(number) {
  choose({ hero: number === ours() ? null : number });
}

/** When something that comes every lap or so is old: after so many laps of the hero, at least. */
export const oldAfter = (laps, leastMs) => Math.max(leastMs, laps * (heroLine()?.last_lap_ms ?? 0));

/** Cars of a class in running order. */
export function classOrder(carClass) {
  const { order, cars } = state.screen;
  return order.filter((number) => cars[number]?.car_class === carClass);
}

/** The cars worth a row: hero, sisters, followed, rivals around the hero, class leaders. */
export function worthARow(most) {
  if (!state.screen) return [];
  const chosen = new Set();
  const add = (number) => {
    if (number !== null && number in state.screen.cars && chosen.size < most) chosen.add(number);
  };
  add(hero());
  add(ours());
  (state.session?.sisters ?? []).forEach(add);
  prefs.followed.forEach(add);
  const inClass = classOrder(heroClass());
  const place = inClass.indexOf(hero());
  for (const step of [-1, 1, -2, 2]) add(inClass[place + step] ?? null);
  add(inClass[0] ?? null);
  for (const other of state.session?.classes ?? []) add(classOrder(other)[0] ?? null);
  inClass.forEach(add);
  return [...chosen];
}

/** A name for a colour among the cars that are looked at; the hero's is the ink. */
export function carColour(number, among) {
  if (number === hero()) return "car-0";
  const others = among.filter((one) => one !== hero());
  const place = others.indexOf(number);
  return place < 0 ? "car-none" : `car-${1 + (place % 7)}`;
}
