/**
 * The server's API, as a user who signed in is answered.
 *
 * @module
 */

/** @import { ChannelName } from "../ui/channel_path.js" */

/**
 * @typedef {object} Lag How far a channel's watchers are behind live, in seconds.
 * @property {number} median
 * @property {number} p99
 * @property {number} max
 */

/**
 * @typedef {object} ManagedChannel What the server reports to those who manage a channel.
 * @property {string} user
 * @property {string} channel
 * @property {string} id The broadcast's.
 * @property {boolean} protected
 * @property {boolean} listed
 * @property {string} state `live` or `held`.
 * @property {string} since Start of the broadcast (ISO 8601).
 * @property {string | null} container
 * @property {string[]} codecs RFC 6381 strings.
 * @property {number | null} width Pixels.
 * @property {number | null} height Pixels.
 * @property {number} bitrate Bits per second.
 * @property {number} bytes Received.
 * @property {number} watchers
 * @property {number | null} keyframe_interval Seconds.
 * @property {number} skips
 * @property {number} corruptions
 * @property {Lag | null} lag
 * @property {{text: string}[]} advice What costs its watchers.
 */

/**
 * @typedef {object} WatcherInfo
 * @property {number} id
 * @property {string | null} protocol
 * @property {string | null} address
 * @property {string} since ISO 8601.
 * @property {number | null} lag Seconds.
 * @property {number | null} lag_bytes
 * @property {number} bitrate Bits per second.
 * @property {number} sent Bytes.
 * @property {number} skips
 * @property {number} lost Bytes.
 */

/** @typedef {ManagedChannel & {audience: WatcherInfo[]}} ChannelDetail */

/** Milliseconds until a server that does not answer counts as unreachable. */
const ANSWER_MS = 8000;

/** Characters of a refusal that are shown. */
const MAX_REASON = 200;

/** The server refused. */
export class ApiError extends Error {
  /** @override */
  name = "ApiError";
  /** HTTP status. */
  status;

  /**
   * @param {number} status
   * @param {string} message What the server says.
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Asks as one user. */
export class Api {
  #authorization;

  /** @param {{user: string, password: string}} credentials */
  constructor({ user, password }) {
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    this.#authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  }

  /**
   * Asks for JSON.
   *
   * @param {string} path Percent-encoded, with its query.
   * @param {"GET" | "POST"} [method]
   * @throws {ApiError} When the server refuses, and `TypeError` when it cannot be reached.
   */
  async ask(path, method = "GET") {
    const signal = AbortSignal.timeout(ANSWER_MS);
    return await (await this.open(path, { method, signal })).json();
  }

  /**
   * Asks for a response whose body the caller reads.
   *
   * @param {string} path
   * @param {RequestInit} init
   */
  async open(path, init) {
    const response = await fetch(path, {
      ...init,
      headers: { authorization: this.#authorization },
      // Otherwise the browser asks for a password itself when this one is refused.
      credentials: "omit",
    });
    if (response.ok) return response;
    const text = (await response.text()).trim();
    throw new ApiError(response.status, text.slice(0, MAX_REASON));
  }
}

/**
 * The address of a channel in the API.
 *
 * @param {ChannelName} name
 */
export function apiPathOf({ user, channel }) {
  return `/api/channels/${[user, channel].map(encodeURIComponent).join("/")}`;
}
