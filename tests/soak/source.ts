import { concat } from "@std/bytes";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import { broadcastText } from "../session/live_channel.ts";
import { makeRecord, RECORD_BYTES } from "./records.ts";
import { fault, pause, type Scene } from "./scene.ts";

/** Milliseconds between two sends, as of an encoder's frames a few at a time. */
const TICK_MS = 100;

/** Milliseconds of the shortest broadcast, and how many more the longest may take. */
const [LEAST_MS, MORE_MS] = [15_000, 60_000];

/** How a broadcast gives way to the next one. */
const ENDS = ["clean", "reset", "takeover", "pause"] as const;

/** Broadcasts one channel again and again, with every kind of end. */
export async function keepLive(scene: Scene, channel: number): Promise<void> {
  let old: AddressedPeer | undefined;
  for (let broadcast = 1; !scene.over.aborted; broadcast++) {
    try {
      const peer = await open(scene, channel);
      old?.[Symbol.dispose]();
      const end = ENDS[scene.random(ENDS.length)]!;
      const whole = await send(
        scene,
        peer,
        channel,
        broadcast,
        end === "pause",
      );
      if (!whole) fault(scene, `channel ${channel} was cut off`);
      old = await finish(scene, peer, end);
    } catch (error) {
      fault(scene, error);
      await pause(scene, 1000);
    }
  }
  old?.[Symbol.dispose]();
}

async function open(scene: Scene, channel: number): Promise<AddressedPeer> {
  const more = `,channel=c${channel},bufsize=${RECORD_BYTES}`;
  const peer = await AddressedPeer.connect(scene.address);
  await peer.send(requestBytes(broadcastText("fier", more)));
  scene.tally.broadcasts++;
  return peer;
}

/** Sends at the channel's rate, in pieces that respect no record; tells whether all could be sent. */
async function send(
  scene: Scene,
  peer: AddressedPeer,
  channel: number,
  broadcast: number,
  falters: boolean,
): Promise<boolean> {
  const began = performance.now();
  const length = LEAST_MS + scene.random(MORE_MS);
  const perMs = scene.bitRate / 8000;
  let sequence = 0;
  let sent = 0;
  let rest: Uint8Array = new Uint8Array();
  for (let at = 0; at < length && !scene.over.aborted;) {
    at = performance.now() - began;
    const parts: Uint8Array[] = [rest];
    while ((sequence + 1) * RECORD_BYTES < at * perMs + RECORD_BYTES) {
      parts.push(makeRecord({ channel, broadcast, sequence: sequence++ }));
    }
    const bytes = concat(parts);
    const part = bytes.subarray(
      0,
      Math.max(0, bytes.length - scene.random(RECORD_BYTES)),
    );
    if (!await peer.send(part)) return false;
    sent += part.length;
    rest = bytes.slice(part.length);
    await pause(scene, falters && scene.random(100) === 0 ? 3000 : TICK_MS);
  }
  return sent === 0 || await peer.send(rest);
}

/** Ends a broadcast; gives the connection that the next one has to take over from. */
async function finish(
  scene: Scene,
  peer: AddressedPeer,
  end: typeof ENDS[number],
): Promise<AddressedPeer | undefined> {
  if (end === "takeover" && !scene.over.aborted) {
    scene.tally.takeovers++;
    return peer;
  }
  if (end === "reset") {
    peer.reset();
    scene.tally.resets++;
  } else {
    peer.end();
    await peer.gone(5000);
    peer[Symbol.dispose]();
  }
  await pause(scene, 200 + scene.random(3000));
  return undefined;
}
