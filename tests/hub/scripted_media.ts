import { concat } from "@std/bytes";
import type { TrackerFactory, TrackerSink } from "../../lib/media/tracker.ts";
import { Channel } from "../../lib/hub/channel.ts";
import { zeroTotals } from "../../lib/hub/channel_options.ts";
import type { Cursor } from "../../lib/hub/cursor.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";

/** A tracker that sees what a test tells it to see. */
export class ScriptedMedia {
  /** Seconds on the media's clock. */
  time: number | undefined;
  /** What the unit that was pushed last still misses. */
  missingBytes = 0;
  #sink: TrackerSink | undefined;

  /** Creates the tracker of the next broadcast. */
  readonly factory: TrackerFactory = (sink) => {
    this.#sink = sink;
    const tell = (): number => this.missingBytes;
    const time = (): number | undefined => this.time;
    return {
      push: (): void => {},
      heldBytes: 0,
      get missingBytes(): number {
        return tell();
      },
      get time(): number | undefined {
        return time();
      },
    };
  };

  /** Where the newest broadcast's tracker reports to. */
  get sink(): TrackerSink {
    if (!this.#sink) throw new Error("Cannot report: no broadcast is open");
    return this.#sink;
  }
}

/** A live channel, its scripted media, and its clock in milliseconds. */
export interface ScriptedChannel {
  readonly channel: Channel;
  readonly media: ScriptedMedia;
  /** Set by the test. */
  readonly clock: { now: number };
}

/** Opens a channel whose log keeps that many segments. */
export function openChannel(backlogSegments = 2): ScriptedChannel {
  const clock = { now: 0 };
  const media = new ScriptedMedia();
  const channel = new Channel({
    user: "fier",
    name: "default",
    password: "",
    backlogBytes: backlogSegments * SEGMENT_BYTES,
    now: () => clock.now,
    totals: zeroTotals(),
  });
  channel.open({ tracker: media.factory });
  return { channel, media, clock };
}

/**
 * Takes all that a cursor has to give.
 *
 * @param cursor The cursor.
 * @param most Bytes taken of each slice, for writes that take only a part.
 * @returns The bytes, and why there are no more.
 */
export function drain(
  cursor: Cursor,
  most = Infinity,
): { bytes: Uint8Array; stop: "wait" | "end" } {
  const taken: Uint8Array[] = [];
  for (;;) {
    const next = cursor.next();
    if (!(next instanceof Uint8Array)) {
      return { bytes: concat(taken), stop: next };
    }
    const part = next.subarray(0, most);
    taken.push(part);
    cursor.advance(part.length);
  }
}
