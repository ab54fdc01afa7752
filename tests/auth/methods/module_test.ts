import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type AuthDecision,
  type AuthRequest,
  composeMethods,
} from "../../../lib/auth/authenticate.ts";
import { loadAuthModule } from "../../../lib/auth/methods/module.ts";
import { tokenMethod } from "../../../lib/auth/methods/token.ts";
import { TokenStore } from "../../../lib/auth/token_store.ts";
import { Refusal } from "../../../lib/errors.ts";

const EXAMPLE = new URL("../../vectors/auth/my_auth.ts", import.meta.url);
const DOCUMENTED = new URL(
  "../../../lib/auth/methods/module.ts",
  import.meta.url,
);

const REQUEST: AuthRequest = {
  verb: "broadcast",
  user: "studio",
  channel: "default",
  password: "a;b#c=d",
  channelPassword: "c",
  remote: "192.0.2.7:5000",
  protocol: "fstream2",
};

// Gives what the module of this source decides. A folder of its own each, for a module is loaded once.
async function decided(
  source: string,
  file = "auth.ts",
  timeout = 5000,
): Promise<AuthDecision> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/${file}`, source);
    const authenticate = await loadAuthModule(`${dir}/${file}`, { timeout });
    return await authenticate(REQUEST);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("loadAuthModule() documents the example that is tested", async () => {
  const text = await Deno.readTextFile(DOCUMENTED);
  const block = /\* ```ts\n([^]*?) \* ```/.exec(text)?.[1] ?? "";
  const example = block.replaceAll(/^ \* ?/gm, "");
  assertEquals(example, await Deno.readTextFile(EXAMPLE));
});

const EXAMPLE_CASES: readonly (readonly [Partial<AuthRequest>, boolean])[] = [
  [{}, true],
  [{ verb: "token" }, true],
  [{ password: "a" }, false],
  [{ user: "other" }, false],
  [{ remote: "198.51.100.1:5000" }, false],
  [{ verb: "watch", remote: "198.51.100.1:5000", user: "other" }, true],
];

for (const [change, allow] of EXAMPLE_CASES) {
  Deno.test(`loadAuthModule() lets the example decide ${JSON.stringify(change)}: ${allow}`, async () => {
    const authenticate = await loadAuthModule(EXAMPLE.pathname);
    assertEquals((await authenticate({ ...REQUEST, ...change })).allow, allow);
  });
}

Deno.test("loadAuthModule() keeps the reason that the example gives", async () => {
  const authenticate = await loadAuthModule(EXAMPLE.pathname);
  const decision = await authenticate({ ...REQUEST, remote: "[::1]:1" });
  const reason = "not a machine of the studio";
  assertEquals(decision, { allow: false, reason });
});

Deno.test("loadAuthModule() finds a path relative to the current folder", async () => {
  const here = `${Deno.cwd()}/`;
  assert(EXAMPLE.pathname.startsWith(here));
  const path = EXAMPLE.pathname.slice(here.length);
  for (const relative of [path, `./${path}`]) {
    const authenticate = await loadAuthModule(relative);
    assertEquals((await authenticate(REQUEST)).allow, true);
  }
});

Deno.test("loadAuthModule() takes file names that mean something in a URL", async () => {
  const source = "export default () => true;";
  for (
    const file of ["my auth#1.js", "a%20b.js", "q?x=1.js", "ä&.js", "a\\b.js"]
  ) {
    assertEquals(await decided(source, file), { allow: true }, file);
  }
});

const SETTINGS = `{ values: new Map([["a", "b"]]), channels: new Map() }`;

const ALLOWING = [
  "export default () => true;",
  "export default async () => true;",
  "export default () => ({ allow: true });",
  "export default () => Promise.resolve({ allow: true });",
  "export default ({ verb, user, channel, password, channelPassword, protocol }) => " +
  '`${verb},${user},${channel},${password},${channelPassword},${protocol}` === "broadcast,studio,default,a;b#c=d,c,fstream2";',
];

for (const source of ALLOWING) {
  Deno.test(`loadAuthModule() allows by ${source}`, async () => {
    assertEquals(await decided(source, "auth.js"), { allow: true });
  });
}

Deno.test("loadAuthModule() passes settings on", async () => {
  const source =
    `export default () => ({ allow: true, settings: ${SETTINGS} });`;
  const settings = { values: new Map([["a", "b"]]), channels: new Map() };
  assertEquals(await decided(source), { allow: true, settings });
});

Deno.test("loadAuthModule() lets a module import its neighbours", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${dir}/b.ts`,
      "export const yes: boolean = true;",
    );
    const source = 'import { yes } from "./b.ts"; export default () => yes;';
    await Deno.writeTextFile(`${dir}/a.ts`, source);
    const authenticate = await loadAuthModule(`${dir}/a.ts`);
    assertEquals((await authenticate(REQUEST)).allow, true);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

const SHAPE = "the decision must be a boolean";

// What a module answers against a request and what the log says of it.
const DENYING: readonly (readonly [string, string])[] = [
  ["() => false", "denied by the auth module"],
  ["async () => false", "denied by the auth module"],
  ['() => ({ allow: false, reason: "no" })', "no"],
];

for (const [source, reason] of DENYING) {
  Deno.test(`loadAuthModule() denies by ${source}`, async () => {
    assertEquals(await decided(`export default ${source};`, "auth.js"), {
      allow: false,
      reason,
    });
  });
}

// What a module does wrong and what the log says of it.
const FAILING: readonly (readonly [string, string])[] = [
  ['() => { throw new Error("boom"); }', "boom"],
  ['async () => { throw new Error("boom"); }', "boom"],
  ['() => { throw "text"; }', "text"],
  ["() => { throw undefined; }", "undefined"],
  ["() => undefined", SHAPE],
  ["() => null", SHAPE],
  ["() => 1", SHAPE],
  ['() => "true"', SHAPE],
  ["() => ({})", SHAPE],
  ["() => ({ allow: 1 })", SHAPE],
  ['() => ({ allow: "true" })', SHAPE],
  ["() => ({ allow: false })", SHAPE],
  ["() => ({ allow: true, settings: {} })", SHAPE],
  ["() => ({ allow: true, settings: null })", SHAPE],
  ["() => [true]", SHAPE],
  ["() => () => true", SHAPE],
  ["class {}", "Class"],
];

/** Asserts that a module is the server's own fault, which the log alone is told. */
async function assertServerFault(
  decision: Promise<AuthDecision>,
  reason: string,
): Promise<void> {
  const error = await assertRejects(() => decision, Refusal);
  assertEquals(error.code, "server");
  assertEquals(error.message, "sign-ins cannot be checked now");
  assertStringIncludes(error.detail ?? "", reason);
}

for (const [source, reason] of FAILING) {
  Deno.test(`loadAuthModule() denies every request by ${source}`, async () => {
    const module = `export default ${source};`;
    await assertServerFault(decided(module, "auth.js"), reason);
  });
}

Deno.test("loadAuthModule() reads the documented fields of a decision and no other", async () => {
  const extra = 'credentials: "x", token: "y"';
  const allow = `export default () => ({ allow: true, ${extra} });`;
  assertEquals(await decided(allow, "auth.js"), { allow: true });
  const deny =
    `export default () => ({ allow: false, reason: "r", ${extra} });`;
  assertEquals(await decided(deny, "auth.js"), { allow: false, reason: "r" });
});

Deno.test("loadAuthModule() denies the request when the module takes too long, and leaves no timer", async () => {
  const start = performance.now();
  const source = "export default () => new Promise(() => {});";
  await assertServerFault(
    decided(source, "auth.js", 50),
    "auth.js: no decision within 50 ms",
  );
  assertLess(performance.now() - start, 4000);
});

Deno.test("loadAuthModule() outlives a module that rejects after its time", async () => {
  const source = "export default () => new Promise((_, reject) => " +
    'setTimeout(() => reject(new Error("late")), 60));';
  await assertServerFault(decided(source, "auth.js", 20), "no decision");
  await new Promise((resolve) => setTimeout(resolve, 100));
});

Deno.test("loadAuthModule() hands out a copy of the request", async () => {
  const dir = await Deno.makeTempDir();
  const source = 'export default (r) => { r.user = "root"; return true; };';
  await Deno.writeTextFile(`${dir}/auth.js`, source);
  const authenticate = await loadAuthModule(`${dir}/auth.js`);
  await Deno.remove(dir, { recursive: true });
  const request = { ...REQUEST };
  await authenticate(request);
  assertEquals(request.user, "studio");
});

const UNLOADABLE: readonly (readonly [string, string])[] = [
  ["export const authenticate = () => true;", "its default export must be"],
  ["export default true;", "its default export must be"],
  ["export default { allow: true };", "its default export must be"],
  ["export default function (", "Cannot load auth module"],
  ['throw new Error("at start");', "at start"],
  ['import "./missing.ts"; export default () => true;', "missing.ts"],
];

for (const [source, message] of UNLOADABLE) {
  Deno.test(`loadAuthModule() names the file that cannot be used: ${source}`, async () => {
    const error = await assertRejects(() => decided(source), Error, message);
    assertStringIncludes(error.message, "/auth.ts: ");
  });
}

Deno.test("loadAuthModule() names a file that is missing", async () => {
  await assertRejects(
    () => loadAuthModule("./no_such_auth.ts"),
    Error,
    "Cannot load auth module ./no_such_auth.ts: ",
  );
});

Deno.test("composeMethods() with tokens before a module takes a token once", async () => {
  const tokens = new TokenStore();
  const authenticate = composeMethods([
    tokenMethod(tokens),
    await loadAuthModule(EXAMPLE.pathname),
  ]);
  const { token } = tokens.issue("guest", undefined);
  const { password: _, ...bare } = REQUEST;
  const request = { ...bare, user: "guest", token };
  assertEquals((await authenticate(request)).allow, true);
  assertEquals((await authenticate(request)).allow, false);
});
