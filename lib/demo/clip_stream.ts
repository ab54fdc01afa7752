/**
 * The built-in clip as a live stream: the clip in real time, in a loop, as one WebM stream whose time
 * continues across the repeats. Players see one endless broadcast, not a file that starts again.
 *
 * @module
 */

import {
  type Clip,
  CLIP_DURATION_MS,
  type ClipCluster,
  clipFile,
  parseClip,
} from "./clip.ts";

/**
 * Milliseconds behind real time up to which the stream catches up. A reader that pauses for less gets
 * what it missed at once; after more (a suspended machine, a stopped process) the clock restarts,
 * because minutes of media at once would be useless.
 */
export const MAX_LATE_MS = 2000;

/** The clock that paces a stream. */
export interface ClipClock {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /**
   * Waits.
   *
   * @param ms Milliseconds, above 0.
   * @param signal Ends the wait at once. The promise is fulfilled then too.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Options of {@linkcode clipStream}. */
export interface ClipStreamOptions {
  /** Ends the stream cleanly (it closes, it does not fail), at once, even while it waits. */
  readonly signal: AbortSignal;
  /**
   * Paces the stream.
   *
   * @default the machine's monotonic clock
   */
  readonly clock?: ClipClock;
}

/** The machine's monotonic clock, whose timer does not outlive the wait. */
const machineClock: ClipClock = {
  now(): number {
    return performance.now();
  },

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    return promise;

    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  },
};

/** Bytes before a cluster's blocks: ID 4, size 8, and the Timestamp's ID 1, size 1, value 8. */
const CLUSTER_HEAD_BYTES = 22;

/**
 * Writes a cluster of exact size (RFC 9559, section 5.1.3) that begins at `time`. Sizes and
 * Timestamp take 8 bytes each, so that every hour of the broadcast looks like the first.
 */
function clusterAt(
  time: number,
  blocks: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(CLUSTER_HEAD_BYTES + blocks.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x1f43b675);
  // The top byte 0x01 marks a size of 8 bytes (RFC 8794, section 4); 10 of them are the Timestamp.
  view.setBigUint64(4, (1n << 56n) + BigInt(10 + blocks.length));
  view.setUint16(12, 0xe788);
  view.setBigUint64(14, BigInt(time));
  bytes.set(blocks, CLUSTER_HEAD_BYTES);
  return bytes;
}

/** Enqueues the header, then one cluster per pull, none before its time. */
class ClipSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #clip: Clip;
  readonly #clock: ClipClock;
  readonly #signal: AbortSignal;
  /** Aborted by whichever ends the stream: the caller's signal or the reader's cancel. */
  readonly #ended = new AbortController();
  #onAbort: (() => void) | undefined;
  /** The clock at time 0 of the stream; unset until the header is enqueued. */
  #origin: number | undefined;
  /** Clusters enqueued so far, over all repeats. */
  #enqueued = 0;

  constructor(clip: Clip, { signal, clock = machineClock }: ClipStreamOptions) {
    this.#clip = clip;
    this.#clock = clock;
    this.#signal = signal;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#onAbort = () => {
      this.cancel();
      controller.close();
    };
    if (this.#signal.aborted) this.#onAbort();
    else this.#signal.addEventListener("abort", this.#onAbort);
  }

  async pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    if (this.#origin === undefined) {
      this.#origin = this.#clock.now();
      return controller.enqueue(this.#clip.header.slice());
    }
    const { time, blocks } = this.#next();
    await this.#waitUntil(this.#origin + time);
    if (this.#ended.signal.aborted) return;
    this.#enqueued++;
    controller.enqueue(clusterAt(time, blocks));
  }

  cancel(): void {
    if (this.#onAbort) {
      this.#signal.removeEventListener("abort", this.#onAbort);
    }
    this.#ended.abort();
  }

  /** The next cluster, with its time in the stream in milliseconds. */
  #next(): ClipCluster {
    const { clusters } = this.#clip;
    const index = this.#enqueued % clusters.length;
    const { time, blocks } = clusters[index] as ClipCluster;
    const repeats = (this.#enqueued - index) / clusters.length;
    return { time: repeats * CLIP_DURATION_MS + time, blocks };
  }

  /** Waits for a moment of the clock. Deadlines are absolute, so late timers never add up. */
  async #waitUntil(due: number): Promise<void> {
    const wait = due - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait, this.#ended.signal);
    const late = this.#clock.now() - due;
    if (late > MAX_LATE_MS) this.#origin = (this.#origin ?? 0) + late;
  }
}

/**
 * Streams the built-in clip endlessly: a header, then clusters of 80 ms, each at its time. No cluster is
 * skipped, and none is buffered: each is made when it is read.
 *
 * @returns WebM, one element per chunk; the reader owns the bytes.
 * @throws {SyntaxError} when the built-in clip is corrupted.
 */
export function clipStream(
  options: ClipStreamOptions,
): ReadableStream<Uint8Array> {
  const source = new ClipSource(parseClip(clipFile()), options);
  // Nothing is pulled ahead of the reader, so that no timer runs for an unread stream.
  return new ReadableStream(source, { highWaterMark: 0 });
}
