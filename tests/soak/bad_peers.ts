import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import { fault, pause, type Scene } from "./scene.ts";

/** Milliseconds that a bad peer waits for its end; the server's own limits are below. */
const PATIENCE_MS = 8000;

/** Addresses that bad peers come from; some of them are soon refused unseen. */
const ADDRESSES = 40;

/** What bad peers send. */
const OFFERS: readonly ((random: Scene["random"]) => Uint8Array)[] = [
  () => requestBytes("broadcast,user=fier,channel=bad,user_password=wrong"),
  () => requestBytes("broadcast,user=nobody,user_password=123,reply=1", 1),
  () => requestBytes("token,user=fier,user_password=wrong,reply=1"),
  () => requestBytes("watch,user=fier,channel=none,reply=1"),
  () => requestBytes("fly,user=fier"),
  () => bytesOf("\n\n", frameOf("watch,user=fier", 1_000_000)),
  () => bytesOf("\n\n\0\0"),
  () => bytesOf("GET / HTTP/1.1\r\nHost: here\r\n\r\n"),
  () => bytesOf("PUT /fier HTTP/1.1\r\nAuthorization: Basic eDp5\r\n\r\n"),
  () => bytesOf("x".repeat(10_000)),
  () => new Uint8Array(),
  (random) => new Uint8Array(500).map(() => random(256)),
];

/** Comes with wrong passwords, garbage, or half a request, again and again. */
export async function annoyAgainAndAgain(scene: Scene): Promise<void> {
  while (!scene.over.aborted) {
    const from = `127.0.1.${1 + scene.random(ADDRESSES)}`;
    try {
      using peer = await AddressedPeer.connect(scene.address, from);
      const offer = OFFERS[scene.random(OFFERS.length)]!;
      await peer.send(offer(scene.random));
      scene.tally.badPeers++;
      await Promise.race([peer.rest(PATIENCE_MS), pause(scene, PATIENCE_MS)]);
      if (scene.random(2)) peer.reset();
    } catch (error) {
      fault(scene, error);
    }
    await pause(scene, scene.random(500));
  }
}
