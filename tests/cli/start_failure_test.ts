import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { Failure } from "../../lib/cli/failure.ts";
import { startFailure } from "../../lib/cli/start_failure.ts";
import { buildConfig, type Config } from "../../lib/config/config.ts";
import { UsageError } from "../../lib/errors.ts";
import { silentLogger } from "../../lib/logger.ts";
import { startServer } from "../../lib/server/server.ts";
import { fromRoot } from "../helpers/root.ts";
import { withFolder } from "../auth/folder.ts";

const TLS = {
  tlsCert: fromRoot("tests/vectors/tls/server_one.pem"),
  tlsKey: fromRoot("tests/vectors/tls/server_one.key"),
};

/** The advice on a server that cannot start with these settings. */
async function adviceOn(settings: Partial<Config>): Promise<string> {
  return await withFolder({}, async (users) => {
    const config = { ...buildConfig(), users, ...settings };
    try {
      await startServer(config, silentLogger);
    } catch (error) {
      const failure = startFailure(error, config);
      assertInstanceOf(failure, Failure);
      assertEquals(failure.cause, error);
      return failure.hint;
    }
    throw new Error("Cannot test this: the server started");
  });
}

Deno.test("startFailure() names the setting of a port that is taken", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const busy = [{ host: "127.0.0.1", port: taken.addr.port }];
  const free = [{ host: "127.0.0.1", port: 0 }];
  const advice = await adviceOn({ ...TLS, listen: free, tlsListen: busy });
  assertMatch(advice, /^another program listens there .* --tls-listen$/);
  const plain = await adviceOn({ ...TLS, listen: busy, tlsListen: free });
  assertMatch(plain, /^another program listens there .* --listen$/);
});

Deno.test("startFailure() recognises an address that is named twice", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const twice = [{ host: "127.0.0.1", port: free.addr.port }];
  free.close();
  assertEquals(
    await adviceOn({ ...TLS, listen: twice, tlsListen: twice }),
    "name each address once: this one is twice in listen and tls-listen",
  );
  assertEquals(
    await adviceOn({ listen: [...twice, ...twice] }),
    "name each address once: this one is twice in listen",
  );
});

Deno.test("startFailure() recognises the address of a taken port without a host", async () => {
  using taken = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const advice = await adviceOn({
    listen: [{ host: "", port: taken.addr.port }],
  });
  assertMatch(advice, /^another program listens there .* --listen$/);
});

Deno.test("startFailure() refers other errors to fstream check", async () => {
  const listen = [{ host: "127.0.0.1", port: 0 }];
  const advice = await adviceOn({ listen, auth: "/nowhere/auth.ts" });
  assertMatch(advice, /^fstream check/);
  const usage = new UsageError("x");
  assertEquals(startFailure(usage, buildConfig()), usage);
});
