import { formatBytes } from "../config/values.ts";
import { canDraw, say } from "./terminal.ts";

/** Milliseconds between two drawings of the live line. */
const DRAW_MS = 1000;

/** Counts the bytes that pass, and shows them as one live line on a terminal, like pv. */
export class MeterStream extends TransformStream<Uint8Array, Uint8Array> {
  /** Bytes that have passed. */
  bytes = 0;
  readonly #started = performance.now();
  #bytesBefore = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Begins to count.
   *
   * @param quiet Shows nothing, also on a terminal.
   */
  constructor(quiet: boolean) {
    super({
      transform: (chunk, controller): void => {
        this.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    if (!quiet && canDraw()) {
      this.#timer = setInterval(() => this.#draw(), DRAW_MS);
    }
  }

  /** Takes the live line away; to be called once the stream is over. */
  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#draw();
    say("\n");
  }

  #draw(): void {
    const elapsed = (performance.now() - this.#started) / 1000;
    const bits = (this.bytes - this.#bytesBefore) * 8 * 1000 / DRAW_MS;
    this.#bytesBefore = this.bytes;
    say(`\r${meterLine(elapsed, this.bytes, bits)}\x1b[K`);
  }
}

/**
 * The live line's text.
 *
 * @param elapsed Seconds.
 * @param bytes Bytes in all.
 * @param bitrate Bits in the last second.
 */
export function meterLine(
  elapsed: number,
  bytes: number,
  bitrate: number,
): string {
  const whole = Math.floor(elapsed);
  const hours = Math.floor(whole / 3600);
  const minutes = String(Math.floor(whole / 60) % 60).padStart(2, "0");
  const seconds = String(whole % 60).padStart(2, "0");
  const rate = formatBytes(bitrate).replace(/B$/, "bit/s");
  return `${hours}:${minutes}:${seconds}  ${formatBytes(bytes)}  ${rate}`;
}
