import type { Page } from "playwright-core";
import { firstShown, type TestBrowser } from "./browser.ts";
import { pictureAge } from "./painted_counter.ts";
import type { Site, SiteContainer, Source } from "./site.ts";

/** Milliseconds from a page's connecting to its first picture, at most. */
export const FIRST_PICTURE_MS = 2000;

/** Seconds that a picture may be old once the page has settled, in each sample. */
export const MAX_BEHIND_S = 1.5;

/** Milliseconds after the first picture in which a player may still approach live. */
export const SETTLE_MS = 2000;

/** Milliseconds from a broadcast's start to its joiners: more than one keyframe interval. */
const JOIN_LATE_MS = 3000;

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Broadcasts a container, and opens its page a while later.
 *
 * @param origin Where the page comes from, if not from the site itself.
 */
export async function joinLate(
  site: Site,
  browser: TestBrowser,
  container: SiteContainer,
  origin: string = site.origin,
): Promise<Viewing> {
  const source = await site.broadcast(container);
  await pause(JOIN_LATE_MS);
  const page = await browser.open(`${origin}/fier/${container}`);
  return { container, page, source, shown: await firstShown(page, 10_000) };
}

/** A channel that is watched. */
export interface Viewing {
  /** What is sent. */
  readonly container: SiteContainer;
  /** Its watch page. */
  readonly page: Page;
  /** What sends it. */
  readonly source: Source;
  /** Milliseconds to its first picture. */
  readonly shown: number;
}

/** Seconds that a viewer is behind live; for audio, only the page itself knows them. */
export async function age(
  { container, page, source }: Viewing,
): Promise<number> {
  return container === "mp3"
    ? await saidBehind(page)
    : await pictureAge(page, source.begun);
}

/** What the page itself says, in seconds behind. */
export async function saidBehind(page: Page): Promise<number> {
  return parseFloat(await page.textContent("#behind") ?? "");
}
