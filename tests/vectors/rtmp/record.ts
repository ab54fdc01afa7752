/**
 * Records what encoders send: from the handshake to the end of the connection, a few seconds of media between.
 *
 *   deno run -A tests/vectors/rtmp/record.ts [NAME …]
 *
 * @module
 */

import { connect, createServer } from "node:net";
import { clip } from "../../e2e/clients/media.ts";
import { Obs } from "../../helpers/obs.ts";
import { PASSWORD, startTestServer } from "../../helpers/start_server.ts";

/** Runs an encoder that broadcasts to `rtmp://HOST/fier` with a key, until it has closed its connection. */
type Encoder = (
  host: string,
  key: string,
  closed: Promise<void>,
) => Promise<void>;

async function run(program: string, args: readonly string[]): Promise<void> {
  const command = new Deno.Command(program, { args: [...args] });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function clipFile(): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeFile(path, await clip());
  return path;
}

/**
 * Enhanced RTMP by the ffmpeg that `FSTREAM_FFMPEG` names, 8.0 or newer: older ones have no such sound. It only sends;
 * the installed one encodes.
 */
function enhanced(codecs: string): Encoder {
  return async (host, key) => {
    const ffmpeg = Deno.env.get("FSTREAM_FFMPEG");
    if (!ffmpeg) throw new Error("FSTREAM_FFMPEG names no ffmpeg");
    const path = await Deno.makeTempFile({ suffix: ".mkv" });
    const picture = "-f lavfi -i testsrc2=size=160x120:rate=15";
    const media = `${picture} -f lavfi -i sine -t 3 -g 30 -b:v 80k ${codecs}`;
    await run("ffmpeg", ["-v", "error", "-y", ...media.split(" "), path]);
    const url = `rtmp://${host}/fier/${key}`;
    await run(ffmpeg, [
      ...["-v", "error", "-re", "-i", path, "-c", "copy", "-f", "flv", url],
    ]);
  };
}

const ENCODERS: Readonly<Record<string, Encoder>> = {
  async ffmpeg(host, key): Promise<void> {
    const input = ["-v", "error", "-re", "-i", await clipFile(), "-c", "copy"];
    const url = `rtmp://${host}/fier/${key}`;
    await run("ffmpeg", [...input, "-f", "flv", url]);
  },
  hevc: enhanced("-c:v libx265 -preset ultrafast -c:a libopus -b:a 24k"),
  av1: enhanced("-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a flac"),
  async gstreamer(host, key): Promise<void> {
    const pipeline = `filesrc location=${await clipFile()} ! tsdemux name=d ` +
      "d. ! queue ! h264parse ! m. d. ! queue ! aacparse ! m. " +
      "flvmux name=m streamable=true ! " +
      `rtmp2sink location=rtmp://${host}/fier/${key}`;
    await run("gst-launch-1.0", ["-q", ...pipeline.split(" ")]);
  },
  async obs(host, key, closed): Promise<void> {
    await using _obs = await Obs.start(`rtmp://${host}/fier`, key);
    await closed;
  },
};

/** A proxy that keeps what its one client sends. */
async function record(name: string, encoder: Encoder): Promise<void> {
  await using server = await startTestServer();
  const sent: Uint8Array[] = [];
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const proxy = createServer((client) => {
    const { host, port } = server.address;
    const target = connect({ host, port });
    client.on("data", (bytes: Uint8Array) => sent.push(bytes));
    client.on("end", close);
    client.pipe(target).pipe(client);
    for (const socket of [client, target]) socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", () => resolve());
  });
  const { port } = proxy.address() as { port: number };
  const key = `hall?password=${PASSWORD}`;
  await encoder(`127.0.0.1:${port}`, key, closed);
  await closed;
  proxy.close();
  const bytes = await new Blob(sent as BlobPart[]).bytes();
  await Deno.writeFile(new URL(`${name}.bin`, import.meta.url), bytes);
}

const names = Deno.args.length > 0 ? Deno.args : Object.keys(ENCODERS);
for (const name of names) await record(name, ENCODERS[name]!);
