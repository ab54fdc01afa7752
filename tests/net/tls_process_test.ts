import { assertEquals, assertMatch } from "@std/assert";
import { formatAddress, parseAddress } from "../../lib/net/address.ts";
import { fstream, ServeProcess } from "../helpers/fstream_process.ts";
import { fromRoot } from "../helpers/root.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import { authorityPath, type Name } from "./tls_scene.ts";

const SAMPLES = fromRoot("tests/vectors/tls");

async function show(name: Name, folder: string): Promise<void> {
  const from = `${SAMPLES}/server_${name}`;
  await Deno.copyFile(`${from}.pem`, `${folder}/cert.pem`);
  await Deno.copyFile(`${from}.key`, `${folder}/key.pem`);
}

/** Runs `fstream token`; gives its status and what it wrote. */
async function token(
  address: string,
  ...flags: readonly string[]
): Promise<[status: number, stdout: string]> {
  const { code, stdout } = await fstream(
    [address, "token", "-u", "fier", ...flags],
    { env: { "fserv_arg_user_password": PASSWORD }, stderr: "null" },
  ).output();
  return [code, new TextDecoder().decode(stdout)];
}

Deno.test({
  name:
    "fstream serve reads a renewed certificate on SIGHUP; its clients speak TLS",
  ignore: Deno.build.os === "windows", // It has no SIGHUP.
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fstream-tls-" });
    await show("one", folder);
    {
      await using server = await ServeProcess.start([
        ...["--tls-cert", `${folder}/cert.pem`],
        ...["--tls-key", `${folder}/key.pem`],
        ...["--tls-listen", "127.0.0.1:0"],
      ]);
      const listen = await server.log.wait("listen", 1, { tls: true });
      const address = formatAddress(parseAddress(String(listen.address), 0));
      const [status, answer] = await token(
        address,
        ...["--tls-ca", authorityPath("one")],
      );
      assertEquals(status, 0);
      assertMatch(answer, /^[0-9a-f]{48}\n$/);
      // The system's authorities know nothing of this one.
      assertEquals(await token(address, "--tls"), [1, ""]);
      await show("two", folder);
      Deno.kill(server.pid, "SIGHUP");
      await server.log.wait("tls-renewed");
      const renewed = ["--tls-ca", authorityPath("two")];
      assertEquals((await token(address, ...renewed))[0], 0);
      const outdated = ["--tls-ca", authorityPath("one")];
      assertEquals((await token(address, ...outdated))[0], 1);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
