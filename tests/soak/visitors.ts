import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import { RecordChecker } from "./records.ts";
import { fault, pause, type Scene } from "./scene.ts";

/** Seconds that a watcher waits for a channel that is between two broadcasts. */
const WAIT_S = 10;

/** Milliseconds of the shortest visit, and how many more the longest may take. */
const [LEAST_MS, MORE_MS] = [500, 40_000];

/** Milliseconds that a watcher who reads nothing stays at most; the server cuts it before. */
const STALLED_MS = 60_000;

/** Bytes of one read. */
const READ_BYTES = 64 * 1024;

/** What a watcher reads from, and how it leaves. */
interface Visit {
  read(): Promise<Uint8Array | undefined>;
  leave(): void;
}

/**
 * Joins a channel, takes what comes for a while, checks it, leaves, and comes back to another.
 *
 * @param scene Where.
 * @param client With it visits are over HTTP, without it over TCP.
 */
export async function visitAgainAndAgain(
  scene: Scene,
  client: Deno.HttpClient | undefined,
): Promise<void> {
  while (!scene.over.aborted) {
    const channel = scene.random(scene.channels);
    try {
      const visit = client
        ? await watchByHttp(scene, channel, client)
        : await watchByTcp(scene, channel);
      if (visit) await stay(scene, visit, new RecordChecker(channel));
    } catch (error) {
      fault(scene, error);
    }
    await pause(scene, scene.random(1000));
  }
}

async function watchByTcp(scene: Scene, channel: number): Promise<Visit> {
  const { host, port } = scene.address;
  const conn = await Deno.connect({ hostname: host, port });
  const text = `watch,user=fier,channel=c${channel},wait=${WAIT_S}`;
  await conn.write(requestBytes(text, scene.random(2) ? 1 : 2));
  const buffer = new Uint8Array(READ_BYTES);
  return {
    async read(): Promise<Uint8Array | undefined> {
      const count = await conn.read(buffer);
      return count === null ? undefined : buffer.subarray(0, count);
    },
    leave: () => conn.close(),
  };
}

/** Over HTTP; `undefined` when the channel did not come in time. */
async function watchByHttp(
  scene: Scene,
  channel: number,
  client: Deno.HttpClient,
): Promise<Visit | undefined> {
  const gone = new AbortController();
  const signal = AbortSignal.any([scene.over, gone.signal]);
  const address = `${scene.origin}/fier/c${channel}?wait=${WAIT_S}`;
  const response = await fetch(address, { signal, client }).catch((error) => {
    if (!scene.over.aborted) throw error;
  });
  if (!response) return undefined;
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    return undefined;
  }
  const reader = response.body.getReader();
  return {
    read: async () => (await reader.read()).value,
    leave: () => gone.abort(),
  };
}

/** Reads until the time is over or the channel ends; only what was read before leaving may be wrong. */
async function stay(
  scene: Scene,
  visit: Visit,
  checker: RecordChecker,
): Promise<void> {
  const { tally, over } = scene;
  let left = false;
  const leave = (): void => {
    if (!left) visit.leave();
    left = true;
  };
  const timer = setTimeout(leave, LEAST_MS + scene.random(MORE_MS));
  over.addEventListener("abort", leave, { once: true });
  try {
    for (;;) {
      const bytes = await visit.read().catch((error) => {
        if (!left) throw error;
      });
      if (!bytes || left) break;
      tally.bytes += bytes.length;
      checker.push(bytes);
    }
  } finally {
    clearTimeout(timer);
    over.removeEventListener("abort", leave);
    leave();
    tally.visits++;
    tally.records += checker.records;
    tally.seams += checker.seams;
  }
}

/** Watches without reading, until the server has had enough, again and again. */
export async function stallAgainAndAgain(scene: Scene): Promise<void> {
  while (!scene.over.aborted) {
    try {
      using peer = await AddressedPeer.connect(scene.address);
      const channel = scene.random(scene.channels);
      await peer.send(requestBytes(`watch,user=fier,channel=c${channel}`));
      scene.tally.stalls++;
      await Promise.race([peer.gone(STALLED_MS), pause(scene, STALLED_MS)]);
    } catch (error) {
      fault(scene, error);
    }
    await pause(scene, 1000);
  }
}
