import type { Tickable } from "../clock/ticker.ts";
import { formatBytes } from "../config/values.ts";
import type { Logger } from "../logger.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Channel } from "./channel.ts";

/** Seconds between key frames from which joining is noticeably late; encoders' default is ten. */
const LONG_INTERVAL_S = 5;

/** Seconds without media from which every watcher is that late; ffmpeg's longest default is one. */
const LONG_PAUSE_S = 2;

/** Part of the watchers that must have lost media before the bit rate is to blame, and not their connections. */
const MANY_SLOW = 0.1;

/** Milliseconds for which a jump of the media's clock is worth mentioning. */
const CLOCK_MS = 600_000;

/** Milliseconds between two looks for the log. */
const LOOK_MS = 10_000;

/** Milliseconds that a broadcast has to settle before the log says anything about it. */
const SETTLE_MS = 20_000;

/** What about a channel costs its watchers. */
export type AdviceCode = "key-frames" | "pauses" | "bit-rate" | "clock";

/** What costs watchers, and what to do about it. */
export interface Advice {
  /** What it is about, for programs. */
  readonly code: AdviceCode;
  /** A sentence for the person at the encoder. */
  readonly text: string;
}

/** What makes an encoder send more often, by container. */
const SHORTER: Readonly<Record<string, string>> = {
  mp4: "shorter fragments (ffmpeg: -frag_duration 200000)",
  webm: "shorter clusters (ffmpeg: -cluster_time_limit 200)",
  matroska: "shorter clusters (ffmpeg: -cluster_time_limit 200)",
  ogg: "shorter pages (ffmpeg: -page_duration 200000)",
};

/** What about a channel costs its watchers, as it is now. */
export function adviceFor(channel: Channel): Advice[] {
  const advice = [
    keyFrames(channel.broadcast),
    pauses(channel),
    bitRate(channel),
    clock(channel),
  ];
  return advice.filter((each) => each !== undefined);
}

function keyFrames(
  { joinInterval: interval = 0, info }: Broadcast,
): Advice | undefined {
  if (!info?.video || interval <= LONG_INTERVAL_S) return undefined;
  const text = `key frames are ${round(interval)} s apart: watchers that ` +
    "join wait, or start that far behind; send one every 2 s (ffmpeg: -g 50 " +
    "at 25 pictures a second)";
  return { code: "key-frames", text };
}

function pauses({ arrivals, broadcast, now, state }: Channel):
  | Advice
  | undefined {
  const gap = arrivals.gap(now());
  if (state !== "live" || gap <= LONG_PAUSE_S) return undefined;
  const { container = "" } = broadcast.info ?? {};
  const what = Object.hasOwn(SHORTER, container)
    ? `send ${SHORTER[container]}`
    : "have the encoder write more often, and check its network";
  const text = `media comes ${round(gap)} s apart, and every watcher is ` +
    `that late: ${what}`;
  return { code: "pauses", text };
}

function bitRate({ audience, arrivals, now }: Channel): Advice | undefined {
  let slow = 0;
  for (const { cursor } of audience) if (cursor.skips > 0) slow++;
  if (slow === 0 || slow < audience.size * MANY_SLOW) return undefined;
  const bits = formatBytes(arrivals.bitrate(now())).replace(/B$/, "bit/s");
  const text =
    `${slow} of ${audience.size} watchers have lost media, because ` +
    `their connections are slower than ${bits}: lower the bit rate`;
  return { code: "bit-rate", text };
}

function clock({ broadcast, now }: Channel): Advice | undefined {
  const { count, seconds, at } = broadcast.clockJumps;
  if (now() - at > CLOCK_MS) return undefined;
  const how = seconds < 0 ? "back" : "ahead";
  const times = count === 1 ? "" : `${count} times, last `;
  const text = `the media's clock jumped ${times}${how} by ` +
    `${round(Math.abs(seconds))} s: players stall or drop pictures; have the ` +
    "encoder write continuous timestamps (ffmpeg: " +
    "-use_wallclock_as_timestamps 1 before the input)";
  return { code: "clock", text };
}

function round(seconds: number): string {
  return seconds.toFixed(seconds < 10 ? 1 : 0);
}

/** Logs what costs watchers, each thing once per broadcast. */
export class Adviser implements Tickable {
  readonly #channels: { channels(): readonly Channel[] };
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #said: WeakMap<Broadcast, Set<AdviceCode>> = new WeakMap();
  #lookedAt: number;

  /** Makes one, to be added to a ticker; `now` is in milliseconds and never goes back. */
  constructor(
    channels: { channels(): readonly Channel[] },
    logger: Logger,
    now: () => number,
  ) {
    this.#channels = channels;
    this.#logger = logger;
    this.#now = now;
    this.#lookedAt = now();
  }

  /** Looks when it is time. */
  tick(): void {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    for (const channel of this.#channels.channels()) {
      if (now - channel.liveSince >= SETTLE_MS) this.#logFor(channel);
    }
  }

  #logFor(channel: Channel): void {
    const said = this.#said.get(channel.broadcast) ?? new Set();
    this.#said.set(channel.broadcast, said);
    for (const { code, text } of adviceFor(channel)) {
      if (said.has(code)) continue;
      said.add(code);
      const { user, name } = channel;
      this.#logger.log("advice", { user, channel: name, code, reason: text });
    }
  }
}
