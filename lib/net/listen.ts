import type { TlsIdentity } from "./tls_files.ts";
import { type Address, formatAddress } from "./address.ts";

/** What connections are accepted from. */
export interface Listener {
  /** Where it listens, with the port that the system chose. */
  readonly addr: Deno.NetAddr;
  /** Waits for the next connection. */
  accept(): Promise<Deno.TcpConn | Deno.TlsConn>;
  /** Listens no more; a waiting `accept` rejects. */
  close(): void;
}

/**
 * Listens at one address. No host means every address: one socket takes IPv6 and IPv4 alike.
 *
 * @param address Where; port 0 lets the system choose.
 * @throws {Deno.errors.AddrInUse} and the like when it cannot be had, with the address in its words.
 */
export function listen(address: Address): Deno.TcpListener {
  return anywhere(address, (where) => Deno.listen(where));
}

/**
 * The same with TLS. Each handshake is a matter of its own connection's first read, and holds nobody up.
 *
 * @param address Where; port 0 lets the system choose.
 * @param identity What the server shows.
 * @throws {Deno.errors.AddrInUse} and the like when it cannot be had, with the address in its words.
 */
export function listenTls(
  address: Address,
  identity: TlsIdentity,
): Deno.TlsListener {
  return anywhere(
    address,
    (where) => Deno.listenTls({ ...where, ...identity }),
  );
}

type Where = { readonly hostname: string; readonly port: number };

function anywhere<T>({ host, port }: Address, bind: (where: Where) => T): T {
  if (host !== "") return named(bind, { hostname: host, port });
  try {
    return named(bind, { hostname: "::", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    return named(bind, { hostname: "0.0.0.0", port }); // The machine has no IPv6.
  }
}

/** An error is told with the address in its words. */
function named<T>(bind: (where: Where) => T, where: Where): T {
  try {
    return bind(where);
  } catch (error) {
    if (error instanceof Error) {
      const address = formatAddress({ host: where.hostname, port: where.port });
      error.message = `Cannot listen at ${address}: ${error.message}`;
    }
    throw error;
  }
}
