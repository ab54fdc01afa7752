import type { ServerContext } from "./context.ts";

/** Addresses that a peer is told, at most. */
const MAX_SERVERS = 16;

/**
 * Where a peer can go that has to leave this server, as its last message says it: addresses with spaces between them.
 *
 * @returns `undefined` when there are none.
 */
export function serverList(
  { otherServers }: Pick<ServerContext, "otherServers">,
): string | undefined {
  const servers = otherServers().slice(0, MAX_SERVERS);
  return servers.length > 0 ? servers.join(" ") : undefined;
}
