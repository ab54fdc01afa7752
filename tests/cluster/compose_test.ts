import { assert, assertEquals } from "@std/assert";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { fromRoot } from "../helpers/root.ts";
import { assertBytes, Broadcaster, watch } from "./cluster_scene.ts";
import { freePort, NatsProcess, needsNats } from "./nats_process.ts";

/** A service of docs/compose.yaml. */
interface Service {
  readonly name: string;
  readonly image: string;
  readonly command: string;
  /** The published port; empty for none. */
  readonly port: string;
}

async function services(): Promise<Service[]> {
  const text = await Deno.readTextFile(fromRoot("docs/compose.yaml"));
  const parts = text.split(/^ {2}(?=[\w-]+:$)/m).slice(1);
  return parts.map((part) => {
    const found = (pattern: RegExp): string => pattern.exec(part)?.[1] ?? "";
    return {
      name: found(/^([\w-]+):$/m),
      image: found(/^ +image: (\S+)$/m),
      command: found(/^ +command: +(\S[^\n]*(?:\n {6}[^\n]+)*)/m),
      port: found(/^ +ports: \["(\d+):61920"\]$/m),
    };
  });
}

Deno.test({
  ...needsNats("the commands of docs/compose.yaml start a cluster"),
  fn: async () => {
    const all = await services();
    const isNats = ({ image }: Service): boolean => image.endsWith("/nats:2");
    // Ports of this machine, for those of the containers.
    const places = new Map<string, string>();
    for (const { name } of all.filter(isNats)) {
      places.set(`${name}:4222`, `127.0.0.1:${freePort()}`);
      places.set(`${name}:6222`, `127.0.0.1:${freePort()}`);
    }
    const args = ({ name, command }: Service): string[] => {
      const own = command.replace("0.0.0.0:6222", places.get(`${name}:6222`)!);
      return own.replaceAll(
        /nats-\d:\d+/g,
        (place) => places.get(place)!,
      ).split(/\s+/);
    };
    await using stack = new AsyncDisposableStack();
    for (const service of all.filter(isNats)) {
      const place = places.get(`${service.name}:4222`)!;
      const port = Number(place.split(":")[1]);
      await stack.use(new NatsProcess(port, args(service))).run();
    }
    const servers: ServeProcess[] = [];
    for (const service of all.filter((each) => !isNats(each))) {
      assertEquals(service.image, "fstream");
      const [verb, ...flags] = args(service);
      assertEquals(verb, "serve");
      // Clients are sent to the port that is published.
      assert(flags.includes(`localhost:${service.port}`), service.command);
      servers.push(stack.use(await ServeProcess.start(flags)));
    }
    assertEquals(servers.length, 3);
    for (const { log } of servers) await log.wait("cluster-up");
    const [first, , last] = servers;
    using live = await Broadcaster.start({ address: await first!.address() });
    await live.send(3000);
    const { peer } = await watch({ address: await last!.address() });
    await assertBytes(peer, 0, 3000);
    peer.close();
  },
});
