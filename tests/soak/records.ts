import { concat, equals } from "@std/bytes";
import { seededRandom } from "../helpers/rng.ts";

/** Bytes of a record: at 2 Mbit/s some sixty a second. */
export const RECORD_BYTES = 4096;

/** What a record begins with: `u32` each of a mark, the channel, the broadcast and the sequence number. */
const HEAD_BYTES = 16;

/** The first four bytes of every record. */
const MARK = 0x50a4c0de;

/** Records within which a watcher must find the next broadcast behind one that broke off. */
const SEAM_RECORDS = 3;

/** Which record it is. */
export interface RecordId {
  /** The channel's number. */
  readonly channel: number;
  /** How often the channel was broadcast, this time included. */
  readonly broadcast: number;
  /** Records of the same broadcast before it. */
  readonly sequence: number;
}

const BODY_BYTES = RECORD_BYTES - HEAD_BYTES;

/** Bodies are windows of this, so that making and checking them costs no arithmetic for each byte. */
const NOISE = noise();

function noise(): Uint8Array {
  const random = seededRandom(1);
  return new Uint8Array(2 * RECORD_BYTES).map(() => random(256));
}

function bodyOf({ channel, broadcast, sequence }: RecordId): Uint8Array {
  const at = (channel * 641 + broadcast * 97 + sequence * 31) % RECORD_BYTES;
  return NOISE.subarray(at, at + BODY_BYTES);
}

/** Makes a record; its body follows from its head, so that a tear or a mix shows. */
export function makeRecord(id: RecordId): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (
    const [i, value] of [MARK, id.channel, id.broadcast, id.sequence].entries()
  ) view.setUint32(4 * i, value);
  bytes.set(bodyOf(id), HEAD_BYTES);
  return bytes;
}

/** Reads the record that begins at `at`; `undefined` when none does. */
function readRecord(bytes: Uint8Array, at: number): RecordId | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_BYTES);
  if (view.getUint32(0) !== MARK) return undefined;
  const [channel, broadcast, sequence] = [4, 8, 12].map((i) =>
    view.getUint32(i)
  );
  const id = { channel: channel!, broadcast: broadcast!, sequence: sequence! };
  const body = bytes.subarray(at + HEAD_BYTES, at + RECORD_BYTES);
  return equals(body, bodyOf(id)) ? id : undefined;
}

/**
 * Checks what one watcher is sent: records of its channel without a gap. Only where one broadcast broke
 * off and another began may a record be torn, and then the other begins with its first.
 */
export class RecordChecker {
  readonly #channel: number;
  #last: RecordId | undefined;
  #rest: Uint8Array = new Uint8Array();
  #records = 0;
  #seams = 0;

  /**
   * Begins to check what one watcher is sent.
   *
   * @param channel The channel that is watched.
   */
  constructor(channel: number) {
    this.#channel = channel;
  }

  /** Records that were right. */
  get records(): number {
    return this.#records;
  }

  /** Broadcasts that followed another. */
  get seams(): number {
    return this.#seams;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {Error} When they are not what must follow.
   */
  push(chunk: Uint8Array): void {
    const bytes = concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= RECORD_BYTES) {
      const id = readRecord(bytes, at);
      const next = id ? at : this.#seam(bytes, at);
      if (next === undefined) break;
      if (next === at) {
        this.#take(id!);
        at += RECORD_BYTES;
      } else at = next;
    }
    this.#rest = bytes.slice(at);
  }

  /** Finds the record behind a torn one; nothing when more bytes are needed. */
  #seam(bytes: Uint8Array, from: number): number | undefined {
    for (let at = from + 1; at + RECORD_BYTES <= bytes.length; at++) {
      const id = readRecord(bytes, at);
      if (id && id.broadcast > (this.#last?.broadcast ?? Infinity)) return at;
    }
    if (bytes.length - from < SEAM_RECORDS * RECORD_BYTES) return undefined;
    throw this.#wrong("a record is torn in mid-stream");
  }

  #take(id: RecordId): void {
    const last = this.#last;
    if (id.channel !== this.#channel) {
      throw this.#wrong(`a record of channel ${id.channel}`);
    }
    if (last && id.broadcast < last.broadcast) {
      throw this.#wrong(`broadcast ${id.broadcast} again`);
    }
    const due = last?.broadcast === id.broadcast ? last.sequence + 1 : 0;
    if (last && id.sequence !== due) {
      throw this.#wrong(`record ${id.sequence} instead of ${due}`);
    }
    if (last && id.broadcast > last.broadcast) this.#seams++;
    this.#last = id;
    this.#records++;
  }

  #wrong(what: string): Error {
    const { broadcast = 0, sequence = 0 } = this.#last ?? {};
    const where = `channel ${this.#channel}, behind ${broadcast}:${sequence}`;
    return new Error(
      `Cannot accept what a watcher was sent: ${what} (${where})`,
    );
  }
}
