import { assertEquals, assertRejects } from "@std/assert";
import { MessageReader } from "../../lib/session/message_reader.ts";
import { LIMITS } from "../helpers/request_decoding.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const WATCH = "watch,user=fier";

/** Gives each of its pieces to one read, in a buffer that the next read overwrites. */
class Scripted {
  reads = 0;
  discarded = false;
  readonly #pieces: (Uint8Array | Error)[];
  readonly #buffer = new Uint8Array(1000);

  constructor(...pieces: (string | Uint8Array | Error)[]) {
    this.#pieces = pieces.map((piece) =>
      piece instanceof Error ? piece : bytesOf(piece)
    );
  }

  read(): Promise<Uint8Array | undefined> {
    this.reads++;
    this.#buffer.fill(0);
    const piece = this.discarded ? undefined : this.#pieces.shift();
    if (piece instanceof Error) return Promise.reject(piece);
    if (!piece) return Promise.resolve(undefined);
    this.#buffer.set(piece);
    return Promise.resolve(this.#buffer.subarray(0, piece.length));
  }

  discard(): void {
    this.discarded = true;
  }
}

async function restOf(messages: MessageReader): Promise<string> {
  const rest = messages.rest();
  let text = "";
  for (let bytes; (bytes = await rest.read());) {
    text += new TextDecoder().decode(bytes);
  }
  return text;
}

Deno.test("MessageReader.rest() is what follows the last request, however it was cut", async () => {
  const frame = frameOf(WATCH);
  for (
    const pieces of [
      [bytesOf(frame, "ab"), "cd"],
      [frame, "abcd"],
      [frame.subarray(0, 4), bytesOf(frame.subarray(4), "a"), "bcd"],
    ]
  ) {
    const messages = new MessageReader(new Scripted(...pieces), LIMITS);
    assertEquals(await messages.next(), {
      ...{ type: "frame", version: 1, text: WATCH },
    });
    assertEquals(await messages.next(), undefined);
    assertEquals(await restOf(messages), "abcd");
  }
});

Deno.test("MessageReader reads ahead once nothing waits, so that the end is noticed", async () => {
  const source = new Scripted(GET + GET, GET);
  const messages = new MessageReader(source, LIMITS);
  for (const reads of [1, 2, 3]) {
    assertEquals((await messages.next())?.type, "head");
    assertEquals(source.reads, reads);
  }
  assertEquals(await messages.next(), undefined);
});

Deno.test("MessageReader.cancel() tells of what has come behind the request", async () => {
  const cases: readonly [Scripted, string | undefined][] = [
    [new Scripted(GET + GET), undefined],
    [new Scripted(GET, GET), undefined],
    [new Scripted(GET + "\x01"), "unknown protocol"],
    [new Scripted(GET, new Error("reset")), "reset"],
  ];
  for (const [source, problem] of cases) {
    const messages = new MessageReader(source, LIMITS);
    await messages.next();
    const cancelled = messages.cancel();
    if (problem) await assertRejects(() => cancelled, Error, problem);
    else await cancelled;
    assertEquals(source.discarded, true);
  }
});
