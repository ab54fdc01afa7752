/** Bytes of an element that is buffered until it is complete: a 4K keyframe stays below. */
const MAX_ELEMENT_BYTES = 16 * 1024 * 1024;

/** Element IDs (RFC 9559, section 5.1). */
const ID = {
  SEGMENT: 0x18538067,
  INFO: 0x1549a966,
  TIMESTAMP_SCALE: 0x2ad7b1,
  TRACKS: 0x1654ae6b,
  TRACK_ENTRY: 0xae,
  TRACK_NUMBER: 0xd7,
  CODEC_ID: 0x86,
  CODEC_PRIVATE: 0x63a2,
  CONTENT_ENCODINGS: 0x6d80,
  VIDEO: 0xe0,
  PIXEL_WIDTH: 0xb0,
  PIXEL_HEIGHT: 0xba,
  AUDIO: 0xe1,
  SAMPLING_FREQUENCY: 0xb5,
  CHANNELS: 0x9f,
  CLUSTER: 0x1f43b675,
  TIMESTAMP: 0xe7,
  SIMPLE_BLOCK: 0xa3,
  BLOCK_GROUP: 0xa0,
  BLOCK: 0xa1,
  REFERENCE_BLOCK: 0xfb,
};

/** Elements whose children are read one by one, so that their own end does not matter. */
const ENTERED = new Set([ID.SEGMENT, ID.INFO, ID.CLUSTER]);

/** Elements that are read when complete; all others are skipped. */
const WHOLE = new Set([
  ID.TIMESTAMP_SCALE,
  ID.TRACKS,
  ID.TIMESTAMP,
  ID.SIMPLE_BLOCK,
  ID.BLOCK_GROUP,
]);

/**
 * @typedef {object} Track
 * @property {number} number
 * @property {string} codec Matroska's codec ID.
 * @property {Uint8Array<ArrayBuffer>} setup The decoder's configuration (CodecPrivate).
 * @property {boolean} isVideo
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {number} rate Samples per second.
 * @property {number} channels
 */

/**
 * @typedef {object} Block
 * @property {number} track The track's number.
 * @property {number} time Ticks.
 * @property {boolean} isKey Whether decoding can start here.
 * @property {Uint8Array<ArrayBuffer>} data
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @typedef {{onTracks: (tracks: Track[], ticksPerSecond: number) => void, onBlock: (block: Block) => void}} MatroskaEvents */

/**
 * Length in bytes of the number that begins with a byte (RFC 8794, section 4).
 *
 * @param {number} first
 */
function lengthOf(first) {
  return Math.clz32(first) - 23;
}

/** @param {Bytes} [bytes] */
function uint(bytes) {
  return bytes?.reduce((sum, byte) => sum * 256 + byte, 0) ?? 0;
}

/** @param {Bytes} [bytes] */
function float(bytes) {
  if (bytes?.length !== 4 && bytes?.length !== 8) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 8 ? view.getFloat64(0) : view.getFloat32(0);
}

/**
 * The header of the element at `at`; `undefined` when more bytes are needed. A size of -1 is unknown.
 *
 * @param {Bytes} bytes
 * @param {number} at
 */
function headAt(bytes, at) {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const idLength = lengthOf(first);
  if (idLength > 4) {
    throw new Error("Cannot read the stream: it is not Matroska");
  }
  const sizeAt = at + idLength;
  const marker = bytes[sizeAt];
  if (marker === undefined) return undefined;
  const sizeLength = lengthOf(marker);
  const start = sizeAt + sizeLength;
  if (start > bytes.length) return undefined;
  const mask = 0xff >> sizeLength;
  const digits = bytes.slice(sizeAt, start);
  digits[0] = marker & mask;
  const isUnknown = digits[0] === mask &&
    digits.subarray(1).every((byte) => byte === 0xff);
  return {
    id: uint(bytes.subarray(at, sizeAt)),
    size: isUnknown ? -1 : uint(digits),
    start,
  };
}

/**
 * The children of a complete element, as pairs of ID and content.
 *
 * @param {Bytes} [bytes]
 */
function childrenOf(bytes = new Uint8Array()) {
  /** @type {[number, Bytes][]} */
  const children = [];
  for (let at = 0; at < bytes.length;) {
    const head = headAt(bytes, at);
    if (!head || head.size < 0) break;
    at = head.start + head.size;
    children.push([head.id, bytes.subarray(head.start, at)]);
  }
  return children;
}

/**
 * Reads a TrackEntry.
 *
 * @param {Bytes} bytes
 * @returns {Track}
 */
function readTrack(bytes) {
  const fields = new Map(childrenOf(bytes));
  if (fields.has(ID.CONTENT_ENCODINGS)) {
    throw new Error(
      "Cannot play the stream: a track is compressed or encrypted",
    );
  }
  const video = new Map(childrenOf(fields.get(ID.VIDEO)));
  const audio = new Map(childrenOf(fields.get(ID.AUDIO)));
  const codec = new TextDecoder().decode(fields.get(ID.CODEC_ID));
  return {
    number: uint(fields.get(ID.TRACK_NUMBER)),
    codec: codec.replace(/\0+$/, ""),
    setup: fields.get(ID.CODEC_PRIVATE)?.slice() ?? new Uint8Array(),
    isVideo: fields.has(ID.VIDEO),
    width: uint(video.get(ID.PIXEL_WIDTH)),
    height: uint(video.get(ID.PIXEL_HEIGHT)),
    rate: float(audio.get(ID.SAMPLING_FREQUENCY)) || 8000,
    channels: uint(audio.get(ID.CHANNELS)) || 1,
  };
}

/** Reads a Matroska stream (RFC 9559): its tracks, then its blocks. */
export class MatroskaReader {
  #events;
  #bytes = new Uint8Array();
  #skip = 0;
  #clusterTime = 0;
  /** Nanoseconds per tick. */
  #scale = 1_000_000;

  /** @param {MatroskaEvents} events */
  constructor(events) {
    this.#events = events;
  }

  /**
   * @param {Uint8Array} bytes A chunk of any length.
   * @throws {Error} When the stream cannot be read.
   */
  push(bytes) {
    const held = new Uint8Array(this.#bytes.length + bytes.length);
    held.set(this.#bytes);
    held.set(bytes, this.#bytes.length);
    const used = this.#readAll(held);
    this.#bytes = held.slice(used);
  }

  /**
   * Reads all complete elements.
   *
   * @param {Bytes} bytes
   * @returns The number of bytes read.
   */
  #readAll(bytes) {
    for (let at = 0;;) {
      const passed = Math.min(this.#skip, bytes.length - at);
      this.#skip -= passed;
      at += passed;
      const head = headAt(bytes, at);
      if (!head) return at;
      if (ENTERED.has(head.id)) {
        at = head.start;
      } else if (!WHOLE.has(head.id)) {
        at = head.start;
        this.#skip = Math.max(0, head.size);
      } else {
        if (head.size > MAX_ELEMENT_BYTES) {
          throw new Error("Cannot read the stream: an element is too large");
        }
        const end = head.start + head.size;
        if (end > bytes.length) return at;
        this.#element(head.id, bytes.subarray(head.start, end));
        at = end;
      }
    }
  }

  /**
   * @param {number} id
   * @param {Bytes} body
   */
  #element(id, body) {
    if (id === ID.TIMESTAMP_SCALE) this.#scale = uint(body) || this.#scale;
    if (id === ID.TIMESTAMP) this.#clusterTime = uint(body);
    if (id === ID.SIMPLE_BLOCK) {
      this.#block(body, (flags) => (flags & 0x80) !== 0);
    }
    if (id === ID.BLOCK_GROUP) this.#group(new Map(childrenOf(body)));
    if (id === ID.TRACKS) this.#tracks(body);
  }

  /** @param {Bytes} body */
  #tracks(body) {
    const entries = childrenOf(body).filter(([id]) => id === ID.TRACK_ENTRY);
    this.#events.onTracks(
      entries.map(([, entry]) => readTrack(entry)),
      1e9 / this.#scale,
    );
  }

  /** @param {Map<number, Bytes>} children */
  #group(children) {
    const block = children.get(ID.BLOCK);
    if (block) this.#block(block, () => !children.has(ID.REFERENCE_BLOCK));
  }

  /**
   * Reads a block (RFC 9559, section 10).
   *
   * @param {Bytes} bytes
   * @param {(flags: number) => boolean} isKey
   */
  #block(bytes, isKey) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = lengthOf(view.getUint8(0));
    const track = uint(bytes.subarray(0, at)) - 2 ** (7 * at);
    const flags = view.getUint8(at + 2);
    if ((flags & 0x06) !== 0) {
      throw new Error("Cannot play the stream: its blocks use lacing");
    }
    const time = this.#clusterTime + view.getInt16(at);
    this.#events.onBlock({
      track,
      time,
      isKey: isKey(flags),
      data: bytes.slice(at + 3),
    });
  }
}
