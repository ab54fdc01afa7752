import { assertEquals, assertStringIncludes } from "@std/assert";
import { check } from "../../../lib/cli/commands/check.ts";
import { withFolder } from "../../auth/folder.ts";
import { fromRoot } from "../../helpers/root.ts";

const FOLDER = fromRoot("tests/vectors/tls");

/** The problems of TLS settings, where everything else is valid. */
async function problems(
  flags: Readonly<Record<string, string>>,
): Promise<string[]> {
  const ini = "[DEFAULT]\npassword=x\n";
  return await withFolder({ "fier.ini": ini }, async (users) => {
    const rest = {
      users,
      listen: "127.0.0.1:0",
      connections: "1",
    };
    await Deno.chmod(`${users}/fier.ini`, 0o600);
    const findings = await check(
      new Map(Object.entries({ ...rest, ...flags })),
    );
    return findings.map(({ problem }) => problem);
  });
}

Deno.test({
  name:
    "check() reads the certificate, and listens for TLS only if there is one",
  ignore: Deno.build.os === "windows", // It has no modes.
  fn: async () => {
    const cert = `${FOLDER}/server_one.pem`;
    const pair = { "tls-cert": cert, "tls-key": `${FOLDER}/server_one.key` };
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const busy = { "tls-listen": `127.0.0.1:${taken.addr.port}` };
    assertEquals(await problems({}), []);
    assertEquals(await problems(busy), []);
    assertEquals(await problems({ ...pair, "tls-listen": "127.0.0.1:0" }), []);
    const [inUse] = await problems({ ...pair, ...busy });
    assertStringIncludes(inUse!, "Cannot listen at 127.0.0.1:");
    const key = `${FOLDER}/server_two.key`;
    const off = { "tls-listen": "off" };
    const [other] = await problems({ ...pair, ...off, "tls-key": key });
    assertStringIncludes(other!, "KeyMismatch");
    const [half] = await problems({ ...off, "tls-key": key });
    assertEquals(half, "tls-key is set without tls-cert");
  },
});

Deno.test("check() does not read users where a webhook decides", async () => {
  const url = "https://example.org/auth";
  assertEquals(await problems({ "auth-url": url, users: "/nonexistent" }), []);
  const [both] = await problems({ "auth-url": url, auth: "./x.ts" });
  assertStringIncludes(both!, "auth and auth-url are both set");
});
