/**
 * The handshake (§5.2): each side sends a version, 1,536 bytes, and the other side's 1,536 bytes again. The form
 * with digests that Flash Player needs to play is not needed to publish.
 *
 * @module
 */

import { concat } from "@std/bytes";

/** The version of the protocol, which is the first byte of a connection. */
export const RTMP_VERSION = 3;

/** Bytes of C1, C2, S1 and S2. */
export const HANDSHAKE_BYTES = 1536;

/** Bytes of S1 and S2 that the sides choose at random. */
export const RANDOM_BYTES = HANDSHAKE_BYTES - 8;

/**
 * The server's half: S0, S1 and S2.
 *
 * @param c1 What the client sent behind its version, sent back as it is.
 * @param random {@linkcode RANDOM_BYTES} bytes that a client cannot know before.
 */
export function encodeServerHello(
  c1: Uint8Array,
  random: Uint8Array,
): Uint8Array<ArrayBuffer> {
  // A time of 0 and a version of 0: clients that know digests expect none of such a server.
  const begin = new Uint8Array(9);
  begin[0] = RTMP_VERSION;
  return concat([begin, random, c1]);
}
