import { assertEquals } from "@std/assert";
import { drain, openChannel } from "./scripted_media.ts";
import { Cursor } from "../../lib/hub/cursor.ts";

const BYTE = new Uint8Array([1]);

Deno.test("Channel wakes the parked in the order they came, each once", () => {
  const { channel } = openChannel();
  const woken: number[] = [];
  for (const i of [1, 2, 3]) channel.park(() => woken.push(i));
  channel.append(BYTE);
  channel.append(BYTE);
  assertEquals(woken, [1, 2, 3]);
});

Deno.test("Channel.unpark() takes a wish back", () => {
  const { channel } = openChannel();
  const woken: string[] = [];
  const first = (): void => void woken.push("first");
  channel.park(first);
  channel.park(() => woken.push("second"));
  channel.unpark(first);
  channel.append(BYTE);
  assertEquals(woken, ["second"]);
});

Deno.test("Channel: who parks again while being woken waits for the next bytes", () => {
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

Deno.test("Channel: who is unparked while others are woken is not woken", () => {
  const { channel } = openChannel();
  const woken: string[] = [];
  const second = (): void => void woken.push("second");
  channel.park(() => {
    woken.push("first");
    channel.unpark(second);
  });
  channel.park(second);
  channel.append(BYTE);
  assertEquals(woken, ["first"]);
});

Deno.test("Channel.hold() and end() wake, and the state says where it stands", () => {
  const { channel, media } = openChannel();
  const states: string[] = [channel.state];
  const note = (): void => void states.push(channel.state);
  channel.park(note);
  channel.hold();
  channel.open(media.factory, () => {});
  states.push(channel.state);
  channel.park(note);
  channel.end();
  assertEquals(states, ["live", "held", "live", "ended"]);
  assertEquals(channel.ended, true);
});

Deno.test("Channel.open() completes the unit in which the last broadcast broke off", () => {
  const { channel, media } = openChannel();
  const watcher = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(new Uint8Array([1, 2, 3]));
  media.missingBytes = 2;
  channel.hold();
  assertEquals(drain(watcher).bytes, new Uint8Array([1, 2, 3]));
  channel.open(media.factory, () => {});
  media.sink.join({ offset: 0 });
  channel.append(new Uint8Array([4, 5]));
  assertEquals(drain(watcher).bytes, new Uint8Array([0, 0, 4, 5]));
});

Deno.test("Channel.open() leaves a unit alone that lacks more than a packet or a frame", () => {
  const { channel, media } = openChannel();
  const watcher = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(new Uint8Array([1]));
  media.missingBytes = 2 ** 32;
  channel.open(media.factory, () => {});
  media.sink.join({ offset: 0 });
  channel.append(new Uint8Array([2]));
  assertEquals(drain(watcher).bytes, new Uint8Array([1, 2]));
});

Deno.test("Channel.end() adds nothing to a broadcast", () => {
  const { channel, media } = openChannel();
  const watcher = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(new Uint8Array([1]));
  media.missingBytes = 5;
  channel.end();
  assertEquals(drain(watcher), { bytes: new Uint8Array([1]), stop: "end" });
});

Deno.test("Channel: corruption is counted and told, and ends nothing", () => {
  const { channel, media } = openChannel();
  media.sink.corruption("first");
  media.sink.giveUp("second");
  channel.append(BYTE);
  assertEquals(channel.epoch.corruptions, 2);
  assertEquals(channel.state, "live");
});
