import { assert, assertEquals, assertRejects } from "@std/assert";
import { withFolder } from "../auth/folder.ts";
import { buildConfig } from "../../lib/config/config.ts";
import { UsageError } from "../../lib/errors.ts";
import { silentLogger } from "../../lib/logger.ts";
import { startServer } from "../../lib/server/server.ts";
import { tlsFiles } from "../../lib/server/tls_files.ts";
import { openTlsFiles } from "../../lib/net/tls_files.ts";
import { fromRoot } from "../helpers/root.ts";

const FOLDER = fromRoot("tests/vectors/tls");
const ONE = [`${FOLDER}/server_one.pem`, `${FOLDER}/server_one.key`] as const;

Deno.test("openTlsFiles() refuses what is no pair, with the files' names", async () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    [ONE[0], `${FOLDER}/server_two.key`, "KeyMismatch"],
    [ONE[0], ONE[0], "No keys found"],
    [ONE[1], ONE[1], "No certificates found"],
    [ONE[0], "/nonexistent.key", "Cannot read /nonexistent.key: "],
    ["/nonexistent.pem", ONE[1], "Cannot read /nonexistent.pem: "],
  ];
  for (const [cert, key, problem] of wrong) {
    const error = await assertRejects(() => openTlsFiles(cert, key), Error);
    assert(error.message.includes(problem), error.message);
    assert(error.message.startsWith("Cannot "), error.message);
  }
});

Deno.test("TlsFiles.reload() tells whether there is something new", async () => {
  const [cert, key] = await Promise.all(ONE.map((f) => Deno.readTextFile(f)));
  const files = { "cert.pem": cert!, "key.pem": key! };
  await withFolder(files, async (dir) => {
    const tls = await openTlsFiles(`${dir}/cert.pem`, `${dir}/key.pem`);
    assertEquals(await tls.reload(), false);
    await Deno.writeTextFile(`${dir}/cert.pem`, `${cert}\n`);
    assertEquals(await tls.reload(), true);
    assertEquals(await tls.reload(), false);
    await Deno.writeTextFile(`${dir}/cert.pem`, "");
    await assertRejects(() => tls.reload(), Error, "No certificates found");
    assertEquals(tls.identity, { cert: `${cert}\n`, key });
  });
});

Deno.test("startServer() does not start with half a certificate", async () => {
  const [tlsCert, tlsKey] = ONE;
  for (
    const [half, problem] of [
      [{ tlsCert }, "tls-cert is set without tls-key"],
      [{ tlsKey }, "tls-key is set without tls-cert"],
    ] as const
  ) {
    const config = { ...buildConfig(), users: FOLDER, ...half };
    const start = () => startServer(config, silentLogger);
    await assertRejects(start, UsageError, problem);
  }
});

Deno.test("tlsFiles() opens what the settings name", async () => {
  const [tlsCert, tlsKey] = ONE;
  assertEquals(await tlsFiles(buildConfig()), undefined);
  const files = await tlsFiles({ ...buildConfig(), tlsCert, tlsKey });
  assertEquals(files?.identity.key, await Deno.readTextFile(tlsKey));
});
