/**
 * JPEG images in multipart/x-mixed-replace, as cameras send them (RFC 2046 §5.1): a boundary line and
 * header fields before each image.
 *
 * @module
 */
import type { ContainerFormat, Verdict } from "../container.ts";
import { MAX_RESYNC_BYTES } from "../limits.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import { sendInit } from "../splice_rules.ts";

/** Bytes of a boundary line and the header fields behind it; cameras send some 100. */
const MAX_HEAD_BYTES = 2048;

/** Bytes of an image, as stated by the part's header: ten times a 4K image of good quality. */
const MAX_IMAGE_BYTES: number = MAX_RESYNC_BYTES;

const DASH = 0x2d;
const LF = 0x0a;
const CR = 0x0d;

/** The head of a part. */
interface PartHead {
  /** The boundary line without trailing white space. */
  readonly boundary: string;
  /** Bytes from the boundary line to the image. */
  readonly bytes: number;
  /** Bytes of the image, where the header states them. */
  readonly length: number | undefined;
}

/** Tracks multipart JPEG: every part is a join point; no init segment, no clock. */
export class MultipartTracker extends ScanTracker {
  /** Whether a boundary line is due, rather than searched for. */
  #due = true;
  #boundary: string | undefined;
  #goodOffset = 0;
  #reported = false;

  /** None: the stream has no clock. */
  override get time(): undefined {
    return undefined;
  }

  /** None: a cut head does not tell the length of its part. */
  protected override missingOf(): number {
    return 0;
  }

  /** Reads the head of a part, or searches for one. */
  protected override visit(bytes: Uint8Array, at: number): number {
    const byte = bytes[at];
    if (this.#due && (byte === CR || byte === LF)) return 1;
    if (byte !== DASH) return this.#search(bytes, at);
    const head = readHead(bytes, at);
    if (head === "more") return this.needs(bytes.length - at + 1);
    const known = this.#due || head?.boundary === this.#boundary;
    if (!head || !known) return this.#search(bytes, at);
    return this.#part(head);
  }

  #part({ boundary, bytes, length }: PartHead): number {
    if (!this.#reported) {
      this.sink.info({
        container: "mpjpeg",
        mime: "multipart/x-mixed-replace",
        codecs: ["mjpeg"],
        video: true,
      });
    }
    this.#reported = true;
    this.#boundary = boundary;
    this.recover();
    this.sink.join({ offset: this.offset });
    // Without a length, the next boundary line ends the image.
    this.#due = length !== undefined;
    this.#goodOffset = this.offset + bytes + (length ?? 0);
    return bytes + (length ?? 0);
  }

  #search(bytes: Uint8Array, at: number): number {
    if (this.#due) this.corrupt("no boundary line where one is due");
    this.#due = false;
    const limit = this.#goodOffset + MAX_RESYNC_BYTES;
    if (this.offset >= limit) {
      this.giveUp(`no boundary line in ${MAX_RESYNC_BYTES} bytes`);
    }
    const next = bytes.indexOf(DASH, at + 1);
    return this.searchStep(bytes, at, next, limit);
  }
}

/**
 * Reads the head of a part.
 *
 * @returns `"more"` while it is cut, `undefined` when no part with a JPEG image begins here.
 */
function readHead(
  bytes: Uint8Array,
  at: number,
): PartHead | "more" | undefined {
  const second = bytes[at + 1];
  if (second === undefined) return "more";
  if (second !== DASH) return undefined;
  const end = headEnd(bytes, at);
  if (typeof end !== "number") return end;
  const text = new TextDecoder("latin1").decode(bytes.subarray(at, end));
  const [boundary = "", ...fields] = text.split(/\r?\n/);
  const type = fieldOf(fields, "content-type");
  const length = fieldOf(fields, "content-length");
  const size = length === undefined ? undefined : Number(length);
  const isPossible = size === undefined ||
    (/^\d+$/.test(length ?? "") && size <= MAX_IMAGE_BYTES);
  if (!type?.startsWith("image/jpeg") || !isPossible) return undefined;
  return { boundary: boundary.trimEnd(), bytes: end - at, length: size };
}

/** Index behind the empty line that ends a head; `undefined` when a byte is no text. */
function headEnd(bytes: Uint8Array, at: number): number | "more" | undefined {
  let lineStart = at;
  const most = Math.min(bytes.length, at + MAX_HEAD_BYTES);
  for (let i = at; i < most; i++) {
    const byte = bytes[i]!;
    if (byte === LF) {
      const isEmpty = i === lineStart ||
        (i === lineStart + 1 && bytes[lineStart] === CR);
      if (isEmpty) return i + 1;
      lineStart = i + 1;
    } else if (byte !== CR && (byte < 0x20 || byte > 0x7e)) return undefined;
    else if (byte === CR && i > lineStart && bytes[i - 1] === CR) {
      return undefined;
    }
  }
  return most === at + MAX_HEAD_BYTES ? undefined : "more";
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const field = fields.find((line) =>
    line.toLowerCase().startsWith(`${name}:`)
  );
  return field?.slice(name.length + 1).trim().toLowerCase();
}

/** A boundary line and the header of a JPEG image, optionally behind line ends. */
function startsMultipart(head: Uint8Array): Verdict {
  let at = 0;
  while (at < 4 && (head[at] === CR || head[at] === LF)) at++;
  if (at === head.length) return "more";
  const part = head[at] === DASH ? readHead(head, at) : undefined;
  if (part === "more") return "more";
  return part ? "yes" : "no";
}

/** Multipart JPEG. */
export const MPJPEG: ContainerFormat = {
  name: "mpjpeg",
  aliases: ["multipart"],
  signature: startsMultipart,
  tracker: (sink) => new MultipartTracker(sink),
  splice: sendInit,
};
