import type { RawPeer } from "./raw_peer.ts";

/** Reads the head of an HTTP reply, byte by byte, and leaves what follows it unread. */
export async function readHead(peer: RawPeer): Promise<string> {
  let text = "";
  while (!text.endsWith("\r\n\r\n")) {
    text += String.fromCharCode((await peer.take(1))[0]!);
  }
  return text;
}
