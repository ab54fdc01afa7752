import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import {
  type Credentials,
  FORM_CHANNEL,
  type RequestForm,
  SIGN_IN_FORMS,
  WATCH_FORMS,
} from "../helpers/auth_requests.ts";
import { AuthScene, TOKEN_S, WORDS } from "../helpers/auth_scene.ts";
import { CheapHashes } from "../helpers/cheap_hashes.ts";
import { eventually } from "../helpers/eventually.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";

/** Names of other users, of no user, and texts that are no names. */
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

/** Texts that are no token. */
const NO_TOKENS = [
  "",
  "0".repeat(48),
  "__proto__",
  "x".repeat(3000),
  "../fier",
];

/** Texts that are not the user's password. */
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
  using peer = await RawPeer.connect(scene.plain, requestBytes(text));
  await peer.finish();
  await scene.log.wait("broadcast-end");
  const expired = await scene.token("fier");
  const ms = TOKEN_S * 1000 + 100;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return [used, expired];
}

/** Wrong credentials of every kind: the hash itself is no password either. */
function* wrongs(
  hash: string,
  tokens: readonly string[],
): Generator<Credentials> {
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

/** Asserts that a form gets the same refusal for everything; returns how much was tried. */
async function assertAlike(
  scene: AuthScene,
  form: RequestForm,
  tries: readonly Credentials[],
): Promise<number> {
  const taken = tries.filter(({ password, token }) =>
    form.refusesNone || password !== undefined || token !== undefined
  );
  const heard = await Promise.all(
    taken.map((credentials) => scene.send(form, credentials)),
  );
  for (const [i, { text, how }] of heard.entries()) {
    assertNotEquals(how, "late", `${form.name}: ${JSON.stringify(taken[i])}`);
    assertEquals(text, heard[0]!.text, JSON.stringify(taken[i]));
  }
  return taken.length;
}

/**
 * Asserts that the right password is accepted, without which the refusals would show nothing.
 *
 * @returns How many refusals it caused all the same.
 */
async function assertAccepts(
  scene: AuthScene,
  form: RequestForm,
): Promise<number> {
  if (form.verb === "manage") {
    const credentials = { user: "fier", password: WORDS.fier };
    const { text } = await scene.send(form, credentials);
    // The user has no channel that is live, and no link of that id, so that is what their addresses say.
    assertMatch(text, /^HTTP\/1\.1 (?:200|403|404) /);
    return text.startsWith("HTTP/1.1 200 ") ? 0 : 1;
  }
  const event = form.verb === "token" ? "token" : "broadcast-start";
  const before = scene.log.named(event).length;
  const sent = scene.send(form, { user: "fier", password: WORDS.fier });
  const { user } = await scene.log.wait(event, before + 1);
  assertEquals(user, "fier");
  await stopAll(scene);
  await sent;
  return 0;
}

/** Takes the channel over and ends it. */
async function stopAll(scene: AuthScene): Promise<void> {
  const text =
    `broadcast,user=fier,channel=${FORM_CHANNEL},user_password=${WORDS.fier}`;
  using peer = await AddressedPeer.connect(scene.plain);
  await peer.send(requestBytes(text));
  peer.end();
  await peer.gone(5000);
}

Deno.test("whatever is wrong with a sign-in, every protocol answers the same and accepts nothing", async (t) => {
  using _cheap = new CheapHashes();
  await using scene = await AuthScene.open();
  const spent = await spentTokens(scene);
  let total = scene.log.total("refused");
  for (const form of SIGN_IN_FORMS) {
    await t.step(form.name, async () => {
      // Valid while it is tried: another user's, which stays unused.
      const foreign = await scene.token("other");
      const from = scene.log.all.length;
      const tries = [...wrongs(scene.hash, spent), {
        user: "fier",
        token: foreign,
      }];
      const count = await assertAlike(scene, form, tries);
      total += count;
      const events = scene.log.all.slice(from).map(({ event }) => event);
      assertEquals(events.filter((event) => event !== "refused"), []);
      assertEquals(scene.channels, []);
      total += await assertAccepts(scene, form);
    });
  }
  await allRefused(scene, total);
  assertLogsNoSecret(scene);
});

/** Waits until a number of refusals are logged, of which one line may stand for several. */
async function allRefused({ log }: AuthScene, count: number): Promise<void> {
  const isOver = (): boolean => log.total("refused") >= count;
  await eventually("every refusal is logged", isOver);
  assertEquals(log.total("refused"), count);
}

/** Asserts that no password is in the log. */
function assertLogsNoSecret({ log }: AuthScene): void {
  const lines = JSON.stringify(log.all);
  for (const word of Object.values(WORDS)) assert(!lines.includes(word), word);
}

/** Broadcasts the channel that is asked for, with a password. */
async function live({ plain, log }: AuthScene): Promise<RawPeer> {
  const text = `broadcast,user=fier,channel=${FORM_CHANNEL},` +
    `user_password=${WORDS.fier},channel_password=${WORDS.channel}`;
  const peer = await RawPeer.connect(plain, requestBytes(text));
  await log.wait("broadcast-start");
  return peer;
}

Deno.test("whatever is wrong with a channel's password, every protocol answers the same", async (t) => {
  await using scene = await AuthScene.open();
  using _broadcaster = await live(scene);
  const passwords = [...NO_PASSWORDS, WORDS.fier, WORDS.channel.toUpperCase()];
  const tries = passwords.map((password) => ({ user: "fier", password }));
  const from = scene.log.all.length;
  let total = 0;
  for (const form of WATCH_FORMS) {
    await t.step(form.name, async () => {
      total += await assertAlike(scene, form, tries);
    });
  }
  await allRefused(scene, total);
  const codes = scene.log.all.slice(from).map(({ fields }) => fields.code);
  assertEquals([...new Set(codes)], ["denied"]);
});

Deno.test("a watcher cannot tell users that exist from others", async (t) => {
  await using scene = await AuthScene.open();
  const users = ["fier", "nobody", "Fier", "hashed", "disabled", "broken"];
  const tries = [...users, "unset", "__proto__"].map((user) => ({ user }));
  for (const form of WATCH_FORMS) {
    await t.step(form.name, async () => {
      assertEquals(await assertAlike(scene, form, tries), tries.length);
    });
  }
});

/** Tries of each kind; their medians differ by less than a hash takes, however busy the machine is. */
const TIMED = 7;

Deno.test("a wrong password takes as long as a user who does not exist", async () => {
  await using scene = await AuthScene.open();
  const form = SIGN_IN_FORMS[0]!;
  const took: Record<string, number[]> = { fier: [], nobody: [], hashed: [] };
  // In turns, so that what else the machine does hits all alike.
  for (let i = 0; i < TIMED; i++) {
    for (const [user, times] of Object.entries(took)) {
      times.push((await scene.send(form, { user, password: "wrong" })).ms);
    }
  }
  const medians = Object.values(took).map((times) =>
    times.sort((a, b) => a - b)[(TIMED - 1) / 2]!
  );
  // Without the hash that stands in for a missing one it would be a hundred times.
  assertLess(Math.max(...medians) / Math.min(...medians), 3);
});
