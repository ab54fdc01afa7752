/** @import { Lag, ManagedChannel } from "./api.js" */

import { keyOf } from "../ui/channel_search.js";

/** Seconds that are remembered. */
export const SPAN_S = 300;

/**
 * @typedef {object} Sample The figures of a channel at one time.
 * @property {number} at Seconds on a clock that never goes back.
 * @property {number} bitrate Bits per second.
 * @property {number} watchers
 * @property {Lag | null} lag
 */

/** The figures of all channels over the last minutes. */
export class History {
  /** @type {Map<string, Sample[]>} By channel, oldest first. */
  #samples = new Map();

  /**
   * Adds the figures of one second; a channel that is not among them is forgotten once its figures are old.
   *
   * @param {readonly ManagedChannel[]} channels
   * @param {number} at Seconds.
   */
  add(channels, at) {
    for (const channel of channels) {
      const { bitrate, watchers, lag } = channel;
      const key = keyOf(channel);
      const samples = this.#samples.get(key);
      const sample = { at, bitrate, watchers, lag };
      if (samples) samples.push(sample);
      else this.#samples.set(key, [sample]);
    }
    for (const [key, samples] of this.#samples) {
      const first = samples.findIndex((sample) => at - sample.at <= SPAN_S);
      if (first < 0) this.#samples.delete(key);
      else if (first > 0) samples.splice(0, first);
    }
  }

  /**
   * @param {{user: string, channel: string}} channel
   * @returns {readonly Sample[]} Oldest first.
   */
  of(channel) {
    return this.#samples.get(keyOf(channel)) ?? [];
  }
}
