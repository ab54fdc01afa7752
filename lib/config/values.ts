/**
 * Values as people write them: sizes, durations and counts.
 *
 * @module
 */

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
};
const TIME_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

/** Seconds. The runtime's timers hold at most 2^31 - 1 ms, and fire at once for anything longer. */
export const MAX_TIME_S = 24 * 86_400;

/**
 * Reads a size.
 *
 * @param text Digits, and `K`, `M` or `G` for powers of 1024 (`8M`).
 * @returns Bytes.
 * @throws {SyntaxError} for anything else.
 */
export function parseSize(text: string): number {
  const match = /^(\d{1,12})([KMG]?)(?:i?B)?$/i.exec(text.trim());
  if (!match) {
    throw new SyntaxError(
      `expects a size such as 512K or 8M, not ${quote(text)}`,
    );
  }
  return Number(match[1]) * SIZE_UNITS[match[2]!.toUpperCase()]!;
}

/**
 * Reads a duration.
 *
 * @param text A number, and `s`, `m`, `h` or `d` (`30`, `30s`, `1.5m`).
 * @param most Seconds; what no timer waits for may be longer than timers can wait.
 * @returns Seconds.
 * @throws {SyntaxError} for anything else, and for more than that.
 */
export function parseSeconds(text: string, most: number = MAX_TIME_S): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([smhd]?)$/.exec(text.trim());
  if (!match) {
    throw new SyntaxError(
      `expects a time such as 30 or 2m, not ${quote(text)}`,
    );
  }
  const seconds = Number(match[1]) * TIME_UNITS[match[2]!]!;
  if (seconds <= most) return seconds;
  const days = most / TIME_UNITS.d!;
  throw new SyntaxError(`expects at most ${days}d, not ${quote(text)}`);
}

/** Seconds that small pieces may wait for more; `auto` for as long as the load demands. */
export type LingerTime = number | "auto";

/** Seconds: a longer wait would delay a radio station by more than its players buffer. */
const MAX_LINGER_S = 10;

/**
 * Reads a linger.
 *
 * @param text `auto`, or a duration as {@linkcode parseSeconds} reads it, of ten seconds at most.
 * @throws {SyntaxError} for anything else.
 */
export function parseLinger(text: string): LingerTime {
  if (text.trim() === "auto") return "auto";
  const seconds = parseSeconds(text);
  if (seconds <= MAX_LINGER_S) return seconds;
  throw new SyntaxError(`expects auto or at most 10s, not ${quote(text)}`);
}

/** How far a watcher may lag before it skips; what is Infinity does not count. */
export interface MaxLag {
  /** Bytes. */
  readonly bytes: number;
  /** Seconds since they arrived. */
  readonly seconds: number;
}

/** The backlog alone decides. */
export const AUTO_MAX_LAG: MaxLag = { bytes: Infinity, seconds: Infinity };

/** Bytes: less is a single picture, which arrives all at once. */
const MIN_MAX_LAG_BYTES = 64 * 1024;

/** Seconds: less is what every connection varies by. */
const MIN_MAX_LAG_S = 1;

/**
 * Reads how far a watcher may lag. Sizes need `K`, `M` or `G`, and times `s`, `m`, `h` or `d`: a number alone could be
 * either.
 *
 * @param text `auto`, a time of at least a second, or a size of at least 64K.
 * @throws {SyntaxError} for anything else.
 */
export function parseMaxLag(text: string): MaxLag {
  const trimmed = text.trim();
  if (trimmed === "auto") return AUTO_MAX_LAG;
  if (/[smhd]$/.test(trimmed)) {
    const seconds = parseSeconds(trimmed);
    if (seconds >= MIN_MAX_LAG_S) return { ...AUTO_MAX_LAG, seconds };
  } else if (/[KMGB]$/.test(trimmed)) {
    const bytes = parseSize(trimmed);
    if (bytes >= MIN_MAX_LAG_BYTES) return { ...AUTO_MAX_LAG, bytes };
  }
  throw new SyntaxError(
    `expects auto, a time such as 4s (at least 1s), or a size such as 2M (at least 64K), not ${
      quote(text)
    }`,
  );
}

/**
 * Reads a rate of bits.
 *
 * @param text A number, and `k` or `M` for powers of 1000, as encoders take it (`8M`, `2.5M`, `800k`).
 * @returns Bits per second.
 * @throws {SyntaxError} for anything else.
 */
export function parseBitRate(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kKM]?)$/.exec(text.trim());
  if (!match) {
    throw new SyntaxError(`expects a bit rate such as 8M, not ${quote(text)}`);
  }
  const unit = match[2] === "" ? 1 : match[2] === "M" ? 1e6 : 1e3;
  return Number(match[1]) * unit;
}

/**
 * Reads a switch.
 *
 * @param text `true`, `yes`, `on` or `1`, or the contrary; capitals do not count.
 * @throws {SyntaxError} for anything else.
 */
export function parseSwitch(text: string): boolean {
  if (/^(?:true|yes|on|1)$/i.test(text.trim())) return true;
  if (/^(?:false|no|off|0)$/i.test(text.trim())) return false;
  throw new SyntaxError(`expects true or false, not ${quote(text)}`);
}

/**
 * Reads a count.
 *
 * @throws {SyntaxError} for anything but digits.
 */
export function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  throw new SyntaxError(`expects a whole number, not ${quote(text)}`);
}

/** Writes a number of bytes for people, in decimal units. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  let value = Math.round(bytes);
  // What would be rounded up to 1000 belongs to the next unit.
  while (Number(value.toFixed(1)) >= 1000 && power < units.length - 1) {
    value /= 1000;
    power++;
  }
  const digits = power === 0 ? 0 : value < 9.995 ? 2 : 1;
  return `${value.toFixed(digits)} ${units[power]}`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
