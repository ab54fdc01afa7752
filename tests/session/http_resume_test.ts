import { assert, assertEquals, assertGreater } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { clipFile } from "../../lib/demo/clip.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { HttpScene, MediaReader } from "./http_scene.ts";
import { broadcasting, broadcastText } from "./live_channel.ts";
import { startWebSite, type WebSite } from "./web_site.ts";

/** The answer to a script that watches a channel. */
class Download {
  /** Of the first media byte. */
  readonly id: string;
  /** Of the first media byte. */
  readonly offset: number;
  /** Bytes that come before it. */
  readonly lead: number;
  readonly #response: Response;

  constructor(response: Response) {
    const { headers } = response;
    const [id = "", offset] = headers.get("x-fstream-position")?.split(":") ??
      [];
    this.id = id;
    this.offset = Number(offset);
    this.lead = Number(headers.get("x-fstream-lead"));
    this.#response = response;
  }

  /** Reads the body; called once. */
  read(): MediaReader {
    return new MediaReader(this.#response);
  }

  static async get({ web }: WebSite, query: string): Promise<Download> {
    return new Download(await fetch(`http://${web}/fier${query}`));
  }
}

Deno.test("GET with resume continues at the byte behind the last one, without lead", async () => {
  await using site = await startWebSite();
  const clip = clipFile();
  const half = clip.length >> 1;
  using broadcaster = await broadcasting(site, broadcastText("fier"));
  await broadcaster.send(clip.subarray(0, half));
  await eventually(
    "the first half has arrived",
    () => site.server.hub.totals.receivedBytes === half,
  );
  const first = await Download.get(site, "");
  assertGreater(first.lead, 0);
  const media = first.read();
  await media.take(first.lead);
  const count = (half - first.offset) >> 1;
  const before = await media.take(count);
  await media.leave();
  const next = first.offset + count;
  const second = await Download.get(site, `?resume=${first.id}:${next}`);
  assertEquals([second.id, second.offset, second.lead], [first.id, next, 0]);
  await broadcaster.send(clip.subarray(half));
  await broadcaster.finish();
  const all = concat([before, await second.read().rest()]);
  assert(equals(all, clip.subarray(first.offset)));
});

Deno.test("GET with resume states the position of a join point when its byte is gone", async () => {
  await using scene = new HttpScene();
  const broadcast = scene.live("default", "", 1000);
  broadcast.append(pattern(0, 1_000_500));
  const { id } = new Download(await scene.ask("/fier", { method: "HEAD" }));
  for (const resume of [`${id}:5`, "00ff:7"]) {
    const download = new Download(await scene.ask(`/fier?resume=${resume}`));
    assertEquals([download.offset, download.lead], [1_000_000, 0]);
    const media = download.read();
    assertEquals(await media.take(500), pattern(1_000_000, 500));
    await media.leave();
  }
});

Deno.test("GET rejects a resume that is no position", async () => {
  await using scene = new HttpScene();
  scene.live().append(new Uint8Array(9));
  for (
    const text of [
      "5",
      "xyz:5",
      "00ff:-1",
      "00ff:5:6",
      `00ff:${"9".repeat(16)}`,
    ]
  ) {
    const { status, body } = await scene.ask(`/fier?resume=${text}`);
    assertEquals(status, 400, text);
    await body?.cancel();
  }
});
