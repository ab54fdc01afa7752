/** A map with a cap: beyond it, the entry that was used longest ago is dropped. */
export class LruMap<K, V> {
  readonly #max: number;
  // In the order of use.
  readonly #entries = new Map<K, V>();

  /** Makes an empty map for at most `max` entries. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Entries kept now. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key, which counts as a use of it. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** The value of a key, without using it. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Sets a value, which counts as a use of its key. */
  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  /** Drops a key; returns whether it was there. */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  /** The entries, the one used longest ago first. */
  entries(): MapIterator<[K, V]> {
    return this.#entries.entries();
  }
}
