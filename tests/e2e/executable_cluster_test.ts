import { assertEquals } from "@std/assert";
import {
  BareMachine,
  executable,
  missing,
  needsExecutable,
  serveExecutable,
} from "../helpers/executable.ts";
import { operated, tlsArgs, tlsFile } from "../cluster/nats_logins.ts";
import { NatsProcess, needsNats } from "../cluster/nats_process.ts";

const { ignore, name } = needsNats(
  needsExecutable(
    "the executable shares channels over NATS, with TLS and a credentials file",
  ).name,
);

Deno.test({
  ...{ name, ignore: ignore || missing !== undefined },
  fn: async () => {
    await using machine = await BareMachine.make(await executable());
    const { text, user } = operated();
    const config = `${machine.folder}/nats.conf`;
    const credentials = `${machine.folder}/user.creds`;
    await Deno.writeTextFile(config, text!);
    await Deno.writeTextFile(credentials, user);
    const args = ["-c", config, ...tlsArgs("one")];
    await using nats = await NatsProcess.start(...args);
    const flags = [
      ...["--nats", `tls://localhost:${nats.port}`],
      ...["--nats-credentials", credentials],
      ...["--nats-ca", tlsFile("authority_one")],
    ];
    await using one = await serveExecutable(machine, flags);
    await using other = await serveExecutable(machine, flags);
    await Promise.all([one.logged("cluster-up"), other.logged("cluster-up")]);
    await machine.sh("head -c 3000000 /dev/urandom > sent");
    const watching = machine.sh(
      `fstream ${other.address} watch -q -u fier --wait 20 > seen`,
    );
    await other.logged("watch-wait");
    const sent = await machine.sh(
      `fstream ${one.address} broadcast -q -u fier --user-password 123 --format raw < sent`,
    );
    assertEquals(sent, { status: 0, stdout: "", stderr: "" });
    assertEquals(await watching, { status: 0, stdout: "", stderr: "" });
    const same = await machine.sh("cmp sent seen");
    assertEquals(same, { status: 0, stdout: "", stderr: "" });
  },
});
