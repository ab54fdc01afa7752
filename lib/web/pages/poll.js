/**
 * What is on the air, asked for again and again while somebody looks.
 *
 * @module
 */

/** Milliseconds between two questions: what a reader takes for "by itself". */
const POLL_MS = 2000;

/** Milliseconds for an answer; a server that takes longer is told about as out of reach. */
const ANSWER_MS = 8000;

/**
 * @typedef {object} ChannelInfo What the server tells of a channel; of a protected one only its name.
 * @property {string} user
 * @property {string} channel
 * @property {boolean} protected
 * @property {"live" | "held"} [state]
 * @property {string} [since] When it went on the air (ISO 8601).
 * @property {string | null} [container]
 * @property {string[]} [codecs] RFC 6381 strings.
 * @property {number | null} [width] Pixels.
 * @property {number | null} [height] Pixels.
 * @property {boolean} [video]
 * @property {number} [bitrate] Bits per second.
 * @property {number} [watchers]
 * @property {number | null} [keyframe_interval] Seconds.
 */

/**
 * @typedef {object} Snapshot What the server answers.
 * @property {{version: string, tcp_port: number, http_port: number}} server
 * @property {ChannelInfo[]} channels
 */

/**
 * Asks now and every two seconds, and not while the page is hidden.
 *
 * @param {(snapshot: Snapshot) => void} onAnswer Told of each answer.
 * @param {(why: string) => void} [onTrouble] Told when there is none.
 */
export function pollChannels(onAnswer, onTrouble = () => {}) {
  let timer;
  let busy = false;

  async function ask() {
    clearTimeout(timer);
    if (busy || document.hidden) return;
    busy = true;
    try {
      onAnswer(await fetchChannels());
    } catch (error) {
      onTrouble(error.message);
    }
    busy = false;
    timer = setTimeout(ask, POLL_MS);
  }

  document.addEventListener("visibilitychange", ask);
  ask();
}

/**
 * Asks once.
 *
 * @returns {Promise<Snapshot>} What is on the air.
 * @throws {Error} When the server does not answer as it should.
 */
async function fetchChannels() {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch("/api/channels", { signal });
  if (!response.ok) {
    throw new Error(`Cannot list the channels: HTTP ${response.status}`);
  }
  return response.json();
}
