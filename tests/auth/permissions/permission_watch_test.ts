import { assertEquals } from "@std/assert";
import { buildConfig } from "../../../lib/config/config.ts";
import { startServer } from "../../../lib/server/server.ts";
import { RawPeer, requestBytes } from "../../helpers/raw_peer.ts";
import { EventLog, type TestServer } from "../../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../../session/live_channel.ts";
import { withFolder } from "../folder.ts";

const INI = "[DEFAULT]\npassword=123\n";

/** A server whose users can be changed while it runs. */
async function withUsers(
  use: (
    server: TestServer,
    write: (user: string, ini: string) => Promise<void>,
    dir: string,
  ) => Promise<void>,
): Promise<void> {
  await withFolder({ "fier.ini": INI, "other.ini": INI }, async (users) => {
    const log = new EventLog();
    const listen = [{ host: "127.0.0.1", port: 0 }];
    const config = { ...buildConfig(), users, listen, http: [] };
    const server = await startServer(config, log);
    const running: TestServer = {
      ...{ server, log, address: server.addresses[0]! },
      [Symbol.asyncDispose]: () => server.close(),
    };
    const write = (user: string, ini: string): Promise<void> =>
      Deno.writeTextFile(`${users}/${user}.ini`, ini);
    try {
      await use(running, write, users);
    } finally {
      await server.close();
    }
  });
}

/** The channels that are live or held, in alphabetical order. */
function onAir({ server }: TestServer): string[] {
  return server.hub.channels().map(({ user, name }) => `${user}/${name}`)
    .sort();
}

Deno.test("A reload ends what a user may no longer do, and nothing else", async () => {
  await withUsers(async (server, write) => {
    using _hall = await broadcasting(
      server,
      broadcastText("fier", ",channel=hall"),
    );
    using _yard = await broadcasting(
      server,
      broadcastText("fier", ",channel=yard"),
      2,
    );
    using _other = await broadcasting(server, broadcastText("other"), 3);
    using watcher = await watching(server, "watch,user=fier,channel=yard");
    await server.server.reload();
    assertEquals(onAir(server).length, 3);

    await write("fier", `${INI}channels=hall\n`);
    await server.server.reload();
    assertEquals(onAir(server), ["fier/hall", "other/default"]);
    assertEquals(await watcher.rest(), new Uint8Array());
    const { reason } = await server.log.wait("channel-end");
    assertEquals(reason, "the user's file does not name the channel");
    const end = await server.log.wait("broadcast-end", 1, { channel: "yard" });
    assertEquals(end.reason, reason);

    await write("fier", `${INI}enabled=false\n`);
    await server.server.reload();
    assertEquals(onAir(server), ["other/default"]);
    using again = await RawPeer.connect(
      server.address,
      requestBytes(broadcastText("fier", ",channel=hall,reply=1")),
    );
    const answer = new TextDecoder().decode((await again.rest()).subarray(5));
    assertEquals(answer, "error,code=denied,message=access denied");
  });
});

Deno.test("Channels of a user who is gone are ended; those of one with a broken file stay", async () => {
  await withUsers(async (server, write, dir) => {
    using _fier = await broadcasting(server, broadcastText("fier"));
    using _other = await broadcasting(server, broadcastText("other"), 2);
    await write("fier", "broken\n");
    await Deno.remove(`${dir}/other.ini`);
    await server.server.reload();
    await server.server.reload();
    assertEquals(onAir(server), ["fier/default"]);
    const complaints = server.log.named("permission-error");
    assertEquals(complaints.map(({ fields }) => fields.user), ["fier"]);
    const { reason } = await server.log.wait("channel-end");
    assertEquals(reason, "there is no such user any more");
  });
});

Deno.test("A file that is put in another one's place is not missed in between", async () => {
  await withUsers(async (server, write, dir) => {
    using _fier = await broadcasting(server, broadcastText("fier"));
    await Deno.remove(`${dir}/fier.ini`);
    const looked = server.server.reload();
    await write("fier", INI);
    await looked;
    assertEquals(onAir(server), ["fier/default"]);
  });
});

Deno.test("A user's own limits go before the server's, from the next sign-in or reload on", async () => {
  await withUsers(async (server, write) => {
    await write("fier", `${INI}max_channels=1\nmax_watchers=1\n`);
    using _fier = await broadcasting(server, broadcastText("fier"));
    using _first = await watching(server, "watch,user=fier");
    const refused = async (text: string): Promise<string> => {
      using peer = await RawPeer.connect(
        server.address,
        requestBytes(`${text},reply=1`),
      );
      return new TextDecoder().decode((await peer.rest()).subarray(5, 21));
    };
    const second = broadcastText("fier", ",channel=second");
    assertEquals(await refused(second), "error,code=limit");
    assertEquals(await refused("watch,user=fier"), "error,code=limit");
    await write("fier", `${INI}max_channels=2\nmax_watchers=2\n`);
    await server.server.reload();
    using _second = await broadcasting(server, second, 2);
    using _watcher = await watching(server, "watch,user=fier", 2);
  });
});

Deno.test("A broadcast that carries more than its user may send is ended", async () => {
  await withUsers(async (server, write) => {
    await write("fier", `${INI}max_bit_rate=800k\n`);
    using fast = await broadcasting(server, broadcastText("fier"));
    using slow = await broadcasting(
      server,
      broadcastText("fier", ",channel=b"),
      2,
    );
    await slow.send(new Uint8Array(400_000));
    await fast.send(new Uint8Array(700_000));
    const { reason } = await server.log.wait("channel-end");
    assertEquals(
      reason,
      "it carries more than the 800000 bit/s that are allowed",
    );
    assertEquals(onAir(server), ["fier/b"]);
  });
});

Deno.test("A reload ends nothing of a user whose file is put in place again a moment later", async () => {
  await withUsers(async (server, write, dir) => {
    using _live = await broadcasting(server, broadcastText("fier"));
    await Deno.remove(`${dir}/fier.ini`);
    const reloaded = server.server.reload();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await write("fier", INI);
    await reloaded;
    assertEquals(onAir(server), ["fier/default"]);
    await Deno.remove(`${dir}/fier.ini`);
    await server.server.reload();
    assertEquals(onAir(server), []);
  });
});
