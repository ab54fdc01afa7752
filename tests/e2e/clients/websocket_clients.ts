import { concat } from "@std/bytes";
import WebSocket from "ws";
import { PASSWORD } from "../../helpers/start_server.ts";
import type { ClientScene, Ran } from "./client_scene.ts";
import { BYTES } from "./media.ts";

/** Bytes of a message of media; the last one is shorter. */
const MESSAGE_BYTES = 100_000;

const SIGN_IN = { verb: "broadcast", "user_password": PASSWORD };
const WATCH = { verb: "watch", wait: 60 };

function* messages(): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < BYTES.length; at += MESSAGE_BYTES) {
    yield BYTES.subarray(at, at + MESSAGE_BYTES);
  }
}

/** Broadcasts by the npm package `ws`, with its client in this process. */
export async function broadcastByWs(
  scene: ClientScene,
  channel: string,
): Promise<Ran> {
  const socket = new WebSocket(scene.url(channel).replace("http", "ws"));
  const closed = closing(socket);
  socket.on("open", () => {
    socket.send(JSON.stringify(SIGN_IN));
    for (const message of messages()) socket.send(message);
    socket.close(1000);
  });
  return ranOf(await closed, []);
}

/** Watches by the npm package `ws`. */
export async function watchByWs(
  scene: ClientScene,
  channel: string,
): Promise<Ran> {
  const socket = new WebSocket(scene.url(channel).replace("http", "ws"));
  const closed = closing(socket);
  const media: Uint8Array[] = [];
  socket.on("open", () => socket.send(JSON.stringify(WATCH)));
  socket.on("message", (data: Uint8Array, isBinary: boolean) => {
    if (isBinary) media.push(data);
  });
  return ranOf(await closed, media);
}

/** The close code, or the text of an error. */
function closing(socket: WebSocket): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>();
  socket.on("close", (code: number) => resolve(code));
  socket.on("error", (error: Error) => resolve(error.message));
  return promise;
}

function ranOf(close: number | string, media: readonly Uint8Array[]): Ran {
  const stderr = `closed: ${close}`;
  return { success: close === 1000, stdout: concat([...media]), stderr };
}

const BROADCAST_SCRIPT = `
import asyncio, sys, websockets
async def main():
    media = sys.stdin.buffer.read()
    async with websockets.connect(sys.argv[1]) as socket:
        await socket.send(sys.argv[2])
        for at in range(0, len(media), ${MESSAGE_BYTES}):
            # A message in two fragments.
            part = media[at:at + ${MESSAGE_BYTES}]
            await socket.send([part[:1000], part[1000:]])
asyncio.run(main())
`;

const WATCH_SCRIPT = `
import asyncio, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1], max_size=None) as socket:
        await socket.send(sys.argv[2])
        async for message in socket:
            if isinstance(message, bytes):
                sys.stdout.buffer.write(message)
    assert socket.close_code == 1000, socket.close_code
asyncio.run(main())
`;

/** Broadcasts by Python's `websockets`, which offers compression and sends fragments. */
export function broadcastByPython(
  scene: ClientScene,
  channel: string,
): Promise<Ran> {
  return runPython(scene, channel, BROADCAST_SCRIPT, SIGN_IN, BYTES);
}

/** Watches by Python's `websockets`. */
export function watchByPython(
  scene: ClientScene,
  channel: string,
): Promise<Ran> {
  return runPython(scene, channel, WATCH_SCRIPT, WATCH);
}

/** Debian's interpreter, since another one has no package of Debian's. */
function runPython(
  scene: ClientScene,
  channel: string,
  script: string,
  request: Readonly<Record<string, unknown>>,
  input?: Uint8Array<ArrayBuffer>,
): Promise<Ran> {
  const url = scene.url(channel).replace("http", "ws");
  const args = ["-c", script, url, JSON.stringify(request)];
  return scene.run("/usr/bin/python3", args, input);
}
