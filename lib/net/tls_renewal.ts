import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";
import type { TlsFiles, TlsIdentity } from "./tls_files.ts";

/** Milliseconds between two checks of the files: a certificate is renewed days before it ends. */
export const RENEWAL_MS = 10_000;

/** What listens with a certificate. */
export interface TlsUser {
  /** Uses another identity for new connections; existing ones are not affected. */
  renew(identity: TlsIdentity): Promise<void> | void;
}

/** Passes a renewed certificate to listeners; connections stay open. */
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
   * Starts to check the files.
   *
   * @param files The files.
   * @param users What uses the identity in them.
   * @param ticker Drives the checks.
   * @param logger Logs each renewal, and once each reason why one failed.
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

  /** Checks the files when it is time. */
  tick(): void {
    if (this.#ticker.now - this.#lookedAt < RENEWAL_MS) return;
    this.look();
  }

  /** Checks the files now; resolves when that is done, and never rejects. */
  look(): Promise<void> {
    this.#lookedAt = this.#ticker.now;
    return this.#looking ??= this.#renew().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Stops checking; resolves when no renewal is in progress. */
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

  /** While one of the two files has been replaced and the other has not, this is normal and passes. */
  #complain(reason: string): void {
    if (reason === this.#complained) return;
    this.#complained = reason;
    this.#logger.log("tls-error", { reason });
  }
}
