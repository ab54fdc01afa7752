import { Refusal } from "../errors.ts";
import { parseRequestHead, type RequestHead } from "../http/request_head.ts";
import { FrameDecoder } from "../wire/frame.ts";
import { isLastHead, opening, protocolOfHead } from "./detect.ts";

/** Caps on what comes before media. */
export interface RequestLimits {
  /** Bytes of a header block or request head, including its empty line. */
  readonly headerBytes: number;
  /** Bytes of a request frame's text. */
  readonly frameBytes: number;
}

/** A request frame of fstream's own protocol. */
export interface FrameMessage {
  /** Tells it from other messages. */
  readonly type: "frame";
  /** Version of the protocol. */
  readonly version: 1 | 2;
  /** The request. */
  readonly text: string;
}

/** A request head of HTTP, Icecast or WebSocket, or what a historic client of version 2 sends first. */
export interface HeadMessage {
  /** Tells it from other messages. */
  readonly type: "head";
  /** The head. */
  readonly head: RequestHead;
  /** The byte behind it, if it was received together with the head. */
  readonly next: number | undefined;
}

/** A connection that speaks RTMP: all of its bytes follow. */
export interface RtmpOpening {
  /** Tells it from other messages. */
  readonly type: "rtmp";
}

/** What comes before media. */
export type RequestMessage = FrameMessage | HeadMessage | RtmpOpening;

type Output = TransformStreamDefaultController<RequestMessage | Uint8Array>;

/**
 * Requests of a connection that may wait while one is being answered. Clients that send the next ones ahead
 * send a few; a chunk of 64 KiB could bring two thousand, of which each takes a kilobyte.
 */
export const MAX_WAITING_REQUESTS = 64;

const LF = 0x0a;
const CR = 0x0d;

const EMPTY = new Uint8Array();

/**
 * Reads the requests of a connection, whatever protocol it speaks: bytes in; out come request heads and
 * request frames, and behind the last of them the remaining bytes as they are.
 *
 * The stream fails with a {@linkcode Refusal} `bad-request` for anything else, for what exceeds a cap, and
 * when the bytes end within a request.
 */
export class RequestDecoderStream
  extends TransformStream<Uint8Array, RequestMessage | Uint8Array> {
  readonly #limits: RequestLimits;
  #state: "open" | "block" | "frame" | "data" | "discard" = "open";
  #version: 1 | 2 = 1;
  /** The header block so far. */
  #block: Uint8Array = EMPTY;
  #frame: FrameDecoder | undefined;
  /** Whether a request has been read, so that the connection may end. */
  #complete = false;

  /**
   * Starts at the first byte of a connection.
   *
   * @param limits Caps on what comes before media.
   */
  constructor(limits: RequestLimits) {
    super({
      transform: (chunk, controller): void => this.#handle(chunk, controller),
      flush: (): void => this.#flush(),
    });
    this.#limits = limits;
  }

  #handle(chunk: Uint8Array, output: Output): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#state === "discard") return;
      if (this.#state === "open") this.#open(rest[0]!, output);
      if (this.#state === "data") return output.enqueue(rest);
      rest = this.#state === "frame"
        ? this.#readFrame(rest, output)
        : this.#readBlock(rest, output);
    }
  }

  #open(byte: number, output: Output): void {
    const found = opening(byte);
    if (found.begins === "nothing") {
      throw new Refusal("bad-request", "unknown protocol", found.problem);
    }
    if (found.begins === "rtmp") return this.#openRtmp(output);
    if (found.begins === "block") {
      this.#state = "block";
      this.#version = 2;
    } else this.#openFrame();
  }

  #openRtmp(output: Output): void {
    if (this.#complete) {
      throw new Refusal("bad-request", "RTMP begins with the connection");
    }
    this.#complete = true;
    this.#state = "data";
    output.enqueue({ type: "rtmp" });
  }

  #openFrame(): void {
    this.#state = "frame";
    this.#frame = new FrameDecoder(this.#limits.frameBytes);
  }

  /** Reads up to the empty line; returns what is behind it. */
  #readBlock(chunk: Uint8Array, output: Output): Uint8Array {
    const { headerBytes } = this.#limits;
    const before = this.#block.length;
    const block = new Uint8Array(before + chunk.length);
    block.set(this.#block);
    block.set(chunk, before);
    const end = endOfBlock(block, before);
    if (end === undefined ? block.length > headerBytes : end > headerBytes) {
      return this.#overflow(block, output);
    }
    if (end === undefined) {
      this.#block = block;
      return EMPTY;
    }
    this.#block = EMPTY;
    const rest = chunk.subarray(end - before);
    this.#endBlock(asText(block.subarray(0, end)), rest[0], output);
    return rest;
  }

  #endBlock(text: string, next: number | undefined, output: Output): void {
    const lines = text.replace(/^[\r\n]+/, "");
    if (lines === "") return this.#openFrame();
    const head = parseRequestHead(lines);
    if (!head) {
      throw new Refusal("bad-request", "the request head is malformed");
    }
    // What waits is counted below zero, because nothing may wait without one that reads.
    if ((output.desiredSize ?? 0) <= -MAX_WAITING_REQUESTS) {
      const problem = `more than ${MAX_WAITING_REQUESTS} requests wait`;
      throw new Refusal("bad-request", "too many requests at once", problem);
    }
    this.#complete = true;
    const mayBeFrame = protocolOfHead(head) === undefined;
    if (isLastHead(head)) this.#state = "data";
    else if (mayBeFrame && next === 0) this.#openFrame();
    else this.#state = "open";
    output.enqueue({ type: "head", head, next });
  }

  /** A head that is too long is answered in HTTP where it is HTTP. */
  #overflow(block: Uint8Array, output: Output): Uint8Array {
    const problem = `more than ${this.#limits.headerBytes} bytes of head`;
    // No more than the cap, so that it is the same however the bytes come.
    const begin = asText(block.subarray(0, this.#limits.headerBytes));
    const head = parseRequestHead(begin.replace(/^[\r\n]+/, "") + "\r\n\r\n");
    if (!head) {
      throw new Refusal("bad-request", "the header block is too long", problem);
    }
    this.#block = EMPTY;
    this.#complete = true;
    this.#state = "discard";
    output.enqueue({ type: "head", head: { ...head, problem }, next: LF });
    return EMPTY;
  }

  #readFrame(chunk: Uint8Array, output: Output): Uint8Array {
    const result = this.#frame!.push(chunk);
    if (result.state === "more") return EMPTY;
    if (result.state === "bad") {
      throw new Refusal("bad-request", "the request is malformed", result.why);
    }
    this.#frame = undefined;
    this.#state = "data";
    this.#complete = true;
    const { text } = result;
    output.enqueue({ type: "frame", version: this.#version, text });
    return chunk.subarray(result.used);
  }

  #flush(): void {
    if (this.#complete && this.#block.length === 0 && !this.#frame) return;
    throw new Refusal(
      "bad-request",
      "the connection ended before the request did",
    );
  }
}

/** Bytes to a call of `fromCharCode`, whose number of arguments is limited. */
const TEXT_STEP = 4096;

/** One character for each byte. */
function asText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += TEXT_STEP) {
    text += String.fromCharCode(...bytes.subarray(at, at + TEXT_STEP));
  }
  return text;
}

/**
 * Finds the end of the first empty line that follows another line.
 *
 * @param from Bytes that were searched before.
 */
function endOfBlock(block: Uint8Array, from: number): number | undefined {
  for (let lf = block.indexOf(LF, Math.max(0, from - 2)); lf >= 0;) {
    const next = block[lf + 1] === CR ? lf + 2 : lf + 1;
    if (block[next] === LF) return next + 1;
    lf = block.indexOf(LF, lf + 1);
  }
  return undefined;
}
