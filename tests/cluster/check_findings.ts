import { check } from "../../lib/cli/commands/check.ts";
import * as cluster from "../../lib/cluster/cluster.ts";
import { usersFolder } from "../helpers/start_server.ts";

/** The findings of `fstream check` for a NATS. */
export async function natsFindings(
  ...flags: [string, string][]
): Promise<string[]> {
  const users = await usersFolder(["fier"]);
  const found = await check(
    new Map([
      ["users", users],
      ["listen", "127.0.0.1:0"],
      ["connections", "16"],
      ...flags,
    ]),
    () => Promise.resolve(cluster),
  );
  await Deno.remove(users, { recursive: true });
  return found.map(({ level, problem }) => `${level}: ${problem}`);
}
