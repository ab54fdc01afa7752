import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { WebSocketDecoderStream } from "../../lib/websocket/decoder_stream.ts";
import {
  encodeClose,
  encodeFrame,
  encodeText,
} from "../../lib/websocket/encode.ts";
import {
  checkHandshake,
  handshakeReply,
} from "../../lib/websocket/handshake.ts";
import { OPCODE } from "../../lib/websocket/opcodes.ts";
import { pattern } from "../helpers/pattern.ts";

const MEDIA = pattern(0, 200_000);

/** Reads a request head; the client sends nothing behind it before the reply. */
async function readHead(connection: Deno.Conn): Promise<Map<string, string>> {
  let head = "";
  const buffer = new Uint8Array(4096);
  while (!head.endsWith("\r\n\r\n")) {
    const read = await connection.read(buffer);
    if (read === null) throw new Error("the head is incomplete");
    head += new TextDecoder().decode(buffer.subarray(0, read));
  }
  const lines = head.trimEnd().split("\r\n").slice(1);
  return new Map(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
}

/** Sends every binary byte back once the client closes; answers each text with the same. */
async function echo(listener: Deno.Listener): Promise<void> {
  using connection = await listener.accept();
  const writer = connection.writable.getWriter();
  const handshake = checkHandshake(await readHead(connection), "GET", 1);
  if (!("key" in handshake)) throw new Error(handshake.problem);
  const reply = Object.entries(await handshakeReply(handshake.key))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  await writer.write(new TextEncoder().encode(
    `HTTP/1.1 101 Switching Protocols\r\n${reply.join("")}\r\n`,
  ));
  const media: Uint8Array[] = [];
  const items = connection.readable
    .pipeThrough(new WebSocketDecoderStream({ maxTextBytes: 100 }));
  for await (const item of items) {
    if (item instanceof Uint8Array) media.push(item);
    else if (item.type === "text") {
      await writer.write(encodeFrame(OPCODE.binary, concat(media)));
      await writer.write(encodeText(item.text));
    } else if (item.type === "close") {
      await writer.write(encodeClose(item.code, item.reason));
      break;
    }
  }
}

Deno.test("Deno's own WebSocket client understands what is encoded, and is understood", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const served = echo(listener);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  socket.binaryType = "arraybuffer";
  const received: unknown[] = [];
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = resolve;
  });
  socket.onopen = (): void => {
    socket.send(MEDIA);
    socket.send("κόσμε");
  };
  socket.onmessage = ({ data }): void => {
    received.push(data);
    if (typeof data === "string") socket.close(4000, "all of it");
  };
  const { code, reason } = await closed;
  await served;
  assertEquals([code, reason], [4000, "all of it"]);
  assertEquals(received, [MEDIA.buffer, "κόσμε"]);
});
