import { assert, assertEquals, assertGreater } from "@std/assert";
import { toBytes } from "@std/streams";
import type { Address } from "../../lib/net/address.ts";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import { fstream, ServeProcess } from "../helpers/fstream_process.ts";
import { sha256 } from "../helpers/pattern.ts";
import { PASSWORD } from "../helpers/start_server.ts";

/** Real watchers of each stream. */
const WATCHERS = 3;

/** What ffmpeg is told for each container. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  mpegts: ["-f", "mpegts"],
  h264: ["-an", "-f", "h264"],
  matroska: ["-f", "matroska"],
  mp4: ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"],
};

/** Two seconds of picture and sound, as an encoder would pipe them. */
async function encode(
  format: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const args =
    "-v error -f lavfi -i testsrc2=s=192x108:r=25:d=2 -f lavfi -i sine=d=2 " +
    "-c:v libx264 -preset ultrafast -g 10 -bf 0 -c:a aac";
  const { stdout, success } = await new Deno.Command("ffmpeg", {
    args: [...args.split(" "), ...format, "pipe:1"],
    stdin: "null",
    stderr: "inherit",
  }).output();
  assert(success);
  assertGreater(stdout.length, 10_000);
  return stdout;
}

interface Exit {
  readonly code: number;
  readonly stderr: string;
}

/** Runs a client with `fed` at its stdin, and gives what it wrote. */
async function runClient(
  { host, port }: Address,
  args: readonly string[],
  fed?: Uint8Array<ArrayBuffer>,
): Promise<Exit & { readonly stdout: Uint8Array<ArrayBuffer> }> {
  await using child = fstream(
    [`${host}:${port}`, ...args, "-u", "fier", "-q"],
    {
      stdin: fed ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    },
  ).spawn();
  const feeding = fed && new Blob([fed]).stream().pipeTo(child.stdin);
  const [stdout, stderr, { code }] = await Promise.all([
    toBytes(child.stdout),
    new Response(child.stderr).text(),
    child.status,
    feeding,
  ]);
  return { stdout, stderr, code };
}

/** From an encoder's bytes to three watchers' stdout. */
async function carries(serve: ServeProcess, format: string): Promise<void> {
  const media = await encode(FORMATS[format]!);
  const address = await serve.address();
  const watch = ["watch", "-c", format, "--wait", "60"];
  const watchers = Array.from(
    { length: WATCHERS },
    () => runClient(address, watch),
  );
  await serve.log.wait("watch-wait", WATCHERS, { channel: format });
  const broadcast = ["broadcast", "-c", format, "--user-password", PASSWORD];
  const { code, stderr } = await runClient(address, broadcast, media);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const sent = await sha256(media);
  for (const { stdout, ...exit } of await Promise.all(watchers)) {
    assertEquals(exit, { code: 0, stderr: "" });
    assertEquals(
      await sha256(stdout),
      sent,
      `${format}: ${stdout.length} bytes`,
    );
  }
}

Deno.test({
  ...needsFfmpeg(
    "what ffmpeg pipes in comes out of every watcher, byte for byte",
  ),
  fn: async (t) => {
    await using serve = await ServeProcess.start();
    await Promise.all(
      Object.keys(FORMATS).map((format) =>
        t.step({
          name: format,
          fn: () => carries(serve, format),
          sanitizeOps: false,
          sanitizeResources: false,
          sanitizeExit: false,
        })
      ),
    );
    assertEquals(serve.log.named("media-corrupt"), []);
  },
});
