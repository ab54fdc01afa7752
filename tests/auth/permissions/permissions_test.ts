import { assertEquals, assertThrows } from "@std/assert";
import type {
  AuthDecision,
  AuthRequest,
  UserSettings,
} from "../../../lib/auth/authenticate.ts";
import {
  NO_LIMITS,
  permissionProblem,
} from "../../../lib/auth/permissions/permissions.ts";
import {
  PermissionStore,
  withPermissions,
} from "../../../lib/auth/permissions/permission_store.ts";
import { UsersFolder } from "../../../lib/auth/users/users_folder.ts";
import { withFolder } from "../folder.ts";

/** The settings in a user's file, as the server reads them. */
async function settingsOf(ini: string): Promise<UserSettings> {
  return await withFolder({ "fier.ini": ini }, async (dir) => {
    return (await new UsersFolder(dir).lookup("fier"))!.settings;
  });
}

const OFF = "the user's file says enabled=false";
const UNNAMED = "the user's file does not name the channel";

/** A file, a request's verb and channel, and what is wrong with it. */
const CASES: readonly (readonly [
  ini: string,
  verb: AuthRequest["verb"],
  channel: string,
  problem: string | undefined,
])[] = [
  ["", "broadcast", "any", undefined],
  ["enabled=true", "broadcast", "any", undefined],
  ["enabled=no", "broadcast", "any", OFF],
  ["enabled=no", "token", "default", OFF],
  [
    "enabled=false\n[channel hall]\nenabled=true",
    "broadcast",
    "hall",
    undefined,
  ],
  ["[channel hall]\nenabled=false", "broadcast", "hall", OFF],
  ["[channel hall]\nenabled=false", "broadcast", "other", undefined],
  ["[channel default]\nenabled=false", "token", "default", undefined],
  ["channels=hall, große Halle", "broadcast", "hall", undefined],
  ["channels=hall, große Halle", "broadcast", "große Halle", undefined],
  ["channels=hall, große Halle", "broadcast", "default", UNNAMED],
  ["channels=hall", "broadcast", "Hall", UNNAMED],
  ["channels=hall", "token", "default", undefined],
  ["channels=hall\n[channel other]\n", "broadcast", "other", UNNAMED],
];

Deno.test("permissionProblem() knows what a user's file allows", async () => {
  for (const [ini, verb, channel, problem] of CASES) {
    const settings = await settingsOf(`[DEFAULT]\npassword=x\n${ini}\n`);
    assertEquals(permissionProblem(settings, { verb, channel }), problem, ini);
  }
});

const LIMITS = `[DEFAULT]
max_channels=3
max_watchers=100
max_bit_rate=8M
[channel hall]
max_watchers=5
max_channels=9
`;

Deno.test("PermissionStore.limitsOf() tells a channel's limits, or else the user's, or none", async () => {
  const store = new PermissionStore();
  store.set("fier", await settingsOf(LIMITS));
  const own = { channels: 3, watchers: 100, bitRate: 8_000_000 };
  assertEquals(store.limitsOf("fier", "any"), own);
  assertEquals(store.limitsOf("fier", "hall"), { ...own, watchers: 5 });
  assertEquals(store.limitsOf("nobody", "hall"), NO_LIMITS);
  store.set("fier", await settingsOf("[DEFAULT]\n"));
  assertEquals(store.limitsOf("fier", "any"), NO_LIMITS);
});

Deno.test("PermissionStore.isListed() is what the channel says, or else the user, or else true", async () => {
  const store = new PermissionStore();
  const unlisted = "[DEFAULT]\nlisted=false\n[channel hall]\nlisted=yes\n";
  store.set("fier", await settingsOf(unlisted));
  store.set("other", await settingsOf("[DEFAULT]\n[channel x]\nlisted=off\n"));
  const listed = (user: string, channel: string): boolean =>
    store.isListed(user, channel);
  assertEquals([listed("fier", "any"), listed("fier", "hall")], [false, true]);
  assertEquals([listed("other", "any"), listed("other", "x")], [true, false]);
  assertEquals(listed("nobody", "x"), true);
});

Deno.test("PermissionStore.setting() reads any key of the table", async () => {
  const store = new PermissionStore();
  const text = "[DEFAULT]\nchannels=a, b\nburst=2\n[channel a]\nburst=3s\n";
  store.set("fier", await settingsOf(text));
  assertEquals(store.setting("fier", "a", "burst"), 3);
  assertEquals(store.setting("fier", "b", "burst"), 2);
  assertEquals(store.setting("fier", "a", "channels"), ["a", "b"]);
  assertEquals(store.setting("fier", "a", "listed"), undefined);
  assertEquals(store.setting("nobody", "a", "burst"), undefined);
});

Deno.test("PermissionStore does not forget a user whose limits are asked for", async () => {
  const store = new PermissionStore(2);
  const limits = await settingsOf(LIMITS);
  store.set("live", limits);
  for (const user of ["b", "c", "d"]) {
    store.limitsOf("live", "any");
    store.set(user, limits);
  }
  assertEquals(store.limitsOf("live", "any").channels, 3);
});

Deno.test("PermissionStore keeps a bounded number, and the limits it has when new ones cannot be read", async () => {
  const store = new PermissionStore(2);
  const limits = await settingsOf(LIMITS);
  for (const user of ["a", "b", "a", "c"]) store.set(user, limits);
  const known = ["a", "b", "c"].map((user) =>
    store.limitsOf(user, "x").channels
  );
  assertEquals(known, [3, undefined, 3]);
  const values = new Map([["max_channels", "many"]]);
  const broken = { values: new Map(), channels: new Map([["x", values]]) };
  const settings = { values, channels: broken.channels };
  assertThrows(() => store.set("a", settings), SyntaxError);
  assertEquals(store.limitsOf("a", "x").channels, 3);
});

const REQUEST: AuthRequest = {
  verb: "broadcast",
  user: "fier",
  channel: "hall",
  remote: "192.0.2.1:5000",
  protocol: "fstream2",
};

Deno.test("withPermissions() refuses what the settings forbid, and stores the others", async () => {
  const store = new PermissionStore();
  const decide = (settings: UserSettings): Promise<AuthDecision> =>
    withPermissions(() => Promise.resolve({ allow: true, settings }), store)(
      REQUEST,
    );
  const off = await settingsOf("[DEFAULT]\nenabled=off\nmax_channels=1\n");
  assertEquals(await decide(off), { allow: false, reason: OFF });
  assertEquals(store.limitsOf("fier", "hall"), NO_LIMITS);
  assertEquals((await decide(await settingsOf(LIMITS))).allow, true);
  assertEquals(store.limitsOf("fier", "hall").watchers, 5);
  // A module's settings are not validated yet.
  const odd = { values: new Map([["enabled", "?"]]), channels: new Map() };
  assertEquals(await decide(odd), {
    allow: false,
    reason: 'expects true or false, not "?"',
  });
});

Deno.test("withPermissions() leaves alone what has no settings", async () => {
  for (
    const decision of [
      { allow: true },
      { allow: false, reason: "x" },
    ] as const
  ) {
    const decide = withPermissions(
      () => Promise.resolve(decision),
      new PermissionStore(),
    );
    assertEquals(await decide(REQUEST), decision);
  }
});
