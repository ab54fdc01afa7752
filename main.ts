import { main } from "./lib/cli/main.ts";
import type * as ClusterModule from "./lib/cluster/cluster.ts";

function loadCluster(): Promise<typeof ClusterModule> {
  return import("./lib/cluster/cluster.ts");
}

if (import.meta.main) Deno.exit(await main(Deno.args, undefined, loadCluster));
