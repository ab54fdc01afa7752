/** Events that programs are told of, by the event in the log. */
export const EVENT_NAMES: Readonly<Record<string, string>> = {
  "broadcast-start": "live",
  "channel-hold": "held",
  "channel-end": "ended",
  "watch-start": "watch-start",
  "watch-end": "watch-end",
  "watch-skip": "skip",
  refused: "refused",
};

/** The name of an event of the log for programs; `undefined` if they are not told of it. */
export function eventNameOf(event: string): string | undefined {
  return Object.hasOwn(EVENT_NAMES, event) ? EVENT_NAMES[event] : undefined;
}

/**
 * Reads names of events with commas between them.
 *
 * @throws {SyntaxError} for a name that is none.
 */
export function parseEventNames(text: string): readonly string[] {
  const known = Object.values(EVENT_NAMES);
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  const quoted = JSON.stringify(unknown.slice(0, 80));
  throw new SyntaxError(`expects some of ${known.join(", ")}, not ${quoted}`);
}
