import { messageOf } from "../../errors.ts";
import type { Address } from "../../net/address.ts";
import { listen } from "../../net/listen.ts";
import { isPrivileged } from "../privileged_ports.ts";
import { fault, type Finding } from "./finding.ts";

/** Addresses of one setting. */
export interface WantedAddresses {
  /** The setting's name. */
  readonly setting: string;
  /** Where it is set, for the finding. */
  readonly where: string;
  /** Where the server would listen. */
  readonly addresses: readonly Address[];
}

/** Listens at all addresses for a moment, at the same time, as the server would. */
export function checkPorts(wanted: readonly WantedAddresses[]): Finding[] {
  const listeners: Deno.TcpListener[] = [];
  const findings: Finding[] = [];
  for (const { setting, where, addresses } of wanted) {
    for (const address of addresses) {
      try {
        listeners.push(listen(address));
      } catch (error) {
        const advice = listenAdvice(error, address, setting);
        findings.push(fault(`${where}: ${messageOf(error)}`, advice));
      }
    }
  }
  for (const listener of listeners) listener.close();
  return findings;
}

/**
 * What to do when the server cannot listen at an address.
 *
 * @param setting The setting that names the address.
 */
export function listenAdvice(
  error: unknown,
  { port }: Address,
  setting: string,
): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `another program listens there (ss -ltnp 'sport = ${port}' names it): end it, or choose another port with --${setting}`;
  }
  if (error instanceof Deno.errors.PermissionDenied && isPrivileged(port)) {
    return `port ${port} is reserved to root: choose one from 1024 with --${setting}, or run the service that fstream systemd prints`;
  }
  return `name an address of this machine with --${setting} (ip address lists them), or only a port for all of them`;
}
