import {
  type AmfObject,
  type AmfValue,
  MARKER,
  MAX_DEPTH,
  MAX_TEXT_BYTES,
  MAX_VALUES,
} from "./amf.ts";
import { RtmpError } from "./rtmp_error.ts";

/**
 * Reads values of AMF 0, one behind the other.
 *
 * @throws {RtmpError} When they are malformed or exceed a cap.
 */
export function decodeAmf(bytes: Uint8Array): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  while (!reader.isAtEnd) values.push(reader.read(0));
  return values;
}

/** What UTF-8 does not allow becomes U+FFFD: old encoders send other character sets in names of themselves. */
const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

class AmfReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const { buffer, byteOffset, length } = bytes;
    this.#view = new DataView(buffer, byteOffset, length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Reads a value; `depth` is the number of objects around it. */
  read(depth: number): AmfValue {
    if (++this.#values > MAX_VALUES) throw tooMuch("values");
    if (depth > MAX_DEPTH) throw tooMuch("levels");
    const marker = this.#bytes[this.#skip(1)];
    switch (marker) {
      case MARKER.number:
        return this.#view.getFloat64(this.#skip(8));
      case MARKER.boolean:
        return this.#bytes[this.#skip(1)] !== 0;
      case MARKER.string:
        return this.#text(this.#view.getUint16(this.#skip(2)));
      case MARKER.longString:
      case MARKER.xml:
        return this.#text(this.#view.getUint32(this.#skip(4)));
      case MARKER.null:
        return null;
      case MARKER.undefined:
      case MARKER.unsupported:
        return undefined;
      case MARKER.date:
        return this.#view.getFloat64(this.#skip(10)); // With a time zone behind it, which is 0 (§2.13).
      default:
        return this.#container(marker, depth + 1);
    }
  }

  #container(marker: number | undefined, depth: number): AmfValue {
    switch (marker) {
      case MARKER.typedObject:
        this.#name();
        return this.#object(depth);
      case MARKER.ecmaArray:
        this.#skip(4); // How many there are is not reliable; the end marker is (§2.10).
        return this.#object(depth);
      case MARKER.object:
        return this.#object(depth);
      case MARKER.strictArray:
        return this.#array(this.#view.getUint32(this.#skip(4)), depth);
      default:
        throw new RtmpError("AMF has an unknown type");
    }
  }

  #object(depth: number): AmfObject {
    const object = new Map<string, AmfValue>();
    for (;;) {
      const name = this.#name();
      if (name === "" && this.#bytes[this.#at] === MARKER.objectEnd) {
        this.#at++;
        return object;
      }
      object.set(name, this.read(depth));
    }
  }

  #array(length: number, depth: number): AmfValue[] {
    const values: AmfValue[] = [];
    // The length is not believed: reading stops where the bytes or the cap of values end.
    while (values.length < length) values.push(this.read(depth));
    return values;
  }

  #name(): string {
    return this.#text(this.#view.getUint16(this.#skip(2)));
  }

  #text(length: number): string {
    if (length > MAX_TEXT_BYTES) throw tooMuch("bytes of text");
    const at = this.#skip(length);
    return TEXT.decode(this.#bytes.subarray(at, at + length));
  }

  /** Skips bytes; returns where they begin. */
  #skip(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new RtmpError("AMF is cut off");
    this.#at += count;
    return at;
  }
}

function tooMuch(what: string): RtmpError {
  return new RtmpError(`AMF has too many ${what}`);
}
