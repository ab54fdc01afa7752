/** Servers that are measured with TLS between them and their watchers. */
import { fromRoot } from "../helpers/root.ts";
import { nginxTlsConfig } from "./peer_configs.ts";
import {
  end,
  exists,
  floorPeers,
  freePort,
  fstream,
  NGINX_MODULES,
  pathOf,
  type Peer,
  ready,
  serve,
} from "./peers.ts";

/** The certificate and its key that all of them present. */
const IDENTITY = {
  cert: fromRoot("tests/vectors/tls/server_one.pem"),
  key: fromRoot("tests/vectors/tls/server_one.key"),
} as const;

/** fstream with TLS as one peer for each protocol, all of one process. */
export async function fstreamTlsPeers(
  folder: string,
  flags: readonly string[],
): Promise<Peer[]> {
  const port = freePort();
  const { process, port: sourcePort } = await fstream(folder, [
    ...["--tls-listen", `127.0.0.1:${port}`],
    ...["--tls-cert", IDENTITY.cert, "--tls-key", IDENTITY.key, ...flags],
  ]);
  await ready(process, port);
  const shared = { process, port, sourcePort, secure: true } as const;
  return [
    { name: "fstream TLS", protocol: "fstream", ...shared },
    { name: "fstream HTTPS", protocol: "http", ...shared },
    { name: "fstream TLS WebSocket", protocol: "websocket", ...shared },
  ];
}

/**
 * nginx that puts TLS before the floor, where its stream module is installed. The fan-out is the floor's and is not
 * counted; nginx reads each watcher's bytes, encrypts and sends them.
 */
export async function nginxTlsPeers(folder: string): Promise<Peer[]> {
  const program = await pathOf("nginx");
  if (!program || !await exists(`${NGINX_MODULES}/ngx_stream_module.so`)) {
    return [];
  }
  const [floor] = await floorPeers(folder);
  const { process: behind, port: sourcePort } = floor!;
  const port = freePort();
  const config = `${folder}/nginx_tls.conf`;
  const ports = { listen: port, pass: sourcePort };
  await Deno.writeTextFile(
    config,
    nginxTlsConfig(folder, ports, NGINX_MODULES, IDENTITY),
  );
  const process = serve(program, ["-c", config]);
  try {
    await ready(process, port);
  } catch (error) {
    await end(behind);
    throw error;
  }
  const name = "nginx TLS";
  const shared = { process, behind, port, sourcePort, secure: true } as const;
  return [{ name, protocol: "raw", ...shared }];
}
