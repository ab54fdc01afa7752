import { DEFAULT_CHANNEL } from "./messages.ts";

/**
 * First words of paths that are the HTTP front's own; no user's media can be reached under them, at
 * whichever door.
 */
export const RESERVED_NAMES: readonly string[] = [
  "api",
  "assets",
  "broadcast",
  "favicon.ico",
  "healthz",
  "metrics",
  "robots.txt",
];

/** Whose channel a path names. */
export interface ChannelPath {
  /** The user. */
  readonly user: string;
  /** The channel. */
  readonly channel: string;
}

/**
 * Reads a media path.
 *
 * @param path `/USER` or `/USER/CHANNEL`, percent-encoded.
 * @returns `undefined` for anything else, reserved names included.
 */
export function readChannelPath(path: string): ChannelPath | undefined {
  const parts = path.split("/").slice(1);
  if (parts.length === 3 && parts[2] === "") parts.pop();
  if (parts.length > 2) return undefined;
  try {
    const [user = "", channel = ""] = parts.map(decodeURIComponent);
    if (user === "" || RESERVED_NAMES.includes(user)) return undefined;
    return { user, channel: channel || DEFAULT_CHANNEL };
  } catch {
    return undefined; // A percent sign that encodes nothing.
  }
}
