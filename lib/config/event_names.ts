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

/** What every channel does, again and again: no event of the log. */
export const STATS_EVENT = "stats";

/** Every event that programs can ask for. */
export const KNOWN_EVENTS: readonly string[] = [
  ...Object.values(EVENT_NAMES),
  STATS_EVENT,
];

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
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !KNOWN_EVENTS.includes(name));
  if (unknown === undefined) return names;
  const quoted = JSON.stringify(unknown.slice(0, 80));
  const known = KNOWN_EVENTS.join(", ");
  throw new SyntaxError(`expects some of ${known}, not ${quoted}`);
}
