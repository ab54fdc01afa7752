import {
  AV1_OBU,
  AV1_START_BYTES,
  MAX_OBU_HEAD_BYTES,
  readObuHead,
  startsAv1Sequence,
} from "../codec/av1.ts";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_UNIT_BYTES } from "../limits.ts";
import { UnitTracker } from "../reader/unit_tracker.ts";
import { sendInit } from "../splice_rules.ts";

/**
 * Tracks raw AV1 (AV1 specification 5.2, low-overhead format): joins at temporal units that begin with a
 * sequence header. There is no init segment and no clock.
 */
export class Av1Tracker extends UnitTracker {
  /** A temporal delimiter, and the header of the OBU behind it. */
  protected override readonly boundaryBytes: number = AV1_START_BYTES;
  #reported = false;

  /** Reads one OBU. */
  protected override readUnit(): boolean {
    const head = this.#peekHead();
    if (head === "more") return false;
    if (!head || head.bytes > MAX_UNIT_BYTES) {
      this.corrupt("no OBU of AV1");
      return true;
    }
    if (head.type === AV1_OBU.TEMPORAL_DELIMITER) {
      const start = this.reader.peek(AV1_START_BYTES);
      if (!start) return false;
      if (startsAv1Sequence(start, 0)) this.#join();
    }
    this.reader.skip(head.bytes);
    return true;
  }

  /** Whether a temporal unit with a sequence header begins here. */
  protected override isBoundary(bytes: Uint8Array, at: number): boolean {
    return bytes[at] === 0x12 && bytes[at + 1] === 0 && bytes[at + 2] === 0x0a;
  }

  /** Bytes missing from an OBU that begins with `held`. */
  protected override missingOf(held: Uint8Array): number {
    const padded = new Uint8Array(held.length + MAX_OBU_HEAD_BYTES);
    padded.set(held);
    const head = readObuHead(padded, 0);
    return typeof head === "object" ? Math.max(0, head.bytes - held.length) : 0;
  }

  #peekHead(): ReturnType<typeof readObuHead> {
    for (let length = 1; length <= MAX_OBU_HEAD_BYTES; length++) {
      const bytes = this.reader.peek(length);
      if (!bytes) return "more";
      const head = readObuHead(bytes, 0);
      if (head !== "more") return head;
    }
    return undefined;
  }

  #join(): void {
    if (!this.#reported) {
      this.sink.info({
        container: "av1",
        mime: "video/AV1",
        codecs: ["av01"],
        video: true,
      });
    }
    this.#reported = true;
    this.join({ offset: this.reader.offset });
  }
}

/** Raw AV1. */
export const AV1: ContainerFormat = {
  name: "av1",
  aliases: ["obu"],
  signature: magics("\x12\x00\x0a"),
  tracker: (sink) => new Av1Tracker(sink),
  splice: sendInit,
};
