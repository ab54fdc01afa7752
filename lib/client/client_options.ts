import type { Address } from "../net/address.ts";

/** How to reach a server. */
export interface ClientOptions {
  /** Where it listens. */
  readonly address: Address;
  /** The protocol version to speak. */
  readonly wire: 1 | 2;
  /** Whether to ask for a status frame, which the first servers do not know. */
  readonly reply: boolean;
  /** Present to speak TLS. */
  readonly tls?: ClientTls;
  /** Gives up the request when it is aborted. */
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for the answer. Default {@linkcode ANSWER_MS}. */
  readonly answerMs?: number;
}

/** Which certificates a client trusts. */
export interface ClientTls {
  /** Path of certificates (PEM) that are trusted besides the well-known ones. */
  readonly ca?: string;
}

/** Milliseconds for connection, handshake and answer: five lost packets in a row, and a busy server. */
export const ANSWER_MS = 15_000;
