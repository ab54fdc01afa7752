import type { Tracker, TrackerSink } from "../../lib/media/tracker.ts";

/** Media whose every push is a unit that can be joined, at the time that a test sets. */
export class TimedMedia {
  /** Seconds on the media's clock of the next push. */
  time = 0;
  /** Whether decoding of the next push starts without faults. */
  isClean = true;
  /** The init segment of the next push. */
  init: Uint8Array = new Uint8Array();
  readonly #container: string;
  readonly #mime: string;

  /** Media of a container. */
  constructor(container = "mp3", mime = "audio/mpeg") {
    this.#container = container;
    this.#mime = mime;
  }

  /** Watches a broadcast of it. */
  readonly tracker = (sink: TrackerSink): Tracker => {
    const info = {
      ...{ container: this.#container, mime: this.#mime },
      ...{ codecs: [], video: false },
    };
    const time = (): number => this.time;
    let pushed = 0;
    return {
      push: (chunk): void => {
        sink.info(info);
        sink.init(this.init);
        const point = { offset: pushed, time: this.time };
        if (this.isClean) sink.join(point);
        else sink.fallbackJoin?.(point);
        pushed += chunk.length;
      },
      get time(): number {
        return time();
      },
      heldBytes: 0,
      missingBytes: 0,
    };
  };
}
