import { concat } from "@std/bytes";
import { FRAME_TYPE, framedHeader } from "../wire/framed.ts";

/** Bytes that are kept at most; a server hands over no more than 1 MiB. */
const MAX_BYTES = 1024 * 1024;

/**
 * The newest init segment that the server has handed over. A broadcast that has to start again on a restarted server
 * begins in the middle of the stream, so this goes first.
 */
export class KeptInit {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** Forgets it: a newer one follows. */
  clear(): void {
    this.#parts = [];
    this.#bytes = 0;
  }

  /** Adds the next bytes of it; all of one that is too large is dropped. */
  add(bytes: Uint8Array): void {
    if (this.#bytes + bytes.length > MAX_BYTES) return this.clear();
    this.#parts.push(bytes.slice());
    this.#bytes += bytes.length;
  }

  /** The frame that hands it back; empty when there is none. */
  get frame(): Uint8Array<ArrayBuffer> {
    if (this.#bytes === 0) return new Uint8Array();
    return concat([framedHeader(FRAME_TYPE.lead, this.#bytes), ...this.#parts]);
  }
}
