/** State of a socket that listens, in hexadecimal: `TCP_LISTEN`. */
const LISTENING = "0A";

/**
 * How many sockets that were accepted at a port still have a descriptor; on Linux, IPv4. The kernel's table is read,
 * because the process's own list of descriptors changes with the tests that run in parallel.
 */
export function acceptedSockets(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const [, ...rows] = Deno.readTextFileSync("/proc/self/net/tcp").trim()
    .split("\n");
  return rows.filter((row) => {
    const fields = row.trim().split(/\s+/);
    // An inode of 0: the descriptor is closed, and the kernel is about to forget the connection.
    return fields[1]!.endsWith(local) && fields[3] !== LISTENING &&
      fields[9] !== "0";
  }).length;
}
