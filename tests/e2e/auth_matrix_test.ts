import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import {
  formatPasswordHash,
  hashPassword,
} from "../../lib/auth/password_hash.ts";
import { buildConfig, type Config } from "../../lib/config.ts";
import { type Server, startServer } from "../../lib/server.ts";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import {
  type Door,
  DOOR_CHANNEL,
  knock,
  type Shown,
  SIGN_IN_DOORS,
  WATCH_DOORS,
} from "../helpers/auth_doors.ts";
import { prelude, RawPeer } from "../helpers/raw_peer.ts";
import { EventLog } from "../helpers/start_server.ts";

/** Everybody's password, or what stands in the file in its place. */
const WORDS = {
  fier: "Fiers-Wort",
  other: "Others-Wort",
  hashed: "Hashed-Wort",
  disabled: "Disabled-Wort",
  broken: "Broken-Wort",
  channel: "Channel-Wort",
};

/** Seconds that a token holds here: the least that can be set. */
const TOKEN_S = 1;

/** Names that are somebody else's, nobody's, or no names at all. */
const NAMES = [
  ...["Fier", "FIER", "nobody", "../fier", "./fier", "fier/../fier"],
  ...["fier\0", "fier.ini", ".", "..", "__proto__", "constructor", "con"],
  ...[
    "fier ",
    "f\u0069\u0307er",
    "x".repeat(300),
    "unset",
    "broken",
    "disabled",
  ],
];

/** What is shown in a token's place that is none. */
const NO_TOKENS = [
  "",
  "0".repeat(48),
  "__proto__",
  "x".repeat(3000),
  "../fier",
];

/** What is shown in a password's place that is none of the user's. */
const NO_PASSWORDS = [
  undefined,
  "",
  "wrong",
  WORDS.other,
  WORDS.fier.toLowerCase(),
  `${WORDS.fier} `,
  `${WORDS.fier}\0`,
  "x".repeat(3000),
  "__proto__",
];

/** A server with users of all kinds. */
class Scene implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Server;
  readonly log: EventLog;
  /** What stands in the file of the user whose password is hashed. */
  readonly hash: string;
  #knocks = 0;

  constructor(folder: string, hash: string, server: Server, log: EventLog) {
    this.#folder = folder;
    this.hash = hash;
    this.#server = server;
    this.log = log;
  }

  static async open(): Promise<Scene> {
    const users = await Deno.makeTempDir({ prefix: "fstream-users-" });
    const hash = await writeUsers(users);
    const log = new EventLog();
    const any = [{ host: "127.0.0.1", port: 0 }];
    const config: Config = {
      ...buildConfig(),
      ...{ listen: any, http: any, users, tokenTime: TOKEN_S },
    };
    return new Scene(users, hash, await startServer(config, log), log);
  }

  get channels(): string[] {
    return this.#server.hub.channels().map(({ user }) => user);
  }

  get tcp(): Server["addresses"][number] {
    return this.#server.addresses[0]!;
  }

  /** Comes from an address that nobody has come from yet, so that nobody is slowed down. */
  knock(door: Door, shown: Shown): ReturnType<typeof knock> {
    const number = ++this.#knocks;
    const from = `127.1.${number >> 8}.${number & 0xff}`;
    const address = door.web ? this.#server.httpAddresses[0]! : this.tcp;
    return knock(door, shown, address, from);
  }

  /** A new token. */
  async token(user: "fier" | "other"): Promise<string> {
    const text = `token,user=${user},user_password=${WORDS[user]},reply=1`;
    using peer = await RawPeer.connect(this.tcp, prelude(text));
    const answer = new TextDecoder().decode(await peer.rest());
    return /token=(\w+)/.exec(answer)![1]!;
  }

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

/** A token that has been redeemed, and one that has expired. */
async function spentTokens(scene: Scene): Promise<readonly string[]> {
  const used = await scene.token("fier");
  const text = `broadcast,user=fier,token=${used},reply=1`;
  using peer = await RawPeer.connect(scene.tcp, prelude(text));
  await peer.finish();
  await scene.log.wait("broadcast-end");
  const expired = await scene.token("fier");
  const ms = TOKEN_S * 1000 + 100;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return [used, expired];
}

/** All that is wrong: the hash itself is no password either. */
function* wrongs(
  hash: string,
  tokens: readonly string[],
): Generator<Shown> {
  for (const password of NO_PASSWORDS) yield { user: "fier", password };
  for (const user of NAMES) yield { user, password: WORDS.fier };
  for (const password of ["wrong", hash]) yield { user: "hashed", password };
  yield { user: "disabled", password: WORDS.disabled };
  yield { user: "broken", password: WORDS.broken };
  yield { user: "unset", password: "" };
  yield { user: "fier", as: "other", password: WORDS.other };
  for (const token of [...NO_TOKENS, ...tokens]) yield { user: "fier", token };
  yield { user: "fier", token: tokens[0], password: "wrong" };
  yield { user: "fier", password: tokens[1] };
}

/** Asserts that all is refused at a door, and alike; gives how much was tried. */
async function assertAlike(
  scene: Scene,
  door: Door,
  tries: readonly Shown[],
): Promise<number> {
  const taken = tries.filter(({ password, token }) =>
    door.takesNothing || password !== undefined || token !== undefined
  );
  const heard = await Promise.all(
    taken.map((shown) => scene.knock(door, shown)),
  );
  for (const [i, { text, how }] of heard.entries()) {
    assertNotEquals(how, "late", `${door.name}: ${JSON.stringify(taken[i])}`);
    assertEquals(text, heard[0]!.text, JSON.stringify(taken[i]));
  }
  return taken.length;
}

/** Asserts that the right password opens a door, or all of the above would show nothing. */
async function assertOpens(scene: Scene, door: Door): Promise<void> {
  const event = door.verb === "token" ? "token" : "broadcast-start";
  const before = scene.log.named(event).length;
  const knocked = scene.knock(door, { user: "fier", password: WORDS.fier });
  const { user } = await scene.log.wait(event, before + 1);
  assertEquals(user, "fier");
  await stopAll(scene);
  await knocked;
}

/** Takes every channel over and ends it, whoever has it. */
async function stopAll(scene: Scene): Promise<void> {
  const text =
    `broadcast,user=fier,channel=${DOOR_CHANNEL},user_password=${WORDS.fier}`;
  using peer = await AddressedPeer.connect(scene.tcp);
  await peer.send(prelude(text));
  peer.end();
  await peer.gone(5000);
}

Deno.test("whatever is wrong with a sign-in, every door says the same and opens for nobody", async (t) => {
  await using scene = await Scene.open();
  const spent = await spentTokens(scene);
  for (const door of SIGN_IN_DOORS) {
    await t.step(door.name, async () => {
      // Live while it is tried: another user's, which stays unused.
      const foreign = await scene.token("other");
      const from = scene.log.all.length;
      const tries = [...wrongs(scene.hash, spent), {
        user: "fier",
        token: foreign,
      }];
      const count = await assertAlike(scene, door, tries);
      const events = scene.log.all.slice(from).map(({ event }) => event);
      assertEquals(events, new Array<string>(count).fill("refused"));
      assertEquals(scene.channels, []);
      await assertOpens(scene, door);
    });
  }
  const log = JSON.stringify(scene.log.all);
  for (const word of Object.values(WORDS)) assert(!log.includes(word), word);
});

Deno.test("whatever is wrong with a channel's password, every door says the same", async (t) => {
  await using scene = await Scene.open();
  const text = `broadcast,user=fier,channel=${DOOR_CHANNEL},` +
    `user_password=${WORDS.fier},channel_password=${WORDS.channel}`;
  using _live = await RawPeer.connect(scene.tcp, prelude(text));
  await scene.log.wait("broadcast-start");
  const passwords = [...NO_PASSWORDS, WORDS.fier, WORDS.channel.toUpperCase()];
  const tries = passwords.map((password) => ({ user: "fier", password }));
  for (const door of WATCH_DOORS) {
    await t.step(door.name, async () => {
      const from = scene.log.all.length;
      const count = await assertAlike(scene, door, tries);
      const codes = scene.log.all.slice(from).map(({ fields }) => fields.code);
      assertEquals(codes, new Array<string>(count).fill("denied"));
    });
  }
});

Deno.test("a watcher cannot tell users that exist from others", async (t) => {
  await using scene = await Scene.open();
  const users = ["fier", "nobody", "Fier", "hashed", "disabled", "broken"];
  for (const door of WATCH_DOORS) {
    await t.step(door.name, async () => {
      const tries = [...users, "unset", "__proto__"].map((user) => ({ user }));
      assertEquals(await assertAlike(scene, door, tries), tries.length);
    });
  }
});

/** Tries of each kind; their medians differ by less than a hash takes, however busy the machine is. */
const TIMED = 7;

Deno.test("a wrong password takes as long as a user who does not exist", async () => {
  await using scene = await Scene.open();
  const door = SIGN_IN_DOORS[0]!;
  const took: Record<string, number[]> = { fier: [], nobody: [], hashed: [] };
  // In turns, so that what else the machine does hits all alike.
  for (let i = 0; i < TIMED; i++) {
    for (const [user, times] of Object.entries(took)) {
      times.push((await scene.knock(door, { user, password: "wrong" })).ms);
    }
  }
  const medians = Object.values(took).map((times) =>
    times.sort((a, b) => a - b)[(TIMED - 1) / 2]!
  );
  // Without the hash that stands in for a missing one it would be a hundred times.
  assertLess(Math.max(...medians) / Math.min(...medians), 3);
});
