import { type ChunkHeader, EXTENDED } from "./chunk_header.ts";
import { GatheredPayload, type RtmpMessage } from "./message.ts";
import { RtmpError } from "./rtmp_error.ts";

/** Bytes of a message that are believed before one has come. */
const FIRST_BYTES = 4 * 1024;

/** One chunk stream: what its next header refers to, and the message in progress (§5.3.1.2). */
export class ChunkStream {
  /** Whether its headers carry timestamps of 32 bits. */
  isExtended = false;
  /** The 32 bits of the newest header that had them. */
  extended = 0;
  /** The message in progress. */
  payload: GatheredPayload | undefined;
  #isKnown = false;
  #timestamp = 0;
  /** What a header of format 3 adds to the timestamp. */
  #delta = 0;
  #length = 0;
  #type = 0;
  #streamId = 0;
  /** Bytes of the longest message that has come whole: as many are believed of the next ones. */
  #longest = FIRST_BYTES;

  /**
   * Takes the header of a message's first chunk.
   *
   * @param field Its timestamp, from the extended field where there is one.
   * @param maxBytes Bytes that the message may have.
   * @param spare Memory that its payload may take.
   * @returns Its payload, in which nothing has come yet.
   * @throws {RtmpError} When it refers to a header that never came, or announces too much.
   */
  begin(
    header: ChunkHeader,
    field: number,
    maxBytes: number,
    spare?: Uint8Array<ArrayBuffer>,
  ): GatheredPayload {
    const { format, messageLength, messageType, streamId } = header;
    // Some encoders begin with format 1; what it refers to is only the stream 0.
    if (!this.#isKnown && format > 1) {
      throw new RtmpError("a chunk refers to a header that never came");
    }
    this.#isKnown = true;
    if (format === 0) this.#streamId = streamId;
    if (format < 2) {
      this.#length = messageLength;
      this.#type = messageType;
    }
    if (format < 3) {
      this.isExtended = header.timestamp === EXTENDED;
      this.extended = field;
      // Behind format 0, format 3 adds the timestamp itself (§5.3.1.2.4).
      this.#delta = field;
    }
    this.#timestamp = format === 0
      ? field
      : (this.#timestamp + this.#delta) >>> 0;
    if (this.#length > maxBytes) {
      throw new RtmpError(`a message exceeds ${maxBytes} bytes`);
    }
    return this.payload = new GatheredPayload(
      this.#length,
      this.#longest,
      spare,
    );
  }

  /** Takes the message, once its payload is whole. */
  end(): RtmpMessage {
    const payload = this.payload!.take();
    this.payload = undefined;
    this.#longest = Math.max(this.#longest, payload.length);
    return {
      type: this.#type,
      streamId: this.#streamId,
      timestamp: this.#timestamp,
      payload,
    };
  }
}
