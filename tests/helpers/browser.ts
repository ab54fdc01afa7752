import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { hasFfmpeg } from "./ffmpeg.ts";
import { STALL_MS } from "./site.ts";

/** Where Chromium is installed, as far as distributions agree. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** No sandbox, because tests run as root in containers; no talk to the outside. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--host-resolver-rules=MAP vps.example 127.0.0.1",
];

/** Small, because each pixel costs time without a graphics card. */
const VIEWPORT = { width: 480, height: 640 };

/** A name that the browser resolves to loopback, but that is not a secure context. */
export const PLAIN_HOST = "vps.example";

/** Where Chromium is, if it is. */
const CHROMIUM = PLACES.find(isFile);

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A test's name and whether it is skipped; the name says what is missing. */
export function needsBrowser(name: string): { name: string; ignore: boolean } {
  const missing = [CHROMIUM ? "" : "Chromium", hasFfmpeg ? "" : "ffmpeg"]
    .filter((
      word,
    ) => word);
  return {
    name: missing.length === 0
      ? name
      : `${name} (skipped: ${missing.join(" and ")} not installed)`,
    ignore: missing.length > 0,
  };
}

/** A browser that is closed when its test ends. */
export interface TestBrowser extends AsyncDisposable {
  /** Errors and dialogs of the pages, which there should not be. */
  readonly complaints: readonly string[];
  /** Opens a page. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Starts Chromium; `await using` closes it. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    headless: true,
    args: FLAGS,
    ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
  });
  const complaints: string[] = [];
  return {
    complaints,
    async open(url, options = {}): Promise<Page> {
      const context = await browser.newContext({
        viewport: VIEWPORT,
        ...options,
      });
      const page = await context.newPage();
      page.on(
        "pageerror",
        (error) => complaints.push(`${url}: ${error.message}`),
      );
      page.on("dialog", (dialog) => {
        complaints.push(`${url}: a dialog says ${dialog.message()}`);
        dialog.dismiss();
      });
      await page.addInitScript(FIRST_PICTURE_SCRIPT + STALL_SCRIPT);
      await page.goto(url);
      return page;
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Notes in the page when its scripts have run, and when its first picture or sound was shown. */
const FIRST_PICTURE_SCRIPT = `
  document.addEventListener("DOMContentLoaded", () => {
    globalThis.begun = performance.now();
    const video = document.getElementById("video");
    const note = () => globalThis.firstShown ??= performance.now();
    video?.requestVideoFrameCallback(note);
    video?.addEventListener("timeupdate", () => video.currentTime > 0 && !video.videoWidth && note());
  });
`;

/** Notes in the page when its own timer was last late. */
const STALL_SCRIPT = `
  let last = Infinity;
  globalThis.stalledAt = -Infinity;
  setInterval(() => {
    const now = Date.now();
    if (now - last > 50 + ${STALL_MS}) globalThis.stalledAt = now;
    last = now;
  }, 50);
`;

/**
 * When a page was last stalled.
 *
 * @param page Any page of the browser's.
 * @returns Milliseconds of `Date.now()`; `-Infinity` when it never was.
 */
export async function pageStalledAt(page: Page): Promise<number> {
  return await page.evaluate("stalledAt") as number;
}

/** What was noted; a canvas has no events of its own. */
const FIRST_SHOWN = `(globalThis.firstShown ??=
  canvas.hidden || !overlay.hidden ? undefined : performance.now()) - globalThis.begun`;

/** Milliseconds between two samples of a page. */
const SAMPLE_MS = 50;

/**
 * Milliseconds from the scripts' start, when the page connects, to the first picture or sound.
 *
 * @param page A watch page.
 * @param deadline Milliseconds after which it is given up.
 * @returns Infinity when there was none.
 */
export async function firstShown(
  page: Page,
  deadline: number,
): Promise<number> {
  // The page's policy forbids what playwright has for waiting; asking from outside is allowed.
  for (let waited = 0; waited < deadline; waited += SAMPLE_MS) {
    const shown = await page.evaluate(FIRST_SHOWN) as number;
    if (!Number.isNaN(shown)) return shown;
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  return Infinity;
}
