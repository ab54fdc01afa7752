import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import {
  type Door,
  DOOR_CHANNEL,
  type Shown,
  SIGN_IN_DOORS,
  WATCH_DOORS,
} from "../helpers/auth_doors.ts";
import { AuthScene, TOKEN_S, WORDS } from "../helpers/auth_scene.ts";
import { CheapHashes } from "../helpers/cheap_hashes.ts";
import { prelude, RawPeer } from "../helpers/raw_peer.ts";

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

/** A token that has been redeemed, and one that has expired. */
async function spentTokens(scene: AuthScene): Promise<readonly string[]> {
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

/** A server that speaks TLS, and one that does not; `await using` stops both. */
class Scenes implements AsyncDisposable {
  readonly #open: AuthScene;
  readonly #secure: AuthScene;

  constructor(open: AuthScene, secure: AuthScene) {
    this.#open = open;
    this.#secure = secure;
  }

  static async open(): Promise<Scenes> {
    return new Scenes(await AuthScene.open(), await AuthScene.open(true));
  }

  /** Where a door is. */
  at(door: Door): AuthScene {
    return door.secure ? this.#secure : this.#open;
  }

  /** Does something at both, and gives what comes of it. */
  async each<T>(
    act: (scene: AuthScene) => Promise<T>,
  ): Promise<Map<AuthScene, T>> {
    const both = [this.#open, this.#secure];
    const done = both.map(async (scene) => [scene, await act(scene)] as const);
    return new Map(await Promise.all(done));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.each((scene) => scene[Symbol.asyncDispose]());
  }
}

/** Asserts that all is refused at a door, and alike; gives how much was tried. */
async function assertAlike(
  scene: AuthScene,
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
async function assertOpens(scene: AuthScene, door: Door): Promise<void> {
  const event = door.verb === "token" ? "token" : "broadcast-start";
  const before = scene.log.named(event).length;
  const knocked = scene.knock(door, { user: "fier", password: WORDS.fier });
  const { user } = await scene.log.wait(event, before + 1);
  assertEquals(user, "fier");
  await stopAll(scene);
  await knocked;
}

/** Takes every channel over and ends it, whoever has it. */
async function stopAll(scene: AuthScene): Promise<void> {
  const text =
    `broadcast,user=fier,channel=${DOOR_CHANNEL},user_password=${WORDS.fier}`;
  using peer = await AddressedPeer.connect(scene.tcp);
  await peer.send(prelude(text));
  peer.end();
  await peer.gone(5000);
}

Deno.test("whatever is wrong with a sign-in, every door says the same and opens for nobody", async (t) => {
  using _cheap = new CheapHashes();
  await using scenes = await Scenes.open();
  const spent = await scenes.each(spentTokens);
  for (const door of SIGN_IN_DOORS) {
    await t.step(door.name, async () => {
      const scene = scenes.at(door);
      // Live while it is tried: another user's, which stays unused.
      const foreign = await scene.token("other");
      const from = scene.log.all.length;
      const tries = [...wrongs(scene.hash, spent.get(scene)!), {
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
  await scenes.each(assertTellsNoWord);
});

/** Asserts that no password is in the log. */
function assertTellsNoWord({ log }: AuthScene): Promise<void> {
  const lines = JSON.stringify(log.all);
  for (const word of Object.values(WORDS)) assert(!lines.includes(word), word);
  return Promise.resolve();
}

/** Puts the channel on the air that is asked for, with a password. */
async function live({ tcp, log }: AuthScene): Promise<RawPeer> {
  const text = `broadcast,user=fier,channel=${DOOR_CHANNEL},` +
    `user_password=${WORDS.fier},channel_password=${WORDS.channel}`;
  const peer = await RawPeer.connect(tcp, prelude(text));
  await log.wait("broadcast-start");
  return peer;
}

Deno.test("whatever is wrong with a channel's password, every door says the same", async (t) => {
  await using scenes = await Scenes.open();
  using broadcasters = new DisposableStack();
  for (const peer of (await scenes.each(live)).values()) broadcasters.use(peer);
  const passwords = [...NO_PASSWORDS, WORDS.fier, WORDS.channel.toUpperCase()];
  const tries = passwords.map((password) => ({ user: "fier", password }));
  for (const door of WATCH_DOORS) {
    await t.step(door.name, async () => {
      const scene = scenes.at(door);
      const from = scene.log.all.length;
      const count = await assertAlike(scene, door, tries);
      const codes = scene.log.all.slice(from).map(({ fields }) => fields.code);
      assertEquals(codes, new Array<string>(count).fill("denied"));
    });
  }
});

Deno.test("a watcher cannot tell users that exist from others", async (t) => {
  await using scenes = await Scenes.open();
  const users = ["fier", "nobody", "Fier", "hashed", "disabled", "broken"];
  const tries = [...users, "unset", "__proto__"].map((user) => ({ user }));
  for (const door of WATCH_DOORS) {
    await t.step(door.name, async () => {
      const scene = scenes.at(door);
      assertEquals(await assertAlike(scene, door, tries), tries.length);
    });
  }
});

/** Tries of each kind; their medians differ by less than a hash takes, however busy the machine is. */
const TIMED = 7;

Deno.test("a wrong password takes as long as a user who does not exist", async () => {
  await using scene = await AuthScene.open();
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
