/** The program without its part for clusters, to be compared with: what that part costs those who do not use it. */
import { main } from "../../lib/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
