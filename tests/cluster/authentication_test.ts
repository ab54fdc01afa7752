/**
 * A NATS that asks who connects: what it lets in, what an operator is told where it does not, and that the server
 * serves alone until it does.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
} from "@std/assert";
import type { Config } from "../../lib/config/config.ts";
import { UsageError } from "../../lib/errors.ts";
import { eventually } from "../helpers/eventually.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { natsFindings } from "./check_findings.ts";
import {
  assertBytes,
  Broadcaster,
  healthOf,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import { type Login, logins, type NatsConfig } from "./nats_logins.ts";
import { freePort, NatsProcess, needsNats } from "./nats_process.ts";

/** What must never be shown. */
const SECRETS = /p@ss|p%40ss|s3cret|SU[A-Z2-7]{56}|eyJ/;

/** A NATS that is restarted with other configurations, and the files of a node. */
class Site implements AsyncDisposable {
  readonly port = freePort();
  readonly folder = Deno.makeTempDirSync({ prefix: "fstream-nats-" });
  #nats: NatsProcess | undefined;

  /** Replaces the NATS that runs. */
  async run({ args = [], text }: NatsConfig): Promise<void> {
    await this.#nats?.kill();
    const file = this.file("nats.conf", text ?? "");
    const config = text === undefined ? [] : ["-c", file];
    this.#nats = new NatsProcess(this.port, [...args, ...config]);
    await this.#nats.run();
  }

  /** Writes a file. */
  file(name: string, text: string): string {
    const path = `${this.folder}/${name}`;
    Deno.writeTextFileSync(path, text);
    return path;
  }

  /** The settings of a node. */
  config({ url, credentials, ca }: Login): Partial<Config> {
    return {
      nats: [url(this.port)],
      ...(credentials === undefined
        ? {}
        : { natsCredentials: this.file("node.creds", credentials) }),
      ...(ca === undefined ? {} : { natsCa: ca }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nats?.kill();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The findings of `fstream check` for the same settings. */
async function checked(
  { nats = [], natsCredentials, natsCa }: Partial<Config>,
): Promise<string[]> {
  return await natsFindings(
    ["nats", nats.join()],
    ["nats-credentials", natsCredentials ?? ""],
    ["nats-ca", natsCa ?? ""],
  );
}

function reasons({ log }: TestServer, event: string): string[] {
  return log.named(event).map(({ fields }) => String(fields.reason));
}

for (const login of logins()) {
  Deno.test({
    ...needsNats(
      `${login.name}: a server that NATS refuses serves alone, and joins when it does not`,
    ),
    fn: async () => {
      await using site = new Site();
      const config = site.config(login);
      await site.run(login.refuses);
      const [finding, ...more] = await checked(config);
      assertEquals(more, []);
      assertMatch(finding!, /^warning: --nats: NATS cannot be used: it/);
      assertMatch(finding!, login.problem);
      assertNotMatch(finding!, SECRETS);
      await using refused = await startTestServer({ config });
      const { reason } = await refused.log.wait("cluster-down");
      assertMatch(String(reason), login.problem);
      assertNotMatch(String(reason), SECRETS);
      assertEquals(await healthOf(refused), "ok, but without NATS");
      using live = await Broadcaster.start(refused);
      await live.send(1000);
      await pause(2500); // Several attempts.
      assertEquals(reasons(refused, "cluster-down"), [String(reason)]);
      await site.run(login.accepts);
      assertEquals(await checked(config), []);
      await using joined = new Nodes([await startTestServer({ config })]);
      await eventually(
        "both have joined",
        () =>
          [refused, joined.at(0)].every(({ log }) =>
            log.total("cluster-up") === 1
          ),
      );
      assertEquals(await healthOf(refused), "ok");
      const { peer } = await watch(joined.at(0));
      await assertBytes(peer, 0, 1000);
      peer.close();
    },
  });
}

Deno.test({
  ...needsNats(
    "credentials that NATS does not accept any more: the server says so once, and nothing is lost",
  ),
  fn: async () => {
    await using site = new Site();
    const login = logins()[0]!;
    const config = site.config(login);
    await site.run(login.accepts);
    await using nodes = new Nodes([
      await startTestServer({ config }),
      await startTestServer({ config }),
    ]);
    for (const { log } of nodes.all) await log.wait("cluster-up");
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(1000);
    const { peer } = await watch(nodes.at(1));
    using _peer = peer;
    await assertBytes(peer, 0, 1000);
    await site.run(login.refuses);
    await nodes.at(1).log.wait("cluster-down", 2);
    await live.send(5000);
    await pause(2500);
    const [closed, refused, ...more] = reasons(nodes.at(1), "cluster-down");
    assert(closed);
    assertMatch(refused!, login.problem);
    assertEquals(more, []);
    await site.run(login.accepts);
    await assertBytes(peer, 1000, 5000);
    await nodes.at(1).log.wait("cluster-up", 2);
  },
});

Deno.test({
  ...needsNats("a NATS user who may not use the prefix: log and check say so"),
  fn: async () => {
    await using site = new Site();
    const text =
      `authorization { users = [{ user: u, password: p, permissions: {
  publish: ["other.>", "_INBOX.>"], subscribe: ["other.>", "_INBOX.>"] } }] }`;
    await site.run({ text });
    const at = `nats://u:p@127.0.0.1:${site.port}`;
    assertEquals(await checked({ nats: [`${at}/other`] }), []);
    const [finding] = await checked({ nats: [at] });
    assertMatch(finding!, /under fstream\. .* the permissions of its user$/);
    await using server = await startTestServer({ config: { nats: [at] } });
    await eventually(
      "both kinds are reported",
      () => server.log.total("cluster-error") >= 2,
    );
    await pause(2500); // The server has told of itself again.
    const told = reasons(server, "cluster-error").map((text) =>
      /Permissions Violation for (Publish|Subscription) to "fstream\./.exec(
        text,
      )?.[1]
    );
    // Each of the two connections may say each of them once.
    assert(told.length <= 4, `${told}`);
    assertEquals(new Set(told), new Set(["Subscription", "Publish"]));
  },
});

Deno.test({
  ...needsNats("a NATS whose messages are too small is not used"),
  fn: async () => {
    await using site = new Site();
    await site.run({ text: "max_payload: 32768" });
    const nats = [`nats://127.0.0.1:${site.port}`];
    const [finding] = await checked({ nats });
    assertMatch(finding!, /its max_payload is 32768, and 61440 is needed$/);
    await using server = await startTestServer({ config: { nats } });
    await server.log.wait("cluster-down");
    await site.run({});
    await eventually(
      "it is connected",
      () => server.log.total("cluster-up") === 1,
    );
  },
});

Deno.test({
  ...needsNats("what is no NATS, and files that cannot be used"),
  fn: async () => {
    await using site = new Site();
    await site.run({});
    const nats = [`nats://127.0.0.1:${site.port}`];
    const files: [Partial<Config>, RegExp][] = [
      [
        { natsCredentials: site.file("a", "u:p\n") },
        /Cannot use .*a: there is no nkey seed of a user in it$/,
      ],
      [
        { natsCredentials: site.file("b", `SU${"A".repeat(56)}`) },
        /Cannot use .*b: its nkey seed has a wrong checksum$/,
      ],
      [
        { natsCredentials: `${site.folder}/none` },
        /Cannot read .*none: No such file/,
      ],
      [
        { natsCa: site.file("c", "none") },
        /Cannot use .*c: there is no certificate in it$/,
      ],
    ];
    for (const [config, problem] of files) {
      const [finding] = await checked({ nats, ...config });
      assertMatch(finding!, /^error: /);
      assertMatch(finding!, problem);
      await assertRejects(
        () => startTestServer({ config: { nats, ...config } }),
        UsageError,
        "Cannot ",
      );
    }
    const [plain] = await checked({ nats: [`tls://127.0.0.1:${site.port}`] });
    assertMatch(plain!, /NATS cannot be used: it offers no TLS$/);
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const greeting = async (): Promise<void> => {
      for await (const conn of other) {
        await conn.write(new TextEncoder().encode("SSH-2.0-x\r\n"));
        conn.close();
      }
    };
    const greeted = greeting();
    const [ssh] = await checked({
      nats: [`nats://127.0.0.1:${other.addr.port}`],
    });
    assertMatch(ssh!, /NATS cannot be used: it is no NATS server$/);
    other.close();
    await greeted;
  },
});
