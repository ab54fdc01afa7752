/** How a protocol wraps a piece of media. */
export interface Framing {
  /** Bytes before a piece, which begins at an offset in the channel's log. */
  header(length: number, offset: number): Uint8Array;
  /** Bytes behind a piece. */
  readonly trailer: Uint8Array;
}

/**
 * Bytes up to which a slice is copied to stand behind its header: one write instead of two or three. Watchers
 * that keep up read slices of this size, and share the copy; those that lag read larger ones.
 */
export const MAX_COPY_BYTES: number = 64 * 1024;

/** Wraps slices of a log. Watchers that read the same slice one after another share one copy. */
export class SliceFraming {
  readonly #framing: Framing;
  #slice: Uint8Array | undefined;
  #framed: readonly Uint8Array[] = [];

  /**
   * Wraps for one channel.
   *
   * @param framing The protocol's own.
   */
  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /**
   * Wraps a slice.
   *
   * @param slice At least one byte.
   * @param offset Where it begins in the channel's log.
   * @returns What is to be written, in order.
   */
  wrap(slice: Uint8Array, offset: number): readonly Uint8Array[] {
    if (slice.length <= MAX_COPY_BYTES) return this.#copyOf(slice, offset);
    const { trailer } = this.#framing;
    const parts = [this.#framing.header(slice.length, offset), slice];
    return trailer.length > 0 ? [...parts, trailer] : parts;
  }

  #copyOf(slice: Uint8Array, offset: number): readonly Uint8Array[] {
    if (slice === this.#slice) return this.#framed;
    const { trailer } = this.#framing;
    const header = this.#framing.header(slice.length, offset);
    const framed = new Uint8Array(
      header.length + slice.length + trailer.length,
    );
    framed.set(header);
    framed.set(slice, header.length);
    framed.set(trailer, header.length + slice.length);
    this.#slice = slice;
    return this.#framed = [framed];
  }
}

/** One {@linkcode SliceFraming} for all watchers of a channel. */
export class SharedFraming<C extends object = object> {
  readonly #framingOf: (channel: C) => Framing;
  readonly #byChannel: WeakMap<object, SliceFraming> = new WeakMap();

  /**
   * Wraps for every channel.
   *
   * @param framingOf The protocol's own, for one channel.
   */
  constructor(framingOf: (channel: C) => Framing) {
    this.#framingOf = framingOf;
  }

  /** The framing of a channel. */
  of(channel: C): SliceFraming {
    const known = this.#byChannel.get(channel);
    if (known) return known;
    const made = new SliceFraming(this.#framingOf(channel));
    this.#byChannel.set(channel, made);
    return made;
  }
}
