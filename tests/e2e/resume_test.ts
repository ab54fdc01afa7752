import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { equals } from "@std/bytes";
import { BroadcastProcess, WatchProcess } from "../helpers/client_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { pattern } from "../helpers/pattern.ts";
import { startTestServer } from "../helpers/start_server.ts";

/** Seconds that a server is stopped: five acknowledgements are missing. */
const STOPPED_S = 5;

Deno.test({
  name: "a stopped server delays a stream, and changes none of its bytes",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using server = await ServeProcess.start();
    const address = await server.address();
    const watch = new WatchProcess(address);
    await server.log.wait("watch-wait");
    const broadcast = new BroadcastProcess(address, ["--format", "raw"]);
    await broadcast.feed(500_000);
    await eventually("the watcher follows", () => watch.length === 500_000);
    Deno.kill(server.pid, "SIGSTOP");
    const fed = broadcast.feed(1_000_000); // It is kept meanwhile.
    await new Promise((resolve) => setTimeout(resolve, STOPPED_S * 1000));
    Deno.kill(server.pid, "SIGCONT");
    await fed;
    await eventually("all is there", () => watch.length === 1_500_000);
    await broadcast.end();
    const statuses = [broadcast.child.status, watch.child.status];
    const codes = (await Promise.all(statuses)).map(({ code }) => code);
    assertEquals(codes, [0, 0]);
    assert(equals(await watch.bytes(), pattern(0, 1_500_000)));
    assertMatch(await watch.stderr, /^watched 1\.50 MB in .*, 0 bytes lost, /);
    assertMatch(await broadcast.stderr, /^broadcast 1\.50 MB in /);
  },
});

Deno.test({
  name: "a broadcaster that is killed can be replaced, and its watcher stays",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using server = await startTestServer();
    const watch = new WatchProcess(server.address);
    await server.log.wait("watch-wait");
    const first = new BroadcastProcess(server.address, ["--format", "raw"]);
    await first.feed(300_000);
    await eventually("the watcher follows", () => watch.length === 300_000);
    await first.kill();
    await server.log.wait("channel-hold");
    const second = new BroadcastProcess(server.address, ["--format", "raw"]);
    second.skip(300_000);
    await second.feed(200_000);
    await eventually("the watcher continues", () => watch.length === 500_000);
    await second.end();
    assertEquals((await second.child.status).code, 0);
    await second.stderr;
    assert(equals(await watch.bytes(), pattern(0, 500_000)));
    assertEquals(server.log.named("watch-start").length, 1);
    assertEquals((await watch.child.status).code, 0);
    assertMatch(await watch.stderr, /, 0 bytes lost, at most .* behind\n$/);
  },
});

Deno.test({
  name: "a watcher that was stopped beyond the backlog states the loss it has",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using server = await startTestServer({
      config: { backlog: 1024 * 1024 },
    });
    const watch = new WatchProcess(server.address, ["--report", "json"]);
    await server.log.wait("watch-wait");
    const records = ["--bufsize", "1000", "--format", "raw"];
    const broadcast = new BroadcastProcess(server.address, records);
    await broadcast.feed(300_000);
    await eventually("the watcher follows", () => watch.length === 300_000);
    watch.child.kill("SIGSTOP");
    const total = 20_000_000; // More than sockets and backlog hold.
    await broadcast.feed(total - 300_000);
    const { totals } = server.server.hub;
    await eventually("all is sent", () => totals.receivedBytes === total);
    watch.child.kill("SIGCONT");
    await server.log.wait("watch-skip");
    await broadcast.end();
    await broadcast.child.status;
    await broadcast.stderr;
    const bytes = await watch.bytes();
    assertEquals((await watch.child.status).code, 1);
    const [summary = ""] = (await watch.stderr).split("\n");
    const { lost, complete } = JSON.parse(summary);
    assertEquals([complete, bytes.length + lost], [false, total]);
    assertGreater(lost, 0);
  },
});
