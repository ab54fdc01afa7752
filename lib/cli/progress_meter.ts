import { formatBytes } from "../config/values.ts";
import { canDraw, say } from "./terminal.ts";

/** Milliseconds between two updates of the line. */
const DRAW_MS = 1000;

/** Counts the bytes that pass, and shows them in one line of the terminal, like pv. */
export class ProgressMeterStream
  extends TransformStream<Uint8Array, Uint8Array> {
  /** Bytes that have passed. */
  bytes = 0;
  readonly #started = performance.now();
  #bytesBefore = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Starts to count; shows nothing if it is `quiet`, or stderr is no terminal. */
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

  /** Shows the final count, once the stream has ended. */
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
    say(`\r${progressLine(elapsed, this.bytes, bits)}\x1b[K`);
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
  const rate = formatBytes(bitrate).replace(/B$/, "bit/s");
  return `${hours}:${minutes}:${seconds}  ${formatBytes(bytes)}  ${rate}`;
}
