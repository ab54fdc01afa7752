import { type Address, formatAddress } from "./address.ts";

/**
 * Listens at one address. No host means every address: one socket takes IPv6 and IPv4 alike.
 *
 * @param address Where; port 0 lets the system choose.
 * @param reusePort Whether other servers of this machine may listen there too; the system spreads connections.
 * @throws {Deno.errors.AddrInUse} and the like when it is not available; the message names the address.
 */
export function listen(
  { host, port }: Address,
  reusePort = false,
): Deno.TcpListener {
  if (host !== "") return listenAt(host, port, reusePort);
  try {
    return listenAt("::", port, reusePort);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    return listenAt("0.0.0.0", port, reusePort); // The machine has no IPv6.
  }
}

function listenAt(
  hostname: string,
  port: number,
  reusePort: boolean,
): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port, reusePort });
  } catch (error) {
    if (error instanceof Error) {
      const address = formatAddress({ host: hostname, port });
      error.message = `Cannot listen at ${address}: ${error.message}`;
    }
    throw error;
  }
}
