import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { allEnded } from "../helpers/all_ended.ts";
import { decode, needsFfmpeg } from "../helpers/ffmpeg.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern, sha256 } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { TlsServer } from "../net/tls_scene.ts";
import { inTime } from "./http_scene.ts";
import { startWebSite, type WebSite } from "./web_site.ts";

/** Milliseconds that a client may take, on a machine that is busy with other tests too. */
const CLIENT_MS = 10_000;

/** Bytes of a transfer by curl: several of the log's segments, and no multiple of anything. */
const TRANSFER_BYTES = 1_234_567;

async function installed(program: string): Promise<boolean> {
  try {
    const args = ["--version"];
    const output = { stdout: "null", stderr: "null" } as const;
    await new Deno.Command(program, { args, ...output }).output();
    return true;
  } catch {
    return false;
  }
}

const HAS_CURL = await installed("curl");

/** A test's name and whether it is skipped, which says what is missing. */
function needsCurl(name: string): { name: string; ignore: boolean } {
  const skipped = `${name} (skipped: curl is not installed)`;
  return { name: HAS_CURL ? name : skipped, ignore: !HAS_CURL };
}

/** What a client did. */
interface Ran {
  readonly success: boolean;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

/** Runs a client, with that many bytes for its stdin. */
async function run(
  program: string,
  args: readonly string[],
  input: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Promise<Ran> {
  await using child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const fed = writer.write(input).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await inTime(child.output(), CLIENT_MS);
  await fed;
  return { success, stdout, stderr: new TextDecoder().decode(stderr) };
}

function curl(
  args: string,
  input?: Uint8Array<ArrayBuffer>,
): Promise<Ran> {
  return run("curl", ["-sS", ...args.split(" ")], input);
}

/** A wait for a channel by the program's own protocol, which ends when the broadcast does. */
async function waiting(site: WebSite, channel: string): Promise<RawPeer> {
  const text = `watch,user=fier,channel=${channel},wait=60`;
  const peer = await RawPeer.connect(site.address, requestBytes(text));
  await site.log.wait("watch-wait", 1, { channel });
  return peer;
}

for (
  const how of ["-T -", "-X PUT --data-binary @-", "-X POST --data-binary @-"]
) {
  Deno.test(
    needsCurl(`curl ${how} broadcasts, curl watches, byte for byte`),
    async () => {
      await using site = await startWebSite();
      const url = `http://${site.web}/fier/cam%20%C3%A4`;
      const watching = curl(`-f -u :456 ${url}?wait=60`);
      await site.log.wait("watch-wait", 1, { channel: "cam ä" });
      const media = pattern(0, TRANSFER_BYTES);
      const put = await curl(
        `${how} -u fier:123 ${url}?channel_password=456`,
        media,
      );
      assertEquals(new TextDecoder().decode(put.stdout), "ok\n", put.stderr);
      const got = await watching;
      assertEquals(got.success, true, got.stderr);
      assertEquals(await sha256(got.stdout), await sha256(media));
    },
  );
}

Deno.test(
  needsCurl("curl is told by the status why it is refused"),
  async () => {
    await using site = await startWebSite();
    const status = "-o /dev/null -w %{http_code}";
    const asked: [string, string][] = [
      [`http://${site.web}/fier`, "404"],
      [`-T - http://${site.web}/fier`, "401"],
      [`-T - -u fier:1 http://${site.web}/fier`, "401"],
      [`-X DELETE http://${site.web}/fier`, "405"],
      [`-I http://${site.web}/healthz`, "200"],
      [`-u fier:123 -X POST http://${site.web}/api/token`, "200"],
    ];
    for (const [args, code] of asked) {
      const { stdout } = await curl(`${status} ${args}`, pattern(0, 100_000));
      assertEquals(new TextDecoder().decode(stdout), code, args);
    }
  },
);

Deno.test(needsCurl("curl broadcasts by a one-time token"), async () => {
  await using site = await startWebSite({}, true);
  const url = `http://${site.web}`;
  const answer = await curl(`-u fier:123 -X POST ${url}/api/token`);
  const { token } = JSON.parse(new TextDecoder().decode(answer.stdout));
  using watcher = await waiting(site, "default");
  // curl's own way to write a header that has a space in it.
  const args = ["-sS", "-T", "-", "-H", `Authorization: Bearer ${token}`];
  const put = await run("curl", [...args, `${url}/fier`], pattern(0, 9));
  assertEquals(new TextDecoder().decode(put.stdout), "ok\n", put.stderr);
  assertEquals(await watcher.rest(), pattern(0, 9));
});

/** Two seconds of picture and tone, played as fast as they go. */
const SOURCE = "-v error -f lavfi -i testsrc2=size=160x90:rate=25:duration=2 " +
  "-f lavfi -i sine=duration=2 -c:v libx264 -preset ultrafast -g 25 -c:a aac";

/** How ffmpeg broadcasts; `%` is the channel. */
const WAYS: readonly [name: string, args: string][] = [
  ["PUT", "-f mpegts -auth_type basic -method PUT http://fier:123@HOST/fier/%"],
  ["POST", "-f mpegts -auth_type basic http://fier:123@HOST/fier/%"],
  ["icecast", "-f mpegts icecast://source:123@HOST/fier/%"],
  ["icecast in Matroska", "-f matroska icecast://fier:123@HOST/fier/%"],
  [
    "legacy icecast",
    "-f mpegts -legacy_icecast 1 icecast://source:123@HOST/fier/%",
  ],
  [
    "a PUT without framing",
    "-f mpegts -auth_type basic -chunked_post 0 -method PUT http://fier:123@HOST/fier/%",
  ],
];

/** Broadcasts by ffmpeg in one of the ways. */
async function broadcastBy(
  site: WebSite,
  [, args]: typeof WAYS[number],
  channel: string,
): Promise<void> {
  const sent = args.replace("HOST", site.web).replace("%", channel);
  const { success, stderr } = await run(
    "ffmpeg",
    `${SOURCE} ${sent}`.split(" "),
  );
  assert(success, stderr);
}

Deno.test(
  needsFfmpeg(
    "ffmpeg broadcasts in every way at once, and what watchers get decodes",
  ),
  async () => {
    await using site = await startWebSite({ grace: 0 });
    const got = await allEnded(WAYS.map(async (way, index) => {
      const channel = `c${index}`;
      using watcher = await waiting(site, channel);
      await broadcastBy(site, way, channel);
      return await watcher.rest();
    }));
    for (const [index, media] of got.entries()) {
      const { frames, errors } = await decode(media);
      const [name] = WAYS[index]!;
      assertEquals(errors, [], name);
      assertGreaterOrEqual(frames, 50, name);
    }
  },
);

/** Failed sign-ins that are looked at before an address is refused, and some that are fewer. */
const [TOO_MANY, FEW] = [10, 6];

/** Tries an Icecast broadcast of a moment's sound, several times at once. */
function tryIcecast(
  { web }: WebSite,
  password: string,
  count = 1,
): Promise<Ran[]> {
  const args = "-v error -f lavfi -i sine=duration=0.1 -f mp3 " +
    `icecast://fier:${password}@${web}/fier`;
  const tries = Array.from({ length: count }, () => args.split(" "));
  return Promise.all(tries.map((each) => run("ffmpeg", each)));
}

Deno.test(
  needsFfmpeg(
    "ffmpeg is refused a wrong password and counted, not for being challenged",
  ),
  async () => {
    await using site = await startWebSite({}, true);
    for (const { success, stderr } of await tryIcecast(site, "1", FEW)) {
      assertEquals(success, false);
      assertStringIncludes(stderr, "401 Unauthorized");
    }
    const reasons = site.log.named("refused").map(({ fields }) =>
      fields.reason
    );
    assertEquals(
      reasons.filter((reason) => reason === "the password is wrong").length,
      FEW,
    );
    const [right] = await tryIcecast(site, "123");
    assert(right?.success, right?.stderr);
    await tryIcecast(site, "1", TOO_MANY);
    const [late] = await tryIcecast(site, "123");
    assertEquals(late?.success, false);
    await eventually(
      "it is logged that there were too many",
      () =>
        site.log.named("refused").some(({ fields }) =>
          String(fields.reason).includes("too many failed")
        ),
    );
    assertEquals(JSON.stringify(site.log.all).includes("fier:1"), false);
  },
);

Deno.test(
  needsFfmpeg("ffmpeg broadcasts over TLS"),
  async () => {
    await using tls = await TlsServer.start();
    const { beside, origin } = tls;
    const args = `${SOURCE} -f mpegts -tls 1 ` +
      `icecast://fier:123@${origin.slice("https://".length)}/fier`;
    const { success, stderr } = await run("ffmpeg", args.split(" "));
    assert(success, stderr);
    const { bytes, reason } = await beside.log.wait("broadcast-end");
    assertEquals(reason, "the broadcast ended");
    assertGreater(Number(bytes), 10_000);
  },
);

Deno.test(needsFfmpeg("ffprobe decodes what it is sent by GET"), async () => {
  await using site = await startWebSite();
  const url = `http://${site.web}/fier`;
  const args = `-re ${SOURCE} -f mpegts icecast://source:123@${site.web}/fier`;
  const broadcasting = run("ffmpeg", args.split(" "));
  await site.log.wait("broadcast-start");
  const { hub } = site.server;
  await eventually(
    "both codecs are known",
    () => (hub.channels()[0]?.broadcast.info?.codecs ?? []).length === 2,
  );
  const shown = "-v error -show_entries stream=codec_name -of csv=p=0";
  const probe = await run("ffprobe", [...shown.split(" "), url]);
  assert(probe.success, probe.stderr);
  const codecs = new TextDecoder().decode(probe.stdout).split("\n");
  assert(codecs.includes("h264") && codecs.includes("aac"), `${codecs}`);
  const { success, stderr } = await broadcasting;
  assert(success, stderr);
  const { bytes } = await site.log.wait("broadcast-end");
  assertGreater(Number(bytes), 10_000);
});
