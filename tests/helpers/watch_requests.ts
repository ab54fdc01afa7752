import { OPCODE } from "../../lib/websocket/opcodes.ts";
import { webSocketHandshake } from "./auth_requests.ts";
import { maskFrame } from "./mask_frame.ts";
import { requestBytes } from "./raw_peer.ts";
import { bytesOf } from "./wire_bytes.ts";

/** What a watcher of the user `fier` sends, from the oldest byte on, by protocol. */
export const WATCH_REQUESTS: Readonly<
  Record<"fstream" | "http" | "websocket", Uint8Array<ArrayBuffer>>
> = {
  fstream: requestBytes("watch,user=fier,start=oldest"),
  // With a header of HTTP clients, or the server would wait for a request frame behind the head.
  http: bytesOf(
    "GET /fier?start=oldest HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
  ),
  websocket: bytesOf(
    webSocketHandshake("/fier"),
    maskFrame(OPCODE.text, '{"verb":"watch","start":"oldest"}'),
  ),
};
