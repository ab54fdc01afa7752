import { assertEquals, assertLess } from "@std/assert";
import {
  needsBrowser,
  pageStalledAt,
  startBrowser,
  type TestBrowser,
} from "../helpers/browser.ts";
import { Site, SITE_CONTAINERS, type SiteContainer } from "../helpers/site.ts";
import {
  age,
  FIRST_PICTURE_MS,
  joinLate,
  MAX_BEHIND_S,
  pause,
  SETTLE_MS,
  type Viewing,
} from "../helpers/viewing.ts";

/** Samples, a quarter of a second apart, that must be near live: ten seconds. */
const SAMPLES = 40;

/** Samples at most, so that a machine that stalls all the time fails the test. */
const MAX_SAMPLES = 100;

/**
 * Milliseconds for which a stall of the machine excuses a player: the missed media arrives at once, and
 * the player jumps only after its buffer was stable for twice as long as the stall, at least two seconds.
 */
const RECOVERY_MS = 5000;

/** Players at once, because a machine without a graphics card decodes only a few. */
const VIEWERS = 2;

/** Samples of a player. */
interface Samples {
  /** Seconds behind live in each sample, for the message of a failure. */
  readonly ages: number[];
  /** Samples that were near live. */
  near: number;
  /** Samples that were not, without a stall of the machine before them. */
  late: number;
}

/** Samples a player until it was near live often enough. */
async function sample(site: Site, viewing: Viewing): Promise<Samples> {
  const samples: Samples = { ages: [], near: 0, late: 0 };
  while (samples.near < SAMPLES && samples.ages.length < MAX_SAMPLES) {
    const seconds = await age(viewing);
    samples.ages.push(seconds);
    if (seconds < MAX_BEHIND_S) samples.near++;
    else if (!await hasStalled(site, viewing)) samples.late++;
    await pause(250);
  }
  return samples;
}

/** Whether the machine recently stalled ffmpeg, server or page, which no player can make up for. */
async function hasStalled(
  site: Site,
  { page, source }: Viewing,
): Promise<boolean> {
  const inPage = await pageStalledAt(page);
  const last = Math.max(inPage, site.stalledAt, source.stalledAt);
  return Date.now() - last < RECOVERY_MS;
}

/** Joins late, samples, and leaves. */
async function staysNearLive(
  site: Site,
  browser: TestBrowser,
  container: SiteContainer,
): Promise<void> {
  const viewing = await joinLate(site, browser, container);
  await pause(SETTLE_MS);
  const { ages, near, late } = await sample(site, viewing);
  await viewing.page.close();
  await viewing.source.end();
  const { shown } = viewing;
  const seconds = ages.map((age) => age.toFixed(2)).join(" ");
  const message = `${container}: ${Math.round(shown)} ms, then ${seconds} s`;
  assertLess(shown, FIRST_PICTURE_MS, message);
  // A frozen picture is later with each sample.
  assertEquals({ near, late }, { near: SAMPLES, late: 0 }, message);
}

Deno.test({
  ...needsBrowser(
    "watch pages: a late joiner of each container sees it at once, and stays near live for 10 s",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await Promise.all(SITE_CONTAINERS.map((each) => site.encode(each)));
    for (let first = 0; first < SITE_CONTAINERS.length; first += VIEWERS) {
      const some = SITE_CONTAINERS.slice(first, first + VIEWERS);
      await Promise.all(some.map((each) => staysNearLive(site, browser, each)));
    }
    assertEquals(browser.complaints, []);
  },
});
