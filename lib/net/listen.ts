import { type Address, formatAddress } from "./address.ts";

/**
 * Listens at one address. No host means every address: one socket takes IPv6 and IPv4 alike.
 *
 * @param address Where; port 0 lets the system choose.
 * @throws {Deno.errors.AddrInUse} and the like when it is not available; the message names the address.
 */
export function listen({ host, port }: Address): Deno.TcpListener {
  if (host !== "") return listenAt(host, port);
  try {
    return listenAt("::", port);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    return listenAt("0.0.0.0", port); // The machine has no IPv6.
  }
}

function listenAt(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    if (error instanceof Error) {
      const address = formatAddress({ host: hostname, port });
      error.message = `Cannot listen at ${address}: ${error.message}`;
    }
    throw error;
  }
}
