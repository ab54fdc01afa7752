import {
  formatPasswordHash,
  hashPassword,
} from "../../lib/auth/passwords/password_hash.ts";
import { buildConfig, type Config } from "../../lib/config/config.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import { type Credentials, type RequestForm, send } from "./auth_requests.ts";
import { RawPeer, requestBytes } from "./raw_peer.ts";
import { fromRoot } from "./root.ts";
import { EventLog } from "./start_server.ts";

/** Each user's password, or what the file has in its place. */
export const WORDS = {
  fier: "Fiers-Wort",
  other: "Others-Wort",
  hashed: "Hashed-Wort",
  disabled: "Disabled-Wort",
  broken: "Broken-Wort",
  channel: "Channel-Wort",
};

/** Seconds that a token holds here: the least that can be set. */
export const TOKEN_S = 1;

/** The server's certificate. */
const CERTIFICATE = {
  tlsCert: fromRoot("tests/vectors/tls/server_one.pem"),
  tlsKey: fromRoot("tests/vectors/tls/server_one.key"),
};

/** A server with users of all kinds; `await using` stops it. */
export class AuthScene implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Server;
  /** What the server has logged. */
  readonly log: EventLog;
  /** The hash in the file of the user whose password is hashed. */
  readonly hash: string;
  #requests = 0;

  /** @param folder Of users, removed in the end. */
  constructor(folder: string, hash: string, server: Server, log: EventLog) {
    this.#folder = folder;
    this.hash = hash;
    this.#server = server;
    this.log = log;
  }

  /** Starts one that listens without and with TLS. */
  static async open(): Promise<AuthScene> {
    const users = await Deno.makeTempDir({ prefix: "fstream-users-" });
    const hash = await writeUsers(users);
    const log = new EventLog();
    const any = [{ host: "127.0.0.1", port: 0 }];
    const config: Config = {
      ...buildConfig(),
      ...{ listen: any, tlsListen: any, users, tokenTime: TOKEN_S },
      ...CERTIFICATE,
    };
    return new AuthScene(users, hash, await startServer(config, log), log);
  }

  /** Users with a live channel. */
  get channels(): string[] {
    return this.#server.hub.channels().map(({ user }) => user);
  }

  /** Where it listens without TLS. */
  get plain(): Server["addresses"][number] {
    return this.#server.addresses[0]!;
  }

  /** Sends a request from an address that was not used yet, so that no limit delays it. */
  send(
    form: RequestForm,
    credentials: Credentials,
  ): ReturnType<typeof send> {
    const number = ++this.#requests;
    const from = `127.1.${number >> 8}.${number & 0xff}`;
    const { tlsAddresses } = this.#server;
    const address = form.secure ? tlsAddresses[0]! : this.plain;
    return send(form, credentials, address, from);
  }

  /** A new token. */
  async token(user: "fier" | "other"): Promise<string> {
    const text = `token,user=${user},user_password=${WORDS[user]},reply=1`;
    using peer = await RawPeer.connect(this.plain, requestBytes(text));
    const answer = new TextDecoder().decode(await peer.rest());
    return /token=(\w+)/.exec(answer)![1]!;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Writes each user's file; returns the hash in one of them. */
async function writeUsers(folder: string): Promise<string> {
  const hash = formatPasswordHash(await hashPassword(WORDS.hashed));
  const files = {
    fier: `password=${WORDS.fier}`,
    other: `password=${WORDS.other}`,
    hashed: `password_hash=${hash}`,
    disabled: `password=${WORDS.disabled}\nenabled=off`,
    broken: `password=${WORDS.broken}\nthis is no setting`,
    unset: "password=",
  };
  for (const [name, text] of Object.entries(files)) {
    const ini = `[DEFAULT]\n${text}\n`;
    await Deno.writeTextFile(`${folder}/${name}.ini`, ini, { mode: 0o600 });
  }
  return hash;
}
