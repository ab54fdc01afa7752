/** Pictures that are taken at a time: each is a connection to the server and a decoder here. */
const MAX_AT_ONCE = 2;

/**
 * @typedef {object} Place What is known of one that may want a picture.
 * @property {boolean} isVisible
 * @property {string | undefined} since What is shown; `undefined` where there is nothing to take a picture of.
 * @property {number} dueAt When the next picture is worth its cost.
 * @property {boolean} isTaken Whether it is being taken.
 */

/**
 * Decides whose picture is taken next: of those that are visible and due, the first that was added.
 *
 * @template {object} T
 */
export class PictureQueue {
  #take;
  #now;
  /** @type {Map<T, Place>} */
  #places = new Map();
  #running = 0;
  #isPaused = false;

  /**
   * @param {(of: T) => Promise<number>} take Takes a picture; must not reject. Returns the milliseconds after which
   *   another one is worth its cost.
   * @param {() => number} now Milliseconds.
   */
  constructor(take, now = () => performance.now()) {
    this.#take = take;
    this.#now = now;
  }

  /**
   * Adds one, or says what it shows now; something else needs another picture at once.
   *
   * @param {T} of
   * @param {string | undefined} since `undefined` where there is nothing to take a picture of.
   */
  update(of, since) {
    const place = this.#places.get(of);
    if (!place) {
      const dueAt = -Infinity;
      const fresh = { isVisible: false, since, dueAt, isTaken: false };
      return void this.#places.set(of, fresh);
    }
    if (since !== undefined && place.since !== since) place.dueAt = -Infinity;
    place.since = since;
  }

  /**
   * @param {T} of
   * @param {boolean} isVisible
   */
  see(of, isVisible) {
    const place = this.#places.get(of);
    if (place) place.isVisible = isVisible;
  }

  /** @param {T} of */
  delete(of) {
    this.#places.delete(of);
  }

  /** Stops until `resume`. */
  pause() {
    this.#isPaused = true;
  }

  /** Takes what is due. */
  resume() {
    this.#isPaused = false;
    this.next();
  }

  /** Takes as many pictures as may be taken now. */
  next() {
    if (this.#isPaused) return;
    for (const [of, place] of this.#places) {
      if (this.#running >= MAX_AT_ONCE) return;
      const { isVisible, since, dueAt, isTaken } = place;
      const isWanted = isVisible && since !== undefined && !isTaken;
      if (isWanted && dueAt <= this.#now()) this.#run(of, place);
    }
  }

  /**
   * @param {T} of
   * @param {Place} place
   */
  async #run(of, place) {
    const { since } = place;
    place.isTaken = true;
    this.#running++;
    const wait = await this.#take(of);
    this.#running--;
    place.isTaken = false;
    // What has changed meanwhile needs another picture.
    if (place.since === since) place.dueAt = this.#now() + wait;
    this.next();
  }
}
