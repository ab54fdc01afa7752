import { X509Certificate } from "node:crypto";
import { assertEquals, assertMatch } from "@std/assert";
import {
  formatPasswordHash,
  hashPassword,
} from "../../../lib/auth/passwords/password_hash.ts";
import { check } from "../../../lib/cli/commands/check.ts";
import { checkDescriptors } from "../../../lib/cli/check/check_descriptors.ts";
import { checkTls } from "../../../lib/cli/check/check_tls.ts";
import { buildConfig } from "../../../lib/config/config.ts";
import { makeProgram } from "../../helpers/program.ts";
import { fromRoot } from "../../helpers/root.ts";

/** The findings for a folder of users, one line each. */
async function findings(
  users: Readonly<Record<string, string>>,
  flags: Readonly<Record<string, string>> = {},
  mode = 0o600,
): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "fstream-check-" });
  try {
    for (const [name, text] of Object.entries(users)) {
      await Deno.writeTextFile(`${folder}/${name}`, text, { mode });
    }
    const common = { users: folder, listen: "127.0.0.1:0" };
    const found = await check(new Map(Object.entries({ ...common, ...flags })));
    return found.map(({ level, problem, advice }) =>
      `${level}: ${problem} > ${advice}`.replaceAll(folder, "users")
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const GOOD = { "fier.ini": "[DEFAULT]\npassword=123\n" };

Deno.test("check() finds nothing if a server could start", async () => {
  assertEquals(await findings(GOOD), []);
});

const USERS: readonly [file: string, text: string, found: RegExp][] = [
  [
    "a.ini",
    "[DEFAULT]\npassword\n",
    /^error: .*users\/a\.ini: line 2: no = or : .*> correct/,
  ],
  [
    "a.ini",
    "[DEFAULT]\n\npassword=\n",
    /^warning: users\/a\.ini line 3: no password.*> write password=/,
  ],
  ["a.ini", "[DEFAULT]\n", /^warning: users\/a\.ini: no password/],
  [
    "a.ini",
    "[DEFAULT]\npassword=1\n[channel hall]\nmax_lag=4\n",
    /^error: .*users\/a\.ini: line 4: max_lag expects auto, a time .*> correct/,
  ],
  [
    "a.ini",
    "[DEFAULT]\nx=1\npassword=1,2\n",
    /^error: users\/a\.ini line 3: .*comma.*> choose/,
  ],
  [
    "con.ini",
    "[DEFAULT]\npassword=1\n",
    /^error: users\/con\.ini: the user's name is a device.*> rename/,
  ],
  [
    "admin.ini",
    "[DEFAULT]\npassword=1\n",
    /^warning: users\/admin\.ini: \/admin is a page, .*HTTP > rename/,
  ],
];

Deno.test("check() names file and line of a user who cannot sign in or be watched, with advice", async () => {
  for (const [file, text, found] of USERS) {
    const [first = "", ...more] = await findings({ ...GOOD, [file]: text });
    assertMatch(first, found);
    assertEquals(more, []);
  }
});

Deno.test("check() warns of an empty folder, and reports a missing one", async () => {
  assertMatch(
    (await findings({})).join(),
    /^warning: users: no user.*> make one/,
  );
  const missing = await findings({}, { users: "/nowhere/users" });
  assertMatch(missing.join(), /^error: .*\/nowhere\/users.*> mkdir -p/);
});

Deno.test({
  name: "check() warns of a password that everybody can read",
  ignore: Deno.build.os === "windows", // It has no such bits.
  fn: async () => {
    const found = await findings(GOOD, {}, 0o644);
    assertMatch(
      found.join(),
      /^warning: users\/fier\.ini: every user.*> chmod o= .*fstream user/,
    );
  },
});

Deno.test({
  name:
    "check() accepts a readable hash, and warns of a file that others can change",
  ignore: Deno.build.os === "windows", // It has no such bits.
  fn: async () => {
    const hash = formatPasswordHash(await hashPassword("123"));
    const hashed = { "fier.ini": `[DEFAULT]\npassword_hash=${hash}\n` };
    assertEquals(await findings(hashed, {}, 0o644), []);
    for (const users of [GOOD, hashed]) {
      const found = await findings(users, {}, 0o666);
      assertMatch(
        found.join(),
        /^warning: users\/fier\.ini: every user.* can change it > chmod o= /,
      );
    }
  },
});

Deno.test("check() warns of a max-lag that the backlog cannot hold", async () => {
  const backlog = "8M";
  const [found = "", ...more] = await findings(GOOD, {
    backlog,
    "max-lag": "5M",
  });
  assertMatch(
    found,
    /^warning: --max-lag: watchers skip beyond 4\.19 MB, half of .*> set a/,
  );
  assertEquals(more, []);
  for (const good of ["4M", "1h", "auto"]) {
    assertEquals(await findings(GOOD, { backlog, "max-lag": good }), []);
  }
});

Deno.test("check() reports every bad setting of an ini by its line", async () => {
  const ini = await Deno.makeTempFile({ suffix: ".ini" });
  try {
    const text = "[server]\nbacklog = lots\ncolour = red\ngrace = 5s\n";
    await Deno.writeTextFile(ini, text);
    const [backlog = "", colour = "", ...more] = await findings(GOOD, {
      config: ini,
    });
    assertMatch(backlog, /^error: \S+ line 2: backlog expects a size.*> /);
    assertMatch(colour, /^error: \S+ line 3: colour: unknown setting/);
    assertEquals(more, []);
  } finally {
    await Deno.remove(ini);
  }
});

Deno.test("check() reports a port that is taken, and the setting that names it", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const listen = `127.0.0.1:${taken.addr.port}`;
  const found = await findings(GOOD, { listen });
  assertEquals(found.length, 1);
  assertMatch(
    found[0]!,
    /^error: --listen: Cannot listen at .*> another program/,
  );
});

Deno.test("check() reports an address that is named twice", async () => {
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${free.addr.port}`;
  free.close();
  const tls = { "tls-cert": PAIR.cert, "tls-key": PAIR.key };
  const both = { listen: address, "tls-listen": address };
  const found = await findings(GOOD, { ...tls, ...both });
  assertEquals(found.length, 1);
  assertMatch(
    found[0]!,
    /^error: --tls-listen: Cannot listen at .* > .* --tls-listen$/,
  );
});

Deno.test("check() loads the auth module, or reports why it cannot", async () => {
  const good = fromRoot("tests/vectors/auth/my_auth.ts");
  assertEquals(await findings({}, { auth: good }), []);
  const found = await findings({}, { auth: "/nowhere/auth.ts" });
  assertMatch(
    found.join(),
    /^error: --auth: Cannot load auth module .*> the module/,
  );
});

Deno.test("checkDescriptors() reports more connections than files can be opened", async () => {
  assertEquals(checkDescriptors(1, "connections"), []);
  await using program = await makeProgram();
  const { status, stdout } = await program.run(
    "mkdir users; ulimit -n 300; fstream check --users users --listen 127.0.0.1:0; s=$?; rmdir users; exit $s",
    await Deno.makeTempDir(),
  );
  assertEquals(status, 1);
  assertMatch(
    stdout,
    /error: connections: 10000 connections need 10064 .* only 2\d\d are available\n {2}ulimit -n 10064, LimitNOFILE=/,
  );
});

/** A sample certificate, and its key. */
const PAIR = {
  cert: fromRoot("tests/vectors/tls/server_one.pem"),
  key: fromRoot("tests/vectors/tls/server_one.key"),
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** When the sample certificate is valid, in milliseconds since 1970. */
async function validity(): Promise<{ from: number; to: number }> {
  const { validFrom, validTo } = new X509Certificate(
    await Deno.readTextFile(PAIR.cert),
  );
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

/** The findings for a certificate and its key at a time, one line each. */
async function tlsFindings(now: number, pair = PAIR): Promise<string[]> {
  const config = { ...buildConfig(), tlsCert: pair.cert, tlsKey: pair.key };
  const where = new Map([["tls-cert", "--tls-cert"], ["tls-key", "--tls-key"]]);
  const found = await checkTls(config, where, now);
  return found.map(({ level, problem, advice }) =>
    `${level}: ${problem} > ${advice}`
  );
}

Deno.test("checkTls() reports a certificate that has expired, expires soon, or is not valid yet", async () => {
  const { from, to } = await validity();
  const cases: readonly [now: number, found: RegExp][] = [
    [
      from - DAY_MS,
      /^error: .* line 1: the certificate is not valid before \S+Z > set this/,
    ],
    [from, /^$/],
    [to - 14 * DAY_MS - 1, /^$/],
    [
      to - 14 * DAY_MS,
      /^warning: .* line 1: the certificate expires on \S+Z > renew it/,
    ],
    [to, /^warning: /],
    [
      to + 1,
      /^error: --tls-cert: \S+server_one\.pem line 1: the certificate expired on \S+Z > renew it/,
    ],
  ];
  for (const [now, found] of cases) {
    assertMatch((await tlsFindings(now)).join("\n"), found);
  }
});

Deno.test("checkTls() checks every certificate of the chain, and names its line", async () => {
  const { to } = await validity();
  const own = await Deno.readTextFile(PAIR.cert);
  const authority = await Deno.readTextFile(
    fromRoot("tests/vectors/tls/authority_one.pem"),
  );
  const cert = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(cert, `host\n${own}issuer\n${authority}`);
    const line = own.split("\n").length + 2;
    const [first = "", second = "", ...more] = await tlsFindings(
      to + DAY_MS,
      { ...PAIR, cert },
    );
    assertMatch(first, /^error: .* line 2: /);
    assertMatch(second, new RegExp(`^warning: .* line ${line}: `));
    assertEquals(more, []);
  } finally {
    await Deno.remove(cert);
  }
});

Deno.test("checkTls() reports files that cannot be read, and a key of another certificate", async () => {
  const { from } = await validity();
  const missing = { cert: "/nowhere/cert.pem", key: "/nowhere/key.pem" };
  const [cert = "", key = "", ...more] = await tlsFindings(from, missing);
  assertMatch(
    cert,
    /^error: --tls-cert: Cannot read \/nowhere\/cert\.pem.* > /,
  );
  assertMatch(key, /^error: --tls-key: Cannot read \/nowhere\/key\.pem.* > /);
  assertEquals(more, []);
  const other = PAIR.key.replace("server_one", "server_two");
  assertMatch(
    (await tlsFindings(from, { ...PAIR, key: other })).join("\n"),
    /^error: --tls-cert: Cannot use .*KeyMismatch.* > name the key .* openssl pkey -pubout -in \S+server_two\.key then print/,
  );
  assertMatch(
    (await tlsFindings(from, { ...PAIR, cert: PAIR.key })).join("\n"),
    /^error: --tls-cert: Cannot use .* > both settings name PEM files/,
  );
});

// Windows has no modes, and root reads everything.
const unbound = Deno.build.os === "windows" || Deno.uid() === 0;

Deno.test({
  name: "checkTls() reports a key that the server may not read" +
    (unbound ? " (skipped: no mode keeps this user out)" : ""),
  ignore: unbound,
  fn: async () => {
    const { from } = await validity();
    const key = await Deno.makeTempFile();
    try {
      await Deno.chmod(key, 0);
      assertMatch(
        (await tlsFindings(from, { ...PAIR, key })).join("\n"),
        /^error: --tls-key: Cannot read .* > let the server's user read it/,
      );
    } finally {
      await Deno.remove(key);
    }
  },
});
