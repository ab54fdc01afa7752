import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { formatAddress } from "../../lib/net/address.ts";
import { withFolder } from "../auth/folder.ts";
import { needs } from "../helpers/installed.ts";
import { makeProgram, type Ran } from "../helpers/program.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";

/** What a command did at a terminal of its own. */
interface AtTerminal extends Ran {
  /** What the terminal showed. */
  readonly shown: string;
}

/**
 * Runs shell text at a terminal, and types a line when it is asked for one.
 *
 * @param text `{SERVER}` stands for the server's address.
 */
async function typeInto(
  { address }: TestServer,
  text: string,
  prompt: string,
  keys: string,
): Promise<AtTerminal> {
  await using program = await makeProgram();
  return await withFolder({}, async (dir) => {
    const command = text.replaceAll("{SERVER}", formatAddress(address));
    await Deno.writeTextFile(`${dir}/command.sh`, command);
    const ran = await program.run(
      `: >shown; (until grep -q '${prompt}' shown; do sleep 0.1; done; printf '${keys}'; until [ -e done ]; do sleep 0.1; done) |
        script -qefc 'sh command.sh; s=$?; : >done; exit $s' shown >/dev/null`,
      dir,
    );
    return { ...ran, shown: await Deno.readTextFile(`${dir}/shown`) };
  });
}

Deno.test({
  ...needs("script", "a missing password is asked for at the terminal"),
  fn: async () => {
    await using server = await startTestServer({ folder: true });
    for (
      const [command, event] of [
        ["fstream {SERVER} token -u fier", "token"],
        ["echo media | fstream {SERVER} broadcast -u fier", "broadcast-end"],
      ] as const
    ) {
      const prompt = "password of fier: ";
      const keys = `${PASSWORD}\\r`;
      const { status, shown } = await typeInto(server, command, prompt, keys);
      assertEquals(status, 0, shown);
      await server.log.wait(event);
      assert(!shown.includes(`${prompt}${PASSWORD}`), shown);
    }
  },
});

Deno.test({
  ...needs("script", "Ctrl-C at the question ends the command"),
  fn: async () => {
    await using server = await startTestServer({ folder: true });
    const command = "fstream {SERVER} token -u fier; echo status $? >status";
    const { shown } = await typeInto(
      server,
      `${command}; cat status`,
      "password of fier: ",
      "12\\003",
    );
    assertStringIncludes(shown, "status 130");
    assertEquals(server.log.named("token"), []);
  },
});

Deno.test({
  ...needs("script", "SIGTERM at the question restores the terminal"),
  fn: async () => {
    await using server = await startTestServer({ folder: true });
    for (const command of ["{SERVER} token -u fier", "user fier"]) {
      const { shown } = await typeInto(
        server,
        `before=$(stty -g)
        fstream ${command} </dev/tty & child=$!
        until grep -q '^password of fier: ' shown; do sleep 0.1; done
        kill $child; wait $child; echo "status $?"
        test "$before" = "$(stty -g)" && echo "terminal restored"`,
        "terminal restored",
        "",
      );
      assertStringIncludes(shown, "status 143");
    }
  },
});

Deno.test({
  ...needs("script", "a denied watcher is asked for the channel password"),
  fn: async () => {
    await using server = await startTestServer({ folder: true });
    const { shown } = await typeInto(
      server,
      `mkfifo go
      { printf 'hello'; cat go; } | fstream {SERVER} broadcast -u fier --user-password ${PASSWORD} --channel-password 456 --format raw &
      fstream {SERVER} watch -u fier --wait 20 --start oldest | { head -c 5 >out; : >go; cat; }
      wait; cat out`,
      "password of the channel: ",
      "456\\r",
    );
    assertStringIncludes(shown, "hello");
    assertEquals(server.log.named("watch-end").length, 1);
  },
});

Deno.test("without a terminal no password is asked for", async () => {
  await using program = await makeProgram();
  await using server = await startTestServer({ folder: true });
  await withFolder({}, async (dir) => {
    const address = formatAddress(server.address);
    const { status, stderr } = await program.run(
      `fstream ${address} token -u fier`,
      dir,
    );
    assertEquals(status, 3);
    assertStringIncludes(stderr, "access denied");
    assert(!stderr.includes("password of"), stderr);
  });
});
