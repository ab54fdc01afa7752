import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import {
  LiveEdge,
  TICK_MS,
} from "../../../../lib/web/pages/players/live_edge.js";

/** Seconds per tick. */
const TICK_S = TICK_MS / 1000;

/** A media element with a simulated clock, fed with fragments. */
class FakeMedia extends EventTarget {
  paused = false;
  seeking = false;
  playbackRate = 1;
  stalls = 0;
  seeks = 0;
  readonly #begin: number;
  #end: number;
  #time = 0;
  #isStalled = true;

  constructor(begin: number, end: number) {
    super();
    this.#begin = begin;
    this.#end = end;
  }

  get buffered(): { length: number; start: () => number; end: () => number } {
    return {
      length: this.#end > this.#begin ? 1 : 0,
      start: () => this.#begin,
      end: () => this.#end,
    };
  }

  get currentTime(): number {
    return this.#time;
  }

  set currentTime(time: number) {
    this.seeks++;
    this.#time = time;
  }

  /** Media arrives up to `end`. */
  append(end: number): void {
    this.#end = end;
  }

  /** Plays for a tick, as far as there is media. */
  play(): void {
    const inside = this.#time >= this.#begin && this.#time < this.#end - 0.001;
    if (inside && !this.paused) {
      this.#time = Math.min(this.#end, this.#time + TICK_S * this.playbackRate);
    }
    if (!inside && !this.#isStalled) {
      this.stalls++;
      this.dispatchEvent(new Event("waiting"));
    }
    this.#isStalled = !inside;
  }
}

interface Scene {
  /** Seconds per fragment. */
  readonly fragment: number;
  /** Seconds of media when the viewer joins. */
  readonly backlog: number;
  /** The server's gap in seconds. */
  readonly gap: number;
  /** Seconds to play. */
  readonly seconds: number;
  /** From which to which second nothing arrives. */
  readonly pause?: readonly [number, number];
}

/** Plays a scene on a simulated clock; timestamps begin at 100 s, because those of live streams begin anywhere. */
function play({ fragment, backlog, gap, seconds, pause = [0, 0] }: Scene): {
  media: FakeMedia;
  edge: LiveEdge;
  behind: () => number;
} {
  let now = 0;
  const media = new FakeMedia(100, 100 + backlog);
  const edge = new LiveEdge(media as never, {
    gap,
    now: () => now * 1000,
  });
  media.addEventListener("waiting", () => edge.stalled());
  const ticks = Math.round(seconds / TICK_S);
  for (let tick = 1; tick <= ticks; tick++) {
    now = tick * TICK_S;
    const live = Math.floor(now / fragment + 1e-9) * fragment;
    if (now < pause[0] || now >= pause[1]) media.append(100 + backlog + live);
    media.play();
    edge.tick();
  }
  return { media, edge, behind: () => 100 + backlog + now - media.currentTime };
}

Deno.test("LiveEdge enters the buffer where timestamps do not begin at 0", () => {
  const { media } = play({
    fragment: 0.1,
    backlog: 0.2,
    gap: 0.1,
    seconds: 0.3,
  });
  assertGreater(media.currentTime, 99.9);
});

Deno.test("LiveEdge gets from a backlog of seconds to below 0.7 s in a second, without a stall", () => {
  const { media, behind } = play({
    fragment: 0.1,
    backlog: 6,
    gap: 0.1,
    seconds: 1,
  });
  assertLess(behind(), 0.7);
  assertEquals(media.stalls, 0);
});

Deno.test("LiveEdge stays behind long fragments by their length, without a stall", () => {
  for (const fragment of [0.3, 1, 2]) {
    const { media, behind } = play({
      fragment,
      backlog: fragment,
      gap: fragment,
      seconds: 40,
    });
    assertEquals(media.stalls, 0, `fragments of ${fragment} s`);
    assertLess(behind(), fragment + 0.8, `fragments of ${fragment} s`);
  }
});

Deno.test("LiveEdge.behind includes the time since the last arrival", () => {
  const { edge, behind } = play({
    fragment: 2,
    backlog: 2,
    gap: 2,
    seconds: 31,
  });
  assert(
    Math.abs(edge.behind - behind()) < 0.15,
    `${edge.behind} is not ${behind()}`,
  );
});

Deno.test("LiveEdge recovers after a pause of the broadcaster, and buffers more", () => {
  const { media, behind } = play({
    fragment: 0.1,
    backlog: 1,
    gap: 0.1,
    seconds: 40,
    pause: [5, 8],
  });
  assertLess(media.stalls, 3);
  assertLess(behind(), 1);
});

Deno.test("LiveEdge plays at most 15 % faster, and at normal speed once it is live", () => {
  const { media } = play({ fragment: 0.1, backlog: 1.2, gap: 1, seconds: 5 });
  assert(media.playbackRate <= 1.15);
  const later = play({ fragment: 0.1, backlog: 1.2, gap: 0.1, seconds: 60 });
  assertEquals(later.media.playbackRate, 1);
});
