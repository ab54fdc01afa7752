import {
  formatPasswordHash,
  hashPassword,
} from "../../lib/auth/passwords/password_hash.ts";
import { buildConfig, type Config } from "../../lib/config/config.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import { type Door, knock, type Shown } from "./auth_doors.ts";
import { prelude, RawPeer } from "./raw_peer.ts";
import { fromRoot } from "./root.ts";
import { EventLog } from "./start_server.ts";

/** Everybody's password, or what stands in the file in its place. */
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

/** What a server shows that speaks TLS. */
const CERTIFICATE = {
  tlsCert: fromRoot("tests/vectors/tls/server_one.pem"),
  tlsKey: fromRoot("tests/vectors/tls/server_one.key"),
};

/** A server with users of all kinds; `await using` stops it. */
export class AuthScene implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Server;
  /** What the server has said. */
  readonly log: EventLog;
  /** What stands in the file of the user whose password is hashed. */
  readonly hash: string;
  #knocks = 0;

  /** @param folder Of users, removed in the end. @param hash See there. @param server Running. @param log Its. */
  constructor(folder: string, hash: string, server: Server, log: EventLog) {
    this.#folder = folder;
    this.hash = hash;
    this.#server = server;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param secure Whether all of its doors but one, that of plain TCP, speak TLS.
   */
  static async open(secure = false): Promise<AuthScene> {
    const users = await Deno.makeTempDir({ prefix: "fstream-users-" });
    const hash = await writeUsers(users);
    const log = new EventLog();
    const any = [{ host: "127.0.0.1", port: 0 }];
    const config: Config = {
      ...buildConfig(),
      ...{ listen: any, http: any, users, tokenTime: TOKEN_S },
      ...(secure ? { ...CERTIFICATE, tlsListen: any } : {}),
    };
    return new AuthScene(users, hash, await startServer(config, log), log);
  }

  /** Whose channels are on the air. */
  get channels(): string[] {
    return this.#server.hub.channels().map(({ user }) => user);
  }

  /** Where it speaks plain TCP. */
  get tcp(): Server["addresses"][number] {
    return this.#server.addresses[0]!;
  }

  /** Comes from an address that nobody has come from yet, so that nobody is slowed down. */
  knock(door: Door, shown: Shown): ReturnType<typeof knock> {
    const number = ++this.#knocks;
    const from = `127.1.${number >> 8}.${number & 0xff}`;
    const { httpAddresses, tlsAddresses } = this.#server;
    const tcp = door.secure ? tlsAddresses[0]! : this.tcp;
    return knock(door, shown, door.web ? httpAddresses[0]! : tcp, from);
  }

  /** A new token, asked for at plain TCP. */
  async token(user: "fier" | "other"): Promise<string> {
    const text = `token,user=${user},user_password=${WORDS[user]},reply=1`;
    using peer = await RawPeer.connect(this.tcp, prelude(text));
    const answer = new TextDecoder().decode(await peer.rest());
    return /token=(\w+)/.exec(answer)![1]!;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Writes everybody's file; gives the hash that stands in one of them. */
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
