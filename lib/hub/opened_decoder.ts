import { spliceLead } from "../media/splice.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Join } from "./join_index.ts";

const NOTHING = new Uint8Array();

/** A decoder that is running on a broadcast, as far as it limits where its watcher can continue. */
export class OpenedDecoder {
  /** The broadcast that it decodes. */
  readonly broadcast: Broadcast;
  /** The init segment that opened it; `undefined` for the broadcast's own first bytes. */
  readonly init: Uint8Array | undefined;

  /** A decoder that `init` has opened. */
  constructor(broadcast: Broadcast, init: Uint8Array | undefined) {
    this.broadcast = broadcast;
    this.init = init;
  }

  /**
   * Whether it is still unknown if it can follow the next broadcast: the codecs of its audio may become
   * known after its first join point, but not after its second.
   */
  isUndecided(next: Broadcast, join: Join): boolean {
    return this.broadcast !== next && next.end === undefined &&
      (this.broadcast.info?.codecs.length ?? 0) > 0 &&
      next.info?.codecs.length === 0 && join === next.joins.newest;
  }

  /**
   * What has changed since it was opened, which is sent before a join point.
   *
   * @returns `undefined` when it cannot follow.
   */
  leadTo(next: Broadcast, join: Join): Uint8Array | undefined {
    const after = { info: next.info, init: join.init, time: join.time };
    if (this.broadcast === next) {
      if (this.init === undefined || this.init === join.init) return NOTHING;
      const before = { ...after, init: this.init, time: undefined };
      return spliceLead(before, after) ?? join.init;
    }
    const { info, init, time } = this.broadcast;
    return spliceLead({ info, init, time }, after);
  }
}
