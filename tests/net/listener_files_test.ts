import { assertLess, assertStringIncludes } from "@std/assert";
import { readLog } from "../helpers/fstream_process.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { fromRoot } from "../helpers/root.ts";
import { EventLog } from "../helpers/start_server.ts";
import { assertEchoes } from "./listener_scene.ts";
import { authority } from "./tls_scene.ts";

/** Descriptors of the child: some forty are the runtime's own. */
const FILES = 100;

/** A listener in a process that may open few files; `await using` ends it. */
class LimitedListener implements AsyncDisposable {
  readonly log = new EventLog();
  readonly #process: Deno.ChildProcess;
  readonly #read: Promise<void>;

  constructor() {
    const run = ["run", "-A", fromRoot("tests/net/listener_child.ts")];
    this.#process = new Deno.Command("sh", {
      args: [
        ...["-c", `ulimit -n ${FILES} && exec "$@"`, "sh", Deno.execPath()],
        ...run,
      ],
      env: { DENO_NO_UPDATE_CHECK: "1" }, // It opens files too.
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#read = readLog(this.#process.stdout, this.log);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close();
    await this.#process.status;
    await this.#read;
  }
}

Deno.test({
  name:
    "Listener accepts again once there are file descriptors again, with TLS and without",
  ignore: Deno.build.os === "windows", // It has no ulimit.
  fn: async () => {
    await using limited = new LimitedListener();
    const { plain, secure } = await limited.log.wait("listening");
    const caCerts = [await authority("one")];
    for (const port of [Number(plain), Number(secure)]) {
      const address = { host: "127.0.0.1", port };
      const peers: RawPeer[] = [];
      const seen = limited.log.named("accept-error").length;
      for (let i = 0; i < FILES; i++) {
        peers.push(await RawPeer.connect(address));
      }
      const { reason } = await limited.log.wait("accept-error", seen + 1);
      assertStringIncludes(String(reason), "Too many open files");
      if (port === plain) await assertEchoes(peers[0]!);
      for (const peer of peers) peer.close();
      const hostname = address.host;
      using healthy = new RawPeer(
        port === plain
          ? await Deno.connect({ hostname, port })
          : await Deno.connectTls({ hostname, port, caCerts }),
      );
      await assertEchoes(healthy);
    }
    assertLess(limited.log.named("accept-error").length, 20);
  },
});
