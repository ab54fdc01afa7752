/**
 * The pictures of the channels on the list. Each costs the server a short watch, so they are taken of visible cards
 * only, few at a time, and seldom.
 *
 * @module
 */

/** @import { ChannelCard } from "./channel_card.js" */

import { firstPicture } from "./first_picture.js";
import { PictureQueue } from "./picture_queue.js";

/** Milliseconds after which a picture is renewed. */
const REFRESH_MS = 2 * 60_000;

/** Milliseconds after which a channel without one is tried again: its codec is rarely another then. */
const RETRY_MS = 10 * 60_000;

/** Milliseconds that one takes at least: with two at a time, a list that is scrolled through causes four a second. */
const MIN_MS = 500;

/** Keeps pictures on the cards of channels. */
export class Thumbnails {
  /** @type {Map<Element, ChannelCard>} */
  #cards = new Map();
  /** @type {PictureQueue<ChannelCard>} */
  #queue = new PictureQueue((card) => this.#take(card));
  #observer = new IntersectionObserver((entries) => this.#see(entries));
  #shown = new AbortController();

  constructor() {
    document.addEventListener("visibilitychange", () => this.#showOrHide());
  }

  /**
   * Notes which cards there are and what they show, and takes the pictures that are due.
   *
   * @param {readonly ChannelCard[]} cards
   */
  update(cards) {
    const listed = new Set(cards);
    for (const card of this.#cards.values()) {
      if (!listed.has(card)) this.#delete(card);
    }
    for (const card of cards) {
      this.#queue.update(card, card.pictured);
      if (this.#cards.has(card.element)) continue;
      this.#cards.set(card.element, card);
      this.#observer.observe(card.element);
    }
    this.#queue.next();
  }

  /** @param {ChannelCard} card */
  #delete(card) {
    this.#observer.unobserve(card.element);
    this.#cards.delete(card.element);
    this.#queue.delete(card);
  }

  #showOrHide() {
    if (!document.hidden) return this.#queue.resume();
    this.#queue.pause();
    this.#shown.abort();
    this.#shown = new AbortController();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #see(entries) {
    for (const { target, isIntersecting } of entries) {
      const card = this.#cards.get(target);
      if (card) this.#queue.see(card, isIntersecting);
    }
    this.#queue.next();
  }

  /** @param {ChannelCard} card */
  async #take(card) {
    const minimum = new Promise((resolve) => setTimeout(resolve, MIN_MS));
    const { signal } = this.#shown;
    try {
      card.showPicture(await firstPicture(card.path, signal));
      return REFRESH_MS;
    } catch {
      return signal.aborted ? 0 : RETRY_MS;
    } finally {
      await minimum;
    }
  }
}

/** Whether the viewer asked to save data; not every browser says so. */
export function savesData() {
  const { connection } =
    /** @type {Navigator & {connection?: {saveData?: boolean}}} */ (navigator);
  return connection?.saveData === true;
}
