import { DEFAULT_CHANNEL } from "../wire/request.ts";

/** First path segments that belong to the web interface; a user with one of these names cannot be watched over HTTP. */
export const RESERVED_NAMES: readonly string[] = [
  "admin",
  "api",
  "assets",
  "broadcast",
  "favicon.ico",
  "healthz",
  "metrics",
  "robots.txt",
];

/** The channel that a path names. */
export interface ChannelPath {
  /** The user. */
  readonly user: string;
  /** The channel. */
  readonly channel: string;
}

/**
 * Reads the path of a channel.
 *
 * @param path `/USER` or `/USER/CHANNEL`, percent-encoded.
 * @returns `undefined` for anything else, including reserved names.
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
