/**
 * @template T
 * @typedef {object} Row
 * @property {HTMLElement} element Stays the same as long as its key is listed.
 * @property {(item: T) => void} update
 */

/**
 * Keeps the children of an element in the order of a list that changes. An element that is still listed stays the
 * same, so that focus and selection survive.
 *
 * @template T
 * @template {Row<T>} R
 */
export class KeyedList {
  #parent;
  #keyOf;
  #make;
  /** @type {Map<string | number, R>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} parent Has no other children.
   * @param {(item: T) => string | number} keyOf
   * @param {(item: T) => R} make
   */
  constructor(parent, keyOf, make) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** The rows that are shown. */
  get rows() {
    return [...this.#rows.values()];
  }

  /**
   * @param {readonly T[]} items Each with a key of its own.
   * @param {boolean} keepsPlaces Whether rows that are shown stay where they are, and new ones come behind them.
   */
  show(items, keepsPlaces = false) {
    /** @type {Map<string | number, R>} */
    const shown = new Map();
    let place = this.#parent.firstElementChild;
    for (const item of keepsPlaces ? this.#inPlace(items) : items) {
      const key = this.#keyOf(item);
      const row = this.#rows.get(key) ?? this.#make(item);
      row.update(item);
      shown.set(key, row);
      // An element that stays in its place keeps the focus.
      if (row.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(row.element, place);
    }
    for (const [key, { element }] of this.#rows) {
      if (!shown.has(key)) element.remove();
    }
    this.#rows = shown;
  }

  /** @param {readonly T[]} items */
  #inPlace(items) {
    const added = new Map(items.map((item) => [this.#keyOf(item), item]));
    const kept = [];
    for (const key of this.#rows.keys()) {
      const item = added.get(key);
      if (item === undefined) continue;
      kept.push(item);
      added.delete(key);
    }
    return [...kept, ...added.values()];
  }
}
