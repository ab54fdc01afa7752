import { Refusal } from "../errors.ts";
import { wantsReply } from "../protocol/messages.ts";
import type { Payload, Prelude } from "../protocol/payload_decoder_stream.ts";
import type { Peer } from "./peer.ts";

/** What a peer sends, framed. */
export type MessageReader = ReadableStreamDefaultReader<Prelude | Uint8Array>;

/** Milliseconds after an HTTP request head in which a payload must have begun to come. */
const STRAY_BROWSER_MS = 1000;

/** A payload and whether its peer wants to be answered. */
export interface ReadPrelude extends Payload {
  /** Whether a status frame is wanted first. */
  readonly wantsReply: boolean;
}

/** A browser has come to this port. It is answered in its own language. */
export class StrayBrowser extends Refusal {
  /** The answer, ready to be sent. */
  readonly answer: Uint8Array;

  /** Makes the refusal and its answer. */
  constructor() {
    super("bad-request", "HTTP on the port of fstream's own protocol");
    const body =
      "This port speaks fstream's own protocol, not HTTP: fstream watch | ffplay -\n";
    this.answer = new TextEncoder().encode(
      "HTTP/1.1 421 Misdirected Request\r\nContent-Type: text/plain; charset=utf-8\r\n" +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

/**
 * Reads what comes before the media.
 *
 * @param reader The messages of the peer.
 * @param peer Closed when the time is over.
 * @param limitMs Milliseconds for header block and payload together.
 * @throws {Refusal} `bad-request` when something else comes, or not enough in time.
 */
export async function readPrelude(
  reader: MessageReader,
  peer: Peer,
  limitMs: number,
): Promise<ReadPrelude> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    peer.close();
  }, limitMs);
  try {
    return await readPayload(reader);
  } catch (error) {
    if (!late) throw error;
    throw new Refusal(
      "bad-request",
      "the request came too slowly",
      `${limitMs / 1000} s allowed`,
    );
  } finally {
    clearTimeout(timer);
  }
}

async function readPayload(reader: MessageReader): Promise<ReadPrelude> {
  let message = (await reader.read()).value;
  if (isPrelude(message) && message.type === "header") {
    message = message.http
      ? await payloadOrStray(reader)
      : (await reader.read()).value;
  }
  if (isPrelude(message) && message.type === "payload") {
    return { ...message, wantsReply: wantsReply(message.text) };
  }
  throw new Refusal(
    "bad-request",
    "the connection ended before the payload did",
  );
}

/** Behind an HTTP request head: the payload of wire version 2, or nothing, from a browser. */
async function payloadOrStray(
  reader: MessageReader,
): Promise<Prelude | Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stray = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StrayBrowser()), STRAY_BROWSER_MS);
  });
  try {
    return (await Promise.race([reader.read(), stray])).value;
  } finally {
    clearTimeout(timer);
  }
}

function isPrelude(
  message: Prelude | Uint8Array | undefined,
): message is Prelude {
  return message !== undefined && !(message instanceof Uint8Array);
}
