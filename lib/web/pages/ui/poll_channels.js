/**
 * Polls the server's list of channels while the page is visible.
 *
 * @module
 */

/** Milliseconds between two polls; short enough that changes seem to appear by themselves. */
const POLL_MS = 2000;

/** Milliseconds until a server that does not answer counts as unreachable. */
const ANSWER_MS = 8000;

/**
 * @typedef {object} ChannelInfo What the server reports; for a protected channel only its name.
 * @property {string} user
 * @property {string} channel
 * @property {boolean} protected
 * @property {string} [state] `live`, or any other word while the channel waits for its broadcaster.
 * @property {string} [since] Start of the broadcast (ISO 8601).
 * @property {string | null} [container]
 * @property {string[]} [codecs] RFC 6381 strings.
 * @property {number | null} [width] Pixels.
 * @property {number | null} [height] Pixels.
 * @property {boolean} [video]
 * @property {number} [bitrate] Bits per second.
 * @property {number} [watchers]
 * @property {number | null} [keyframe_interval] Seconds.
 */

/** @typedef {{server: {version: string}, channels: ChannelInfo[]}} Snapshot */

/** @typedef {"private" | "unreachable"} NoList Why there is no list: the operator requires a token, or no server. */

/**
 * Polls now and every two seconds.
 *
 * @param {(snapshot: Snapshot) => void} onAnswer
 * @param {(why: NoList) => void} onNoList
 */
export function pollChannels(onAnswer, onNoList) {
  let timer = 0;
  let isBusy = false;

  async function poll() {
    clearTimeout(timer);
    if (isBusy || document.hidden) return;
    isBusy = true;
    const answer = await fetchChannels();
    isBusy = false;
    timer = setTimeout(poll, POLL_MS);
    if (typeof answer === "string") onNoList(answer);
    else onAnswer(answer);
  }

  document.addEventListener("visibilitychange", poll);
  poll();
}

/** @returns {Promise<Snapshot | NoList>} */
async function fetchChannels() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch("/api/channels", { signal });
    if (response.ok) return await response.json();
    return response.status === 401 ? "private" : "unreachable";
  } catch {
    return "unreachable";
  }
}

/**
 * Whether a broadcast began after another. The server computes the start, so it varies a little.
 *
 * @param {string} [since] ISO 8601.
 * @param {string} [before] ISO 8601.
 */
export function isLater(since, before) {
  if (since === undefined || before === undefined) return false;
  return Date.parse(since) - Date.parse(before) > 1000;
}
