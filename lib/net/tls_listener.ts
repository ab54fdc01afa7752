import type { TlsIdentity } from "./tls_files.ts";
import type { Address } from "./address.ts";
import { type Listener, listenTls } from "./listen.ts";

/** Milliseconds between two tries to have the port back from oneself. */
const REBIND_MS = 10;

/** Tries: three seconds, a hundred times what it takes. */
const REBIND_TRIES = 300;

/**
 * A TLS listener whose certificate can be changed. The runtime binds a certificate to a socket, so the
 * socket is changed: for some ten milliseconds nobody listens, and who is connected notices nothing.
 */
export class TlsListener implements Listener {
  readonly #address: Address;
  #listener: Deno.TlsListener;
  #renewing: Promise<void> | undefined;
  #closed = false;

  /**
   * Listens.
   *
   * @param address Where.
   * @param identity What the server shows.
   * @throws {Deno.errors.AddrInUse} and the like when the address cannot be had.
   */
  constructor(address: Address, identity: TlsIdentity) {
    this.#listener = listenTls(address, identity);
    const { hostname, port } = this.addr;
    // From now on the system chooses nothing any more.
    this.#address = { host: hostname, port };
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr as Deno.NetAddr;
  }

  /** Waits for the next connection, over renewals. */
  async accept(): Promise<Deno.TlsConn> {
    for (;;) {
      const listener = this.#listener;
      try {
        return await listener.accept();
      } catch (error) {
        await this.#renewing;
        if (this.#closed || this.#listener === listener) throw error;
      }
    }
  }

  /**
   * Shows another certificate to whoever connects from now on.
   *
   * @param identity What the server shows.
   * @throws {Deno.errors.AddrInUse} When somebody else has taken the port.
   */
  renew(identity: TlsIdentity): Promise<void> {
    return this.#renewing ??= this.#rebind(identity).finally(() => {
      this.#renewing = undefined;
    });
  }

  /** Listens no more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeOnce(this.#listener);
  }

  async #rebind(identity: TlsIdentity): Promise<void> {
    closeOnce(this.#listener);
    for (let tries = 1; !this.#closed; tries++) {
      try {
        this.#listener = listenTls(this.#address, identity);
        return;
      } catch (error) {
        const inUse = error instanceof Deno.errors.AddrInUse;
        if (!inUse || tries >= REBIND_TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, REBIND_MS));
    }
  }
}

/** It is closed already when a renewal did not get its port back. */
function closeOnce(listener: Deno.TlsListener): void {
  try {
    listener.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
