import { assertEquals } from "@std/assert";
import { FramedPeer } from "../helpers/framed_peer.ts";
import type { TestServer } from "../helpers/start_server.ts";
import { broadcastText } from "./live_channel.ts";

/** A framed broadcaster, with what the server told it. */
export interface Broadcasting extends Disposable {
  readonly peer: FramedPeer;
  readonly id: string;
  readonly secret: string;
  /** Sends a frame of media, and waits until the server reports what it received. */
  send(media: Uint8Array): Promise<void>;
}

/** Broadcasts as `fier`, and reads the reply. */
export async function broadcast(
  server: TestServer,
  more = ",bufsize=1000",
): Promise<Broadcasting> {
  const peer = await FramedPeer.connect(
    server.address,
    broadcastText("fier", more),
  );
  const { word, values } = await peer.message();
  assertEquals(word, "ok");
  assertEquals(values.get("frames"), "1");
  assertEquals(values.get("received"), "0");
  return {
    peer,
    id: values.get("id")!,
    secret: values.get("resume")!,
    async send(media): Promise<void> {
      await peer.media(media);
      await peer.messageOf("received");
    },
    [Symbol.dispose]: () => peer.close(),
  };
}

/** Watches the channel of `fier`; the reply is not read yet. */
export async function watch(
  server: TestServer,
  more = "",
): Promise<FramedPeer> {
  return await FramedPeer.connect(server.address, `watch,user=fier${more}`);
}
