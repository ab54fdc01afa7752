import { messageOf } from "../../errors.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import { fault, type Finding } from "./finding.ts";

/** File descriptors that the program needs beside its connections: the runtime's, listeners, files. */
export const SPARE_DESCRIPTORS = 64;

/** The first port that anybody may listen on (ip(7), ip_unprivileged_port_start). */
const FIRST_FREE_PORT = 1024;

/**
 * Listens at each address for a moment.
 *
 * @param addresses Where the server would listen.
 * @param where What asks for it, for the finding.
 */
export function checkPorts(
  addresses: readonly Address[],
  where: string,
): Finding[] {
  return addresses.flatMap((address) => {
    try {
      // No host means all addresses: what the front does, the wildcard of both protocols.
      Deno.listen({ hostname: address.host || "::", port: address.port })
        .close();
      return [];
    } catch (error) {
      const problem = `${where}: Cannot listen at ${formatAddress(address)}`;
      const advice = portAdvice(error, address);
      return [fault(`${problem}: ${messageOf(error)}`, advice)];
    }
  });
}

function portAdvice(error: unknown, { port }: Address): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `another program listens there (ss -ltnp 'sport = ${port}' names it): end it, or choose another port`;
  }
  if (error instanceof Deno.errors.PermissionDenied && port < FIRST_FREE_PORT) {
    return `ports below ${FIRST_FREE_PORT} are root's: choose a higher one, or run it as fstream systemd has it`;
  }
  return "choose an address of this machine (ip address lists them), or none for all of them";
}

/**
 * Opens as many file descriptors as the server may need, and closes them again: asking the system for
 * its limit takes a permission that the program does not have.
 *
 * @param connections Connections in all.
 * @param where What asks for so many, for the finding.
 * @param path A file that can be opened.
 */
export function checkDescriptors(
  connections: number,
  where: string,
  path: string = Deno.execPath(),
): Finding[] {
  const wanted = connections + SPARE_DESCRIPTORS;
  const had = descriptors(wanted, path);
  if (had >= wanted) return [];
  const problem =
    `${where}: ${connections} connections need ${wanted} file descriptors, and only ${had} can be had`;
  const advice =
    `ulimit -n ${wanted}, LimitNOFILE=${wanted} in a unit of systemd, or fewer connections`;
  return [fault(problem, advice)];
}

function descriptors(wanted: number, path: string): number {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < wanted) files.push(Deno.openSync(path));
  } catch (error) {
    // Too many open files has no class of its own: whatever stops it is the limit.
    if (files.length === 0) throw error;
  } finally {
    for (const file of files) file.close();
  }
  return files.length;
}
