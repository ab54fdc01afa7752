import type { Protocol } from "../auth/authenticate.ts";
import { Refusal } from "../errors.ts";
import { httpAnswer } from "../wire/http_answer.ts";
import { type IcecastHead, icecastRequest } from "../wire/icecast_head.ts";
import { parseRequest, type Request, wantsReply } from "../wire/messages.ts";
import type { Payload, Prelude } from "../wire/payload_decoder_stream.ts";
import type { Peer } from "../net/peer.ts";
import { icecastVoice, MUTE, STATUS_FRAMES, type Voice } from "./voice.ts";

/** What a peer sends, framed. */
export type MessageReader = ReadableStreamDefaultReader<Prelude | Uint8Array>;

/** Milliseconds after an HTTP request head in which a payload must have begun to come. */
const STRAY_BROWSER_MS = 1000;

/** What a peer said before the media. */
export interface ReadPrelude {
  /** The protocol that it speaks. */
  readonly protocol: Protocol;
  /** How it wants to be answered. */
  readonly voice: Voice;
  /** Reads what it asks for. Throws `Refusal` when that cannot be read. */
  readonly request: () => Request;
}

/** What bounds the prelude, and what strays are told. */
export interface PreludeOptions {
  /** Milliseconds for header block and payload together. */
  readonly limitMs: number;
  /** The port of the HTTP front; `undefined` when there is none. */
  readonly webPort: number | undefined;
}

/** A browser has come to this port. It is answered in its own language. */
export class StrayBrowser extends Refusal {
  /** The answer, ready to be sent. */
  readonly answer: Uint8Array;

  /**
   * Makes the refusal and its answer.
   *
   * @param webPort Where browsers are served; `undefined`: nowhere.
   */
  constructor(webPort: number | undefined) {
    super("bad-request", "HTTP on the port of fstream's own protocol");
    const instead = webPort === undefined
      ? "fstream watch | ffplay -"
      : `web pages, players and curl are served at port ${webPort}`;
    this.answer = httpAnswer(
      421,
      `This port speaks fstream's own protocol, not HTTP: ${instead}`,
    );
  }
}

/**
 * Reads what comes before the media.
 *
 * @param reader The messages of the peer.
 * @param peer Closed when the time is over.
 * @param options What bounds it.
 * @throws {Refusal} `bad-request` when something else comes, or not enough in time.
 */
export async function readPrelude(
  reader: MessageReader,
  peer: Peer,
  options: PreludeOptions,
): Promise<ReadPrelude> {
  const { limitMs, webPort } = options;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    peer.close();
  }, limitMs);
  try {
    return await readFirst(reader, webPort);
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

async function readFirst(
  reader: MessageReader,
  webPort: number | undefined,
): Promise<ReadPrelude> {
  let message = (await reader.read()).value;
  if (isPrelude(message) && message.type === "header") {
    message = message.http
      ? await payloadOrStray(reader, webPort)
      : (await reader.read()).value;
  }
  if (isPrelude(message) && message.type === "payload") return asked(message);
  if (isPrelude(message) && message.type === "icecast") {
    return askedByIcecast(message);
  }
  throw new Refusal(
    "bad-request",
    "the connection ended before the payload did",
  );
}

function asked({ version, text }: Payload): ReadPrelude {
  return {
    protocol: version === 1 ? "fstream1" : "fstream2",
    voice: wantsReply(text) ? STATUS_FRAMES : MUTE,
    request: () => parseRequest(text),
  };
}

function askedByIcecast(head: IcecastHead): ReadPrelude {
  return {
    protocol: "icecast",
    voice: icecastVoice(head),
    request: () => icecastRequest(head),
  };
}

/** Behind an HTTP request head: the payload of wire version 2, or nothing, from a browser. */
async function payloadOrStray(
  reader: MessageReader,
  webPort: number | undefined,
): Promise<Prelude | Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stray = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new StrayBrowser(webPort)),
      STRAY_BROWSER_MS,
    );
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
