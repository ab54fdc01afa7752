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

const LF = 0x0a;
const CR = 0x0d;

const EMPTY = new Uint8Array();

/**
 * Reads the requests of a connection, whatever protocol it speaks. Bytes are pushed, and the requests in them are
 * pulled one by one, so that those which wait for their answer take no more memory than their bytes. Everything
 * behind the last request is the rest.
 */
export class RequestDecoder {
  readonly #limits: RequestLimits;
  #state: "open" | "block" | "frame" | "data" | "discard" = "open";
  #version: 1 | 2 = 1;
  /** What was pushed and not read yet. */
  #input: Uint8Array = EMPTY;
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
    this.#limits = limits;
  }

  /** Whether the last request has been read, so that all that follows is {@linkcode RequestDecoder.rest}. */
  get hasRest(): boolean {
    return this.#state === "data";
  }

  /** What has been pushed and is part of no request so far. */
  get rest(): Uint8Array {
    return this.#input;
  }

  /** Takes the next bytes, of which views are kept; {@linkcode RequestDecoder.next} must have read those before. */
  push(bytes: Uint8Array): void {
    this.#input = bytes;
  }

  /**
   * Reads on.
   *
   * @returns The next request; `undefined` when more bytes are needed, and behind the last one.
   * @throws {Refusal} `bad-request` for what is no request, and for what exceeds a cap.
   */
  next(): RequestMessage | undefined {
    while (this.#input.length > 0 && this.#state !== "data") {
      const message = this.#read();
      if (message) return message;
    }
    return undefined;
  }

  /**
   * Ends the bytes.
   *
   * @throws {Refusal} `bad-request` when they end within a request.
   */
  end(): void {
    if (this.#complete && this.#block.length === 0 && !this.#frame) return;
    throw new Refusal(
      "bad-request",
      "the connection ended before the request did",
    );
  }

  /** Takes one step, or all bytes. */
  #read(): RequestMessage | undefined {
    switch (this.#state) {
      case "open":
        return this.#open(this.#input[0]!);
      case "frame":
        return this.#readFrame(this.#input);
      case "block":
        return this.#readBlock(this.#input);
      default:
        this.#input = EMPTY;
        return undefined;
    }
  }

  #open(byte: number): RtmpOpening | undefined {
    const found = opening(byte);
    if (found.begins === "nothing") {
      throw new Refusal("bad-request", "unknown protocol", found.problem);
    }
    if (found.begins === "rtmp") return this.#openRtmp();
    if (found.begins === "block") {
      this.#state = "block";
      this.#version = 2;
    } else this.#openFrame();
    return undefined;
  }

  #openRtmp(): RtmpOpening {
    if (this.#complete) {
      throw new Refusal("bad-request", "RTMP begins with the connection");
    }
    this.#complete = true;
    this.#state = "data";
    return { type: "rtmp" };
  }

  #openFrame(): void {
    this.#state = "frame";
    this.#frame = new FrameDecoder(this.#limits.frameBytes);
  }

  /** Reads up to the empty line. */
  #readBlock(chunk: Uint8Array): HeadMessage | undefined {
    const { headerBytes } = this.#limits;
    const before = this.#block.length;
    // Requests that wait behind this one are not copied with it.
    const part = chunk.subarray(0, headerBytes + 1 - before);
    const block = new Uint8Array(before + part.length);
    block.set(this.#block);
    block.set(part, before);
    const end = endOfBlock(block, before);
    if (end === undefined ? block.length > headerBytes : end > headerBytes) {
      return this.#overflow(block);
    }
    if (end === undefined) {
      this.#block = block;
      this.#input = EMPTY;
      return undefined;
    }
    this.#block = EMPTY;
    this.#input = chunk.subarray(end - before);
    return this.#endBlock(asText(block.subarray(0, end)), this.#input[0]);
  }

  #endBlock(text: string, next: number | undefined): HeadMessage | undefined {
    const lines = text.replace(/^[\r\n]+/, "");
    if (lines === "") {
      this.#openFrame();
      return undefined;
    }
    const head = parseRequestHead(lines);
    if (!head) {
      throw new Refusal("bad-request", "the request head is malformed");
    }
    this.#complete = true;
    const mayBeFrame = protocolOfHead(head) === undefined;
    if (isLastHead(head)) this.#state = "data";
    else if (mayBeFrame && next === 0) this.#openFrame();
    else this.#state = "open";
    return { type: "head", head, next };
  }

  /** A head that is too long is answered in HTTP where it is HTTP. */
  #overflow(block: Uint8Array): HeadMessage {
    const problem = `more than ${this.#limits.headerBytes} bytes of head`;
    // No more than the cap, so that it is the same however the bytes come.
    const begin = asText(block.subarray(0, this.#limits.headerBytes));
    const head = parseRequestHead(begin.replace(/^[\r\n]+/, "") + "\r\n\r\n");
    if (!head) {
      throw new Refusal("bad-request", "the header block is too long", problem);
    }
    this.#block = this.#input = EMPTY;
    this.#complete = true;
    this.#state = "discard";
    return { type: "head", head: { ...head, problem }, next: LF };
  }

  #readFrame(chunk: Uint8Array): FrameMessage | undefined {
    const result = this.#frame!.push(chunk);
    if (result.state === "bad") {
      throw new Refusal("bad-request", "the request is malformed", result.why);
    }
    if (result.state === "more") {
      this.#input = EMPTY;
      return undefined;
    }
    this.#frame = undefined;
    this.#state = "data";
    this.#complete = true;
    this.#input = chunk.subarray(result.used);
    return { type: "frame", version: this.#version, text: result.text };
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
