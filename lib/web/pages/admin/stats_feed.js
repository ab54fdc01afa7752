/** @import { Api, ManagedChannel } from "./api.js" */

import { ApiError } from "./api.js";
import { EventParser } from "./event_parser.js";

/** Milliseconds before the first retry; each further one waits twice as long, up to the maximum. */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;

/** Milliseconds without an event after which the connection counts as dead; one comes each second. */
const SILENCE_MS = 10_000;

/**
 * @typedef {object} FeedEvents
 * @property {() => void} onOpen The server accepts the user; again after each break.
 * @property {(channels: ManagedChannel[]) => void} onStats Once a second.
 * @property {(reason: string) => void} onLost The connection broke, and is tried again.
 * @property {(error: Error) => void} onRefused The user may not, or could not even once; the feed has ended.
 */

/** Follows the figures of a user's channels, and reconnects by itself. */
export class StatsFeed {
  #api;
  #events;
  #isAccepted = false;
  #isClosed = false;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer = 0;
  #abort = new AbortController();

  /**
   * @param {Api} api
   * @param {FeedEvents} events
   */
  constructor(api, events) {
    this.#api = api;
    this.#events = events;
  }

  /** Connects. */
  async open() {
    this.#abort = new AbortController();
    const error = await this.#follow().catch((/** @type {Error} */ why) => why);
    this.#abort.abort();
    if (this.#isClosed) return;
    const isDenied = error instanceof ApiError && error.status === 401;
    // A password that was never accepted is not repeated: it would count as further guesses.
    if (error && (isDenied || !this.#isAccepted)) {
      return this.#events.onRefused(error);
    }
    if (error) this.#events.onLost(error.message);
    this.#retryTimer = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
  }

  /** Disconnects for good. */
  close() {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    this.#abort.abort();
  }

  /** Hands on what arrives until the server ends the stream, which it does every hour. */
  async #follow() {
    const { signal } = this.#abort;
    const timer = new SilenceTimer(() =>
      this.#abort.abort(new Error("the server does not answer"))
    );
    try {
      const path = "/api/events?events=stats";
      const { body } = await this.#api.open(path, { signal });
      this.#isAccepted = true;
      if (this.#isClosed || !body) return;
      this.#events.onOpen();
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        timer.restart();
        for (const event of parser.push(value)) this.#hand(event.data);
      }
    } finally {
      timer.stop();
    }
  }

  /** @param {string} data */
  #hand(data) {
    const { channels } = JSON.parse(data);
    if (!channels || this.#isClosed) return; // It tells of events that are missing.
    this.#retryMs = FIRST_RETRY_MS;
    this.#events.onStats(channels);
  }
}

/** Calls back when it is not restarted in time. */
class SilenceTimer {
  #onSilence;
  #timer = 0;

  /** @param {() => void} onSilence */
  constructor(onSilence) {
    this.#onSilence = onSilence;
    this.restart();
  }

  restart() {
    this.stop();
    this.#timer = setTimeout(this.#onSilence, SILENCE_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
