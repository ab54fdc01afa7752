import { concat } from "@std/bytes";
import type { AmfObject } from "./amf.ts";
import { aggregateTags, flvHeader, flvTag, scriptData } from "./flv.ts";
import { MESSAGE, type RtmpMessage } from "./message.ts";

/** Makes one FLV stream of a broadcast's messages. Timestamps and codecs stay what the encoder made them. */
export class FlvMuxer {
  #hasBegun = false;

  /**
   * Makes the next bytes of the stream; the file header precedes the first ones.
   *
   * @param message Its buffer is used, and must not be used elsewhere.
   * @returns `undefined` for a message that is no media.
   * @throws {RtmpError} For a malformed aggregate.
   */
  mux(message: RtmpMessage): Uint8Array | undefined {
    switch (message.type) {
      case MESSAGE.audio:
      case MESSAGE.video:
        return this.#begun(flvTag(message));
      case MESSAGE.aggregate:
        return this.#begun(aggregateTags(message));
      case MESSAGE.data:
      case MESSAGE.amf3Data: {
        const script = scriptData(message);
        return script && this.#begun(script.tag, script.metadata);
      }
      default:
        return undefined;
    }
  }

  /** The metadata comes first, and says which tracks the header announces. */
  #begun(tags: Uint8Array, metadata?: AmfObject): Uint8Array {
    if (this.#hasBegun) return tags;
    this.#hasBegun = true;
    return concat([flvHeader(metadata), tags]);
  }
}
