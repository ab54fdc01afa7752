import { formatBytes } from "../config/values.ts";
import { canDraw, say } from "./terminal.ts";
import type { Transfer } from "./transfer.ts";
import { formatLag, formatRate } from "./transfer_summary.ts";

/** Milliseconds between two updates of the line. */
const DRAW_MS = 1000;

/** Shows a transfer in one line of the terminal, like pv. */
export class ProgressMeter {
  readonly #transfer: Transfer;
  readonly #startedAt = performance.now();
  #bytesBefore = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Starts; shows nothing if it is `quiet`, or stderr is no terminal. */
  constructor(transfer: Transfer, quiet: boolean) {
    this.#transfer = transfer;
    if (!quiet && canDraw()) {
      this.#timer = setInterval(() => this.#draw(), DRAW_MS);
    }
  }

  /** Shows the final figures, once the transfer has ended. */
  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#draw();
    say("\n");
  }

  #draw(): void {
    const { bytes } = this.#transfer;
    const elapsed = (performance.now() - this.#startedAt) / 1000;
    const bits = (bytes - this.#bytesBefore) * 8 * 1000 / DRAW_MS;
    this.#bytesBefore = bytes;
    const line = progressLine(elapsed, bytes, bits);
    say(`\r${[line, ...details(this.#transfer)].join("  ")}\x1b[K`);
  }
}

/**
 * The text of the line.
 *
 * @param elapsed Seconds.
 * @param bytes Bytes so far.
 * @param bitrate Bits per second.
 */
export function progressLine(
  elapsed: number,
  bytes: number,
  bitrate: number,
): string {
  const whole = Math.floor(elapsed);
  const hours = Math.floor(whole / 3600);
  const minutes = String(Math.floor(whole / 60) % 60).padStart(2, "0");
  const seconds = String(whole % 60).padStart(2, "0");
  const time = `${hours}:${minutes}:${seconds}`;
  return `${time}  ${formatBytes(bytes)}  ${formatRate(bitrate)}`;
}

/** What is worth a mention besides the figures that every transfer has. */
export function details(transfer: Transfer): string[] {
  const { retained = 0, reconnects, isBroken, behind } = transfer;
  const lost = "lost" in transfer ? transfer.lost : 0;
  return [
    ...(behind === undefined ? [] : [formatLag(behind)]),
    ...(retained > 0 ? [`${formatBytes(retained)} retained`] : []),
    ...(lost === undefined ? ["bytes lost"] : []),
    ...(lost ? [`${formatBytes(lost)} lost`] : []),
    ...(reconnects > 0 ? [`${reconnects} reconnects`] : []),
    ...(isBroken ? ["reconnecting"] : []),
  ];
}
