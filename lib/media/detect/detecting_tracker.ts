/**
 * The tracker of a stream whose container is yet to be found out.
 *
 * @module
 */
import { ChunkTracker } from "../chunk_tracker.ts";
import { sniff, SNIFF_CAP_BYTES, type Sniffed, trackerOf } from "./detect.ts";
import type { Container, Tracker, TrackerSink } from "../tracker.ts";

/**
 * Gathers the first bytes until they tell the container, and is that container's tracker from then
 * on. When that one gives up it goes on as a tracker of raw bytes, so it never gives up itself.
 */
export class SniffingTracker implements Tracker {
  readonly #sink: TrackerSink;
  #inner: Tracker | undefined;
  #head: Uint8Array = new Uint8Array();
  #pushed = 0;
  #failed: string | undefined;

  /**
   * Reports to `sink`.
   *
   * @param format The container, or `auto` to find it out.
   */
  constructor(sink: TrackerSink, format: Container | "auto") {
    this.#sink = sink;
    if (format !== "auto") this.#inner = trackerOf(format)(this.#innerSink());
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#inner) this.#pushInner(chunk);
    else this.#gather(chunk);
  }

  /**
   * Decides by the bytes that have come, as no more are waited for; without effect when decided.
   * To be called when the first bytes have been there for as long as a joiner may have to wait.
   */
  decide(): void {
    if (this.#inner || this.#head.length === 0) return;
    const found = sniff(this.#head, true);
    if (found !== "more") this.#begin(found);
  }

  /** Whether the container has been decided. */
  get decided(): boolean {
    return this.#inner !== undefined;
  }

  /** Seconds on the stream's own clock of the newest media, where there is one. */
  get time(): number | undefined {
    return this.#inner?.time;
  }

  /** Bytes held at present: the first ones, or what the container's tracker holds. */
  get heldBytes(): number {
    return this.#head.length + (this.#inner?.heldBytes ?? 0);
  }

  /** Bytes that the last unit lacks; 0 while units are unknown. */
  get missingBytes(): number {
    return this.#inner?.missingBytes ?? 0;
  }

  #gather(chunk: Uint8Array): void {
    // Not more than the cap is ever copied; the rest of the chunk is handed on as it is.
    const room = SNIFF_CAP_BYTES - this.#head.length;
    const head = new Uint8Array(
      this.#head.length + Math.min(room, chunk.length),
    );
    head.set(this.#head);
    head.set(chunk.subarray(0, room), this.#head.length);
    this.#head = head;
    const found = sniff(head, false);
    if (found === "more") return;
    this.#begin(found);
    if (chunk.length > room) this.#pushInner(chunk.subarray(room));
  }

  #begin({ factory }: Sniffed): void {
    const head = this.#head;
    this.#head = new Uint8Array();
    this.#inner = factory(this.#innerSink());
    this.#pushInner(head);
  }

  #pushInner(chunk: Uint8Array): void {
    this.#pushed += chunk.length;
    this.#inner?.push(chunk);
    if (this.#failed !== undefined) this.#fallBack(this.#failed);
  }

  /** The container's tracker has given up: joins at chunk starts from the next push on. */
  #fallBack(why: string): void {
    this.#failed = undefined;
    const base = this.#pushed;
    this.#sink.damage(`${why}; joins at chunks from here on`);
    this.#sink.init(new Uint8Array());
    this.#inner = new ChunkTracker({
      ...this.#innerSink(),
      join: ({ offset }) => this.#sink.join({ offset: base + offset }),
    }, 0);
  }

  #innerSink(): TrackerSink {
    const sink = this.#sink;
    return {
      init: (bytes) => sink.init(bytes),
      join: (point) => sink.join(point),
      border: (offset) => sink.border?.(offset),
      info: (info) => sink.info(info),
      damage: (what) => sink.damage(what),
      // Acted upon after the push, when the tracker has returned.
      giveUp: (why) => this.#failed ??= why,
    };
  }
}

/**
 * Makes trackers that find out the container by themselves.
 *
 * @param format The container where it is known, else `auto`.
 */
export function sniffingTracker(
  format: Container | "auto",
): (sink: TrackerSink) => SniffingTracker {
  return (sink) => new SniffingTracker(sink, format);
}
