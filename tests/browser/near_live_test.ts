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

/** Looks, a quarter of a second apart, that have to be near live: ten seconds. */
const LOOKS = 40;

/** Looks at most, so that a machine that stalls all the time fails the test. */
const MAX_LOOKS = 100;

/**
 * Milliseconds for which a machine's stall excuses a player: what it has missed comes at once then, and
 * only a buffer without a dip, for twice as long as the stall and two seconds at least, proves that it
 * may jump.
 */
const RECOVERY_MS = 5000;

/** Players at once: what is tested is the player, not how many a machine without graphics decodes. */
const VIEWERS = 2;

/** What was seen of a player. */
interface Seen {
  /** Seconds, of all looks, for the message of a failure. */
  readonly ages: number[];
  /** Looks that were near live. */
  near: number;
  /** Looks that were not, and no stall of the machine's before them. */
  late: number;
}

/** Looks at a player until it was near live often enough. */
async function look(site: Site, viewing: Viewing): Promise<Seen> {
  const seen: Seen = { ages: [], near: 0, late: 0 };
  while (seen.near < LOOKS && seen.ages.length < MAX_LOOKS) {
    const seconds = await age(viewing);
    seen.ages.push(seconds);
    if (seconds < MAX_BEHIND_S) seen.near++;
    else if (!await hasStalled(site, viewing)) seen.late++;
    await pause(250);
  }
  return seen;
}

/** Whether ffmpeg, server or page were kept waiting by the machine, which no player can make good. */
async function hasStalled(
  site: Site,
  { page, source }: Viewing,
): Promise<boolean> {
  const inPage = await pageStalledAt(page);
  const last = Math.max(inPage, site.stalledAt, source.stalledAt);
  return Date.now() - last < RECOVERY_MS;
}

/** Joins late, looks, and goes away. */
async function staysNearLive(
  site: Site,
  browser: TestBrowser,
  container: SiteContainer,
): Promise<void> {
  const viewing = await joinLate(site, browser, container);
  await pause(SETTLE_MS);
  const { ages, near, late } = await look(site, viewing);
  await viewing.page.close();
  await viewing.source.end();
  const { shown } = viewing;
  const seconds = ages.map((age) => age.toFixed(2)).join(" ");
  const message = `${container}: ${Math.round(shown)} ms, then ${seconds} s`;
  assertLess(shown, FIRST_PICTURE_MS, message);
  // A picture that does not change, too, is later with each look.
  assertEquals({ near, late }, { near: LOOKS, late: 0 }, message);
}

Deno.test({
  ...needsBrowser(
    "watch pages: a late joiner of each container sees it at once, and for 10 s near live",
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
