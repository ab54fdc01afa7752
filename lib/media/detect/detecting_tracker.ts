import type { ContainerFormat } from "../container.ts";
import { ChunkTracker } from "../raw.ts";
import type { Tracker, TrackerSink } from "../tracker.ts";
import { detect, MAX_DETECT_BYTES } from "./detect.ts";

/**
 * Gathers the first bytes until they tell the container, and is that container's tracker from then on.
 * When that tracker gives up, it continues as a tracker of raw bytes, so it never gives up itself.
 */
export class DetectingTracker implements Tracker {
  readonly #sink: TrackerSink;
  #inner: Tracker | undefined;
  #head: Uint8Array = new Uint8Array();
  #pushed = 0;
  #failed: string | undefined;

  /** Reports to `sink`; detects the container where it is not given. */
  constructor(sink: TrackerSink, container?: ContainerFormat) {
    this.#sink = sink;
    this.#inner = container?.tracker(this.#innerSink());
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#inner) this.#pushInner(chunk);
    else this.#gather(chunk);
  }

  /** Decides by the bytes that have arrived; without effect before the first one and once decided. */
  decide(): void {
    if (this.#inner || this.#head.length === 0) return;
    const found = detect(this.#head, true);
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

  /** Bytes missing from the last unit; 0 while units are unknown. */
  get missingBytes(): number {
    return this.#inner?.missingBytes ?? 0;
  }

  #gather(chunk: Uint8Array): void {
    // No more than the cap is ever copied; the rest of the chunk is passed on as it is.
    const left = MAX_DETECT_BYTES - this.#head.length;
    const head = new Uint8Array(
      this.#head.length + Math.min(left, chunk.length),
    );
    head.set(this.#head);
    head.set(chunk.subarray(0, left), this.#head.length);
    this.#head = head;
    const found = detect(head, false);
    if (found === "more") return;
    this.#begin(found);
    if (chunk.length > left) this.#pushInner(chunk.subarray(left));
  }

  #begin({ tracker }: ContainerFormat): void {
    const head = this.#head;
    this.#head = new Uint8Array();
    this.#inner = tracker(this.#innerSink());
    this.#pushInner(head);
  }

  #pushInner(chunk: Uint8Array): void {
    this.#pushed += chunk.length;
    this.#inner?.push(chunk);
    if (this.#failed !== undefined) this.#fallBack(this.#failed);
  }

  /** The container's tracker has given up: joins at chunks from the next push on. */
  #fallBack(why: string): void {
    this.#failed = undefined;
    const base = this.#pushed;
    this.#sink.corruption(`${why}; joins at chunks from here on`);
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
      fallbackJoin: (point) => sink.fallbackJoin?.(point),
      boundary: (offset, units) => sink.boundary?.(offset, units),
      info: (info) => sink.info(info),
      corruption: (what) => sink.corruption(what),
      // Handled after the push, when the tracker has returned.
      giveUp: (why) => this.#failed ??= why,
    };
  }
}

/** Makes trackers of a container, which they detect themselves where it is not given. */
export function detectingTracker(
  container?: ContainerFormat,
): (sink: TrackerSink) => DetectingTracker {
  return (sink) => new DetectingTracker(sink, container);
}
