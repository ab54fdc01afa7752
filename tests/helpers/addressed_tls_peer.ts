import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address } from "../../lib/net/address.ts";
import { authority } from "../net/tls_scene.ts";
import { AddressedPeer } from "./addressed_peer.ts";

/** Milliseconds after which a handshake that is not done fails its test; dozens may be in progress. */
const HANDSHAKE_MS = 10_000;

/**
 * Connects with TLS from a chosen address; the caller disposes of the peer.
 *
 * @param address Where to; it must show the samples' first certificate.
 * @param from The address to come from, any of 127.0.0.0/8.
 * @throws {Error} When connection or handshake fails.
 */
export async function connectSecurely(
  { host, port }: Address,
  from = "127.0.0.1",
): Promise<AddressedPeer> {
  const ca = await authority("one");
  const socket = connectTcp({ host, port, localAddress: from });
  const secured = connectTls({ socket, host, ca });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = new Error(`Cannot do a TLS handshake with ${host}:${port}`);
  const timer = setTimeout(() => reject(late), HANDSHAKE_MS);
  secured.once("secureConnect", resolve);
  secured.once("close", () => reject(late));
  secured.once("error", reject);
  try {
    await promise;
  } catch (error) {
    secured.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return new AddressedPeer(secured);
}
