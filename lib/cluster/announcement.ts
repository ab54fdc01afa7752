import { asCount, asFields, asText } from "./json.ts";
import { keyOf } from "./subjects.ts";

/** A broadcast, and the node that receives it. */
export interface Announcement {
  /** Whose channel. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** The broadcast's id. */
  readonly id: string;
  /** When a node began to receive it: milliseconds since 1970, and above every stamp that it knew of. */
  readonly stamp: number;
  /** The node's id. */
  readonly node: string;
}

/** Stamps beyond the year 5000 would leave no room above them. */
const MAX_STAMP = 100_000_000_000_000;

/** Letters of ids and nodes, which become words of subjects. */
const WORD = /^[\w-]{1,64}$/;

/** Reads an announcement; `undefined` for what is none. */
export function readAnnouncement(value: unknown): Announcement | undefined {
  const fields = asFields(value);
  const user = asText(fields?.user);
  const channel = asText(fields?.channel);
  const id = asText(fields?.id);
  const node = asText(fields?.node);
  const stamp = asCount(fields?.stamp);
  const isValid = user !== "" && channel !== "" && WORD.test(id) &&
    WORD.test(node) && stamp !== undefined && stamp <= MAX_STAMP;
  return isValid ? { user, channel, id, stamp, node } : undefined;
}

/** The key of an announced channel. */
export function keyOfAnnounced({ user, channel }: Announcement): string {
  return keyOf(user, channel);
}

/** Whether one broadcast began after another. Every node decides alike, whatever order it hears of them. */
export function isNewer(one: Announcement, other: Announcement): boolean {
  if (one.stamp !== other.stamp) return one.stamp > other.stamp;
  return one.id === other.id ? one.node > other.node : one.id > other.id;
}
