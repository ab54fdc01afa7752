/**
 * Imported for its effect on the tests of one file: tickers and all that reads `performance.now()` see
 * time pass faster, so that limits of seconds are met in fractions of one. What waits with `setTimeout`,
 * such as the deadlines of the tests themselves, keeps its time.
 *
 * @module
 */

/** How many times faster: a tick of a ticker takes 50 ms, which a busy machine can keep. */
const SPEED = 5;

const now = performance.now.bind(performance);
performance.now = (): number => now() * SPEED;

const realInterval = setInterval;
globalThis.setInterval =
  ((callback: () => void, ms = 0) =>
    realInterval(callback, ms / SPEED)) as typeof setInterval;
