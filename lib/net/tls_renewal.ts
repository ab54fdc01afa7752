import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";
import type { TlsFiles, TlsIdentity } from "./tls_files.ts";

/** Milliseconds between two looks at the files: a certificate is renewed days before it ends. */
export const RENEWAL_MS = 10_000;

/** What listens with a certificate. */
export interface TlsUser {
  /** Uses another one for whoever connects from now on; the others go on as they are. */
  renew(identity: TlsIdentity): Promise<void> | void;
}

/** Hands a renewed certificate to the fronts, without cutting anybody. */
export class TlsRenewal implements Tickable {
  readonly #files: TlsFiles;
  readonly #users: readonly TlsUser[];
  readonly #ticker: Ticker;
  readonly #logger: Logger;
  #lookedAt: number;
  #looking: Promise<void> | undefined;
  #pending = false;
  #complained = "";

  /**
   * Begins to look at the files.
   *
   * @param files The files.
   * @param users Who is handed what is new in them.
   * @param ticker Wakes it.
   * @param logger Told of each renewal, and once of each reason why there is none.
   */
  constructor(
    files: TlsFiles,
    users: readonly TlsUser[],
    ticker: Ticker,
    logger: Logger,
  ) {
    this.#files = files;
    this.#users = users;
    this.#ticker = ticker;
    this.#logger = logger;
    this.#lookedAt = ticker.now;
    ticker.add(this);
  }

  /** Looks at the files when it is time. */
  tick(): void {
    if (this.#ticker.now - this.#lookedAt < RENEWAL_MS) return;
    this.look();
  }

  /** Looks at the files now; resolves when that is done, and never rejects. */
  look(): Promise<void> {
    this.#lookedAt = this.#ticker.now;
    return this.#looking ??= this.#renew().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Looks at them no more; resolves when no renewal is under way. */
  async close(): Promise<void> {
    this.#ticker.delete(this);
    await this.#looking;
  }

  async #renew(): Promise<void> {
    try {
      if (await this.#files.reload()) this.#pending = true;
      if (!this.#pending) return;
      const { identity } = this.#files;
      await Promise.all(this.#users.map((user) => user.renew(identity)));
      this.#pending = false;
      this.#complained = "";
      this.#logger.log("tls-renewed");
    } catch (error) {
      this.#complain(messageOf(error));
    }
  }

  /** Between two files that are written one after the other this is usual, and passes. */
  #complain(reason: string): void {
    if (reason === this.#complained) return;
    this.#complained = reason;
    this.#logger.log("tls-error", { reason });
  }
}
