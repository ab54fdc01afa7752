import { Refusal } from "../errors.ts";
import { parseAddress } from "../net/address.ts";
import type { Session } from "./context.ts";

/**
 * Counts a client behind a trusted proxy in its own network; other clients are counted when they connect.
 *
 * @throws {Refusal} `limit` when there are too many.
 */
export function countClient(
  { connection, context, remote }: Session,
): Disposable {
  if (!connection.viaProxy) return { [Symbol.dispose](): void {} };
  const { host } = parseAddress(remote, 0);
  const problem = context.connections.acquireNetwork(host);
  if (problem) throw new Refusal("limit", "too many connections", problem);
  return {
    [Symbol.dispose]: (): void => context.connections.releaseNetwork(host),
  };
}
