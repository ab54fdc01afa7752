import { assertEquals, assertMatch } from "@std/assert";
import { adviceFor, Adviser } from "../../lib/hub/advice.ts";
import type { Channel } from "../../lib/hub/channel.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { publishOptions, scene, watch } from "./hub_scene.ts";
import { ScriptedMedia } from "./scripted_media.ts";

const INFO: MediaInfo = {
  container: "mp4",
  mime: "video/mp4",
  codecs: ["avc1"],
  video: true,
};

/** A live channel whose media arrives and can be joined every so many seconds. */
interface Stage extends Disposable {
  readonly channel: Channel;
  readonly clock: { now: number };
  readonly hub: ReturnType<typeof scene>["hub"];
  /** Seconds by which the media's clock is ahead; without a clock if `undefined`. */
  ahead: number | undefined;
  /** Lets so many seconds pass, with media every `everyS` and key frames every `keyS`. */
  run(seconds: number, everyS: number, keyS: number): void;
}

function stage(info: MediaInfo = INFO): Stage {
  const clock = { now: 0 };
  const { hub, ...rest } = scene({
    now: () => clock.now,
    backlogBytes: 512 * 1024,
    watchersPerChannel: 100,
  });
  const media = new ScriptedMedia();
  const publisher = hub.publish(publishOptions({ tracker: media.factory }));
  media.sink.info?.(info);
  let sent = 0;
  return {
    ...{ hub, clock, channel: publisher.channel, ahead: undefined },
    run(seconds, everyS, keyS): void {
      const end = clock.now + seconds * 1000;
      for (let key = clock.now; clock.now < end; clock.now += everyS * 1000) {
        if (clock.now >= key) {
          const { ahead } = this;
          const time = clock.now / 1000 + (ahead ?? 0);
          media.sink.join({
            offset: sent,
            ...(ahead === undefined ? {} : { time }),
          });
          key += keyS * 1000;
        }
        publisher.append(new Uint8Array(10_000));
        sent += 10_000;
      }
    },
    [Symbol.dispose]: () => rest[Symbol.dispose](),
  };
}

function codes(channel: Channel): string[] {
  return adviceFor(channel).map(({ code }) => code);
}

Deno.test("adviceFor() has nothing to say about a stream that is good for its watchers", () => {
  using good = stage();
  good.run(20, 0.1, 2);
  assertEquals(adviceFor(good.channel), []);
});

Deno.test("adviceFor() tells that key frames are far apart, of video alone", () => {
  using film = stage();
  film.run(40, 0.1, 10);
  const [advice] = adviceFor(film.channel);
  assertEquals(advice?.code, "key-frames");
  assertMatch(advice!.text, /^key frames are 10 s apart/);
  using denser = stage();
  denser.run(38, 0.1, 9.5);
  assertMatch(adviceFor(denser.channel)[0]!.text, /^key frames are 9\.5 s/);
  using radio = stage({ ...INFO, video: false });
  radio.run(40, 0.1, 10);
  assertEquals(codes(radio.channel), []);
});

Deno.test("adviceFor() tells that media comes in long fragments, and how to shorten them", () => {
  using late = stage();
  late.run(30, 4, 4);
  const [advice] = adviceFor(late.channel);
  assertMatch(advice!.text, /^media comes 4\.0 s apart.*-frag_duration/);
  using other = stage({ ...INFO, container: "mpegts" });
  other.run(30, 4, 4);
  assertMatch(adviceFor(other.channel)[0]!.text, /write more often/);
});

Deno.test("adviceFor() blames the bit rate once a tenth of the watchers skipped", async () => {
  using busy = stage();
  busy.run(2, 0.1, 2);
  const watchers = await Promise.all(
    Array.from({ length: 20 }, () => watch(busy.hub)),
  );
  for (const watcher of watchers) {
    const next = watcher.cursor.next();
    if (next instanceof Uint8Array) watcher.cursor.advance(next.length);
  }
  watchers[0]!.cursor.skips = 1;
  assertEquals(codes(busy.channel), []);
  watchers[1]!.cursor.skips = 1;
  const [advice] = adviceFor(busy.channel);
  assertMatch(advice!.text, /^2 of 20 watchers have lost .*bit\/s: lower/);
  for (const watcher of watchers) watcher.leave();
});

Deno.test("adviceFor() tells that the media's clock jumped, for ten minutes", () => {
  using loop = stage();
  const { channel } = loop;
  loop.ahead = 0;
  loop.run(6, 0.1, 2);
  assertEquals(codes(channel), []);
  loop.ahead = -5;
  loop.run(2, 0.1, 2);
  assertMatch(
    adviceFor(channel)[0]!.text,
    /^the media's clock jumped back by 3\.0 s: .*ffmpeg: -use_wallclock/,
  );
  loop.ahead = 3595;
  loop.run(2, 0.1, 2);
  const [advice] = adviceFor(channel);
  assertEquals(advice?.code, "clock");
  assertMatch(advice!.text, /jumped 2 times, last ahead by 3600 s/);
  loop.run(601, 0.5, 2);
  assertEquals(codes(channel), []);
});

Deno.test("Adviser logs each advice once per broadcast, after it has settled", () => {
  using film = stage();
  const logged: unknown[] = [];
  const adviser = new Adviser(
    film.hub,
    { log: (event, fields) => void logged.push([event, fields?.code]) },
    () => film.clock.now,
  );
  film.run(15, 0.1, 6);
  adviser.tick();
  assertEquals(logged, [], "too early");
  for (let i = 0; i < 4; i++) {
    film.run(11, 0.1, 6);
    adviser.tick();
  }
  assertEquals(logged, [["advice", "key-frames"]]);
});
