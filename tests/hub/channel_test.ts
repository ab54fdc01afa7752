import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { drain, openChannel } from "./scripted_media.ts";
import { Cursor } from "../../lib/hub/cursor.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import type { TrackerFactory } from "../../lib/media/tracker.ts";

const BYTE = new Uint8Array([1]);

Deno.test("Channel wakes the parked, each once", () => {
  const { channel } = openChannel();
  const woken: number[] = [];
  for (const i of [1, 2, 3]) channel.park(() => woken.push(i));
  channel.append(BYTE);
  channel.append(BYTE);
  assertEquals(woken.sort(), [1, 2, 3]);
});

Deno.test("Channel.unpark() cancels a park()", () => {
  const { channel } = openChannel();
  const woken: string[] = [];
  const first = (): void => void woken.push("first");
  channel.park(first);
  channel.park(() => woken.push("second"));
  channel.unpark(first);
  channel.append(BYTE);
  assertEquals(woken, ["second"]);
});

Deno.test("Channel: a watcher that parks again while being woken waits for the next bytes", () => {
  const { channel } = openChannel();
  let woken = 0;
  const wake = (): void => {
    woken++;
    channel.park(wake);
  };
  channel.park(wake);
  channel.append(BYTE);
  assertEquals(woken, 1);
  channel.append(BYTE);
  assertEquals(woken, 2);
  channel.unpark(wake);
  channel.append(BYTE);
  assertEquals(woken, 2);
});

Deno.test("Channel: a watcher that is unparked while others are woken is not woken", () => {
  const { channel } = openChannel();
  const woken: string[] = [];
  const first = (): void => {
    woken.push("first");
    channel.unpark(second);
  };
  const second = (): void => {
    woken.push("second");
    channel.unpark(first);
  };
  channel.park(first);
  channel.park(second);
  channel.append(BYTE);
  channel.append(BYTE);
  assertEquals(woken.length, 1);
});

Deno.test("Channel.hold() and end() wake, and the state says where it stands", () => {
  const { channel, media } = openChannel();
  const states: string[] = [channel.state];
  const note = (): void => void states.push(channel.state);
  channel.park(note);
  channel.hold(60, true, () => {});
  channel.open({ tracker: media.factory });
  states.push(channel.state);
  channel.park(note);
  channel.end("ended");
  assertEquals(states, ["live", "held", "live", "ended"]);
  assertEquals(channel.ended, true);
});

Deno.test("Channel.open() completes the unit in which the last broadcast broke off", () => {
  const { channel, media } = openChannel();
  const watcher = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(new Uint8Array([1, 2, 3]));
  media.missingBytes = 2;
  channel.hold(60, true, () => {});
  assertEquals(drain(watcher).bytes, new Uint8Array([1, 2, 3]));
  channel.open({ tracker: media.factory });
  media.sink.join({ offset: 0 });
  channel.append(new Uint8Array([4, 5]));
  assertEquals(drain(watcher).bytes, new Uint8Array([0, 0, 4, 5]));
});

Deno.test("Channel.open() leaves a unit alone that misses more than a packet or a frame", () => {
  const { channel, media } = openChannel();
  const watcher = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(new Uint8Array([1]));
  media.missingBytes = 2 ** 32;
  channel.open({ tracker: media.factory });
  media.sink.join({ offset: 0 });
  channel.append(new Uint8Array([2]));
  assertEquals(drain(watcher).bytes, new Uint8Array([1, 2]));
});

Deno.test("Channel.end() adds nothing to a broadcast", () => {
  const { channel, media } = openChannel();
  const watcher = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(new Uint8Array([1]));
  media.missingBytes = 5;
  channel.end("ended");
  assertEquals(drain(watcher), { bytes: new Uint8Array([1]), stop: "end" });
});

Deno.test("Channel: corruption is counted and reported, and ends nothing", () => {
  const { channel, media } = openChannel();
  media.sink.corruption("first");
  media.sink.giveUp("second");
  channel.append(BYTE);
  assertEquals(channel.broadcast.corruptions, 2);
  assertEquals(channel.state, "live");
});

Deno.test("Channel.trackerBytes counts earlier broadcasts until the log drops their join points", () => {
  const { channel, media } = openChannel();
  media.sink.init(new Uint8Array(1000));
  media.sink.join({ offset: 0 });
  channel.append(BYTE);
  for (let i = 0; i < 3; i++) {
    channel.open({ tracker: media.factory });
    channel.append(BYTE);
    assertEquals(channel.trackerBytes, 1000);
  }
  channel.append(new Uint8Array(4 * SEGMENT_BYTES));
  assertEquals(channel.trackerBytes, 0);
});

Deno.test("Channel lists no segment of HLS whose bytes the log has dropped", () => {
  const { channel, media, clock } = openChannel();
  const mime = "audio/mpeg";
  media.sink.info({ container: "mp3", mime, codecs: ["mp3"], video: false });
  for (let i = 0; i < 8; i++) {
    clock.now = i * 2000;
    media.sink.join({ offset: i * SEGMENT_BYTES, time: 2 * i });
    channel.append(new Uint8Array(SEGMENT_BYTES));
  }
  const { log: { first, last }, segments: { listed } } = channel;
  assertEquals(last - first, 2 * SEGMENT_BYTES);
  assertEquals(listed.map(({ start }) => start), [first]);
});

Deno.test("Channel counts as arrivals what its own broadcaster sends, not what another server received", () => {
  const { channel, clock } = openChannel();
  const bitrate = (age: number): number => {
    for (let i = 0; i < 100; i++) {
      clock.now += 100;
      channel.append(new Uint8Array(1000), age);
    }
    return channel.arrivals.bitrate(clock.now);
  };
  assertEquals(bitrate(50), 0);
  assertGreater(bitrate(0), 0);
});

Deno.test("Channel releases the tracker of a broadcast that another one follows", () => {
  const { channel } = openChannel();
  const heavy: TrackerFactory = () => ({
    ...{ heldBytes: 500, missingBytes: 0, time: 3 },
    push: (): void => {},
  });
  channel.open({ tracker: heavy });
  const { broadcast } = channel;
  assertEquals(channel.trackerBytes, 500);
  channel.open({ tracker: heavy });
  assertEquals(channel.trackerBytes, 500);
  assertEquals([broadcast.heldBytes, broadcast.time], [0, 3]);
  channel.end("ended");
  assertEquals(channel.trackerBytes, 0);
});

Deno.test("Broadcast.id is random, hexadecimal and of 128 bits", () => {
  const { channel, media } = openChannel();
  const ids = new Set<string>();
  for (let i = 0; i < 100; i++) {
    channel.open({ tracker: media.factory });
    assertMatch(channel.broadcast.id, /^[0-9a-f]{32}$/);
    ids.add(channel.broadcast.id);
  }
  assertEquals(ids.size, 100);
});

Deno.test("Channel remembers a limited number of broadcasts, however quickly they follow each other", () => {
  const { channel } = openChannel();
  for (let count = 0; count < 200; count++) {
    channel.open({ tracker: chunkTracker(0) });
    channel.append(new Uint8Array(1));
  }
  assertEquals(channel.broadcasts.length, 65);
});
