import type { Config } from "../../config/config.ts";
import { messageOf } from "../../errors.ts";
import { checkCluster, type LoadCluster } from "../../server/open_cluster.ts";
import { fault, type Finding, warning } from "./finding.ts";

/**
 * Connects to NATS and sends a message through it, if the settings name one.
 *
 * @param where Where that is set, for the finding.
 * @param load Loads what connects servers.
 */
export async function checkNats(
  config: Config,
  where: string,
  load: LoadCluster | undefined,
): Promise<Finding[]> {
  if (config.nats.length === 0) return [];
  try {
    const problem = await checkCluster(config, load);
    if (problem === undefined) return [];
    const advice =
      "the server would start and serve alone until NATS lets it in: see that nats-server runs at that address, and what it asks for (nats-credentials, nats-ca)";
    return [warning(`${where}: NATS cannot be used: ${problem}`, advice)];
  } catch (error) {
    const advice = "name files that the server's user can read";
    return [fault(`${where}: ${messageOf(error)}`, advice)];
  }
}
