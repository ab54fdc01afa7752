import type { ClientOptions } from "../../lib/client/client_options.ts";
import type { Address } from "../../lib/net/address.ts";
import type { TlsIdentity } from "../../lib/net/tls_files.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { fromRoot } from "../helpers/root.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";

/** The certificates of the samples, each by an authority of its own. */
export type Name = "one" | "two";

/** The authority's file, for clients. */
export function authorityPath(name: Name): string {
  return fromRoot(`tests/vectors/tls/authority_${name}.pem`);
}

/** What the authority's file holds. */
export function authority(name: Name): Promise<string> {
  return Deno.readTextFile(authorityPath(name));
}

/** A certificate of the samples with its key. */
export async function identity(name: Name): Promise<TlsIdentity> {
  const from = fromRoot(`tests/vectors/tls/server_${name}`);
  const [cert, key] = await Promise.all(
    [`${from}.pem`, `${from}.key`].map((path) => Deno.readTextFile(path)),
  );
  return { cert: cert!, key: key! };
}

/** A server with a certificate that can be changed; `await using` stops it. */
export class TlsServer implements AsyncDisposable {
  /** The server behind it. */
  readonly beside: TestServer;
  /** Where the files are. */
  readonly folder: string;

  /** @param beside Running. @param folder Removed in the end. */
  constructor(beside: TestServer, folder: string) {
    this.beside = beside;
    this.folder = folder;
  }

  /** Starts one that shows certificate `one`. */
  static async start(): Promise<TlsServer> {
    const folder = await Deno.makeTempDir({ prefix: "fstream-tls-" });
    await copyFiles("one", folder);
    const loopback = [{ host: "127.0.0.1", port: 0 }];
    const beside = await startTestServer({
      folder: true,
      config: {
        tlsListen: loopback,
        tlsCert: `${folder}/cert.pem`,
        tlsKey: `${folder}/key.pem`,
      },
    });
    return new TlsServer(beside, folder);
  }

  /** Where it listens with TLS. */
  get address(): Address {
    return this.beside.server.tlsAddresses[0]!;
  }

  /** Where it speaks HTTPS. */
  get origin(): string {
    return `https://127.0.0.1:${this.address.port}`;
  }

  /** How a client reaches it that trusts one authority. */
  client(name: Name = "one"): ClientOptions {
    const tls = { ca: authorityPath(name) };
    return { address: this.address, wire: 2, reply: true, tls };
  }

  /** Puts another certificate in the files' place. */
  async show(name: Name): Promise<void> {
    await copyFiles(name, this.folder);
  }

  /** Connects with TLS, and sends what is given. */
  async connect(name: Name, first: Uint8Array): Promise<RawPeer> {
    const { host, port } = this.address;
    const caCerts = [await authority(name)];
    const conn = await Deno.connectTls({ hostname: host, port, caCerts });
    const peer = new RawPeer(conn);
    await peer.send(first);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.beside[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function copyFiles(name: Name, folder: string): Promise<void> {
  const from = fromRoot("tests/vectors/tls");
  await Deno.copyFile(`${from}/server_${name}.pem`, `${folder}/cert.pem`);
  await Deno.copyFile(`${from}/server_${name}.key`, `${folder}/key.pem`);
}
