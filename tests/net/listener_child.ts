/**
 * A listener in a process of its own, whose file descriptors a test can limit. It echoes, writes a line for
 * each event, the ports first, and ends when its stdin does.
 *
 * @module
 */
import { Ticker } from "../../lib/clock/ticker.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { Listener } from "../../lib/net/listener.ts";
import { createLogger } from "../../lib/logger.ts";
import { echo, LOOPBACK } from "./listener_scene.ts";
import { identity } from "./tls_scene.ts";

// The runtime opens descriptors for signals late unless they are wanted, and panics when there are none.
Deno.addSignalListener("SIGTERM", () => Deno.exit());

const encoder = new TextEncoder();
const ticker = new Ticker(() => performance.now());
const logger = createLogger("json", (line) => {
  Deno.stdout.writeSync(encoder.encode(line));
});
const listener = Listener.listen({
  addresses: LOOPBACK,
  tls: { addresses: LOOPBACK, identity: await identity("one") },
  limits: new ConnectionLimits({ total: 1000, perNetwork: 1000 }),
  trusts: () => false,
  ticker,
  stallMs: 10_000,
  requestMs: 10_000,
  logger,
  serve: echo,
});
logger.log("listening", {
  plain: listener.addresses[0]!.port,
  secure: listener.tlsAddresses[0]!.port,
});
await Deno.stdin.readable.pipeTo(new WritableStream());
await listener.close(0);
ticker.close();
Deno.exit();
