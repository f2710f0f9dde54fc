// From one screen to the next: the same rule as `engine.live.view.applied`.

/**
 * The screen after a change.
 * @throws {RangeError} where the change is about another screen than `before`.
 */
export function applied(before, change) {
  if (!before || change.since !== before.version) {
    throw new RangeError(`a change since ${change.since} does not follow ${before?.version}`);
  }
  const cars = { ...before.cars };
  for (const number of change.gone ?? []) delete cars[number];
  for (const [number, cells] of Object.entries(change.cars ?? {})) {
    cars[number] = { ...cars[number], ...cells };
  }
  const kept = change.messages_kept ?? before.messages.length;
  return {
    version: change.version,
    name: change.name ?? before.name,
    at_ms: change.at_ms,
    flag: change.flag ?? before.flag,
    order: change.order ?? before.order,
    cars,
    feeds: { ...before.feeds, ...change.feeds },
    messages: [...before.messages.slice(0, kept), ...(change.messages ?? [])],
  };
}
