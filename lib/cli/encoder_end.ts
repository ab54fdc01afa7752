import { Interrupted } from "./end_signal.ts";

/** Milliseconds without a byte after which an encoder counts as finished. */
const QUIET_MS = 250;

/** Milliseconds that an encoder may take for its last bytes. */
const ENCODER_END_MS = 2000;

/** Milliseconds to wait for the server to take what was read. */
const GIVE_UP_MS = 5000;

/** What is known of the broadcast that ends. */
export interface EncoderEndOptions {
  /** Aborted, with an {@linkcode Interrupted} as its reason, when the program is asked to end. */
  readonly signal: AbortSignal;
  /** Bytes read so far. */
  readonly bytes: () => number;
  /** Ends the broadcast although the server has not taken all of it. */
  readonly giveUp: () => void;
  /** Milliseconds until `giveUp` is called. Default 5 s. */
  readonly giveUpMs?: number;
}

/**
 * Decides when a broadcast ends that is asked to. Ctrl-C reaches the encoder in the same pipeline too, so
 * its last bytes are waited for while they keep coming; SIGTERM is meant for this program alone.
 */
export class EncoderEnd implements Disposable {
  readonly #options: EncoderEndOptions;
  readonly #ended = new AbortController();
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #gaveUp = false;

  /** Starts to listen to the signal. */
  constructor(options: EncoderEndOptions) {
    this.#options = options;
    const { signal } = options;
    if (signal.aborted) this.#begin();
    else signal.addEventListener("abort", this.#begin, { once: true });
  }

  /** Aborted when no further byte is to be read. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Whether the server did not take the last bytes in time. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** Ends all waiting. */
  [Symbol.dispose](): void {
    this.#options.signal.removeEventListener("abort", this.#begin);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  readonly #begin = (): void => {
    const { signal: { reason }, giveUp, giveUpMs } = this.#options;
    this.#timers.push(setTimeout(() => {
      this.#gaveUp = true;
      giveUp();
    }, giveUpMs ?? GIVE_UP_MS));
    if (!(reason instanceof Interrupted) || reason.signal !== "SIGINT") {
      return this.#ended.abort();
    }
    this.#timers.push(
      setTimeout(() => this.#ended.abort(), ENCODER_END_MS),
      setInterval(this.#endIfQuiet(), QUIET_MS),
    );
  };

  #endIfQuiet(): () => void {
    let before = this.#options.bytes();
    return () => {
      const bytes = this.#options.bytes();
      if (bytes === before) this.#ended.abort();
      before = bytes;
    };
  }
}
