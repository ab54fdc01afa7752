/**
 * The source clients of Icecast. All but liquidsoap use libshout, which asks to be challenged first: with
 * `SOURCE` or `PUT` without credentials, and before that with `OPTIONS *` that offers TLS.
 *
 * @module
 */

import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { decode } from "../../helpers/ffmpeg.ts";
import { PASSWORD } from "../../helpers/start_server.ts";
import { type Broadcast, watchWhile } from "./broadcasting_clients.ts";
import type { ClientRow, ClientScene, Ran } from "./client_scene.ts";
import { tone } from "./media.ts";

/** Packets that a second of tone has at least: 38 of 1,152 samples in MP3, as many in Vorbis and more. */
const LEAST_PACKETS = 30;

async function ezstream(scene: ClientScene, channel: string): Promise<Ran> {
  const { host, port } = scene.address;
  const mp3 = await scene.file("tone.mp3", await tone("mp3"));
  const config = await scene.file(
    "ezstream.xml",
    `<ezstream>
  <servers><server>
    <protocol>HTTP</protocol><hostname>${host}</hostname><port>${port}</port>
    <user>fier</user><password>${PASSWORD}</password>
    <tls>none</tls><reconnect_attempts>1</reconnect_attempts>
  </server></servers>
  <streams><stream>
    <mountpoint>/fier/${channel}</mountpoint><format>MP3</format>
  </stream></streams>
  <intakes><intake>
    <type>file</type><filename>${mp3}</filename><stream_once>yes</stream_once>
  </intake></intakes>
</ezstream>
`,
  );
  await Deno.chmod(config, 0o600); // It holds a password.
  return await scene.run("ezstream", ["-c", config]);
}

async function ices2(scene: ClientScene, channel: string): Promise<Ran> {
  const { host, port } = scene.address;
  const ogg = await scene.file("tone.ogg", await tone("ogg"));
  const list = await scene.file("list.txt", `${ogg}\n`);
  const config = await scene.file(
    "ices.xml",
    `<ices>
  <logpath>${scene.folder}</logpath><logfile>ices.log</logfile>
  <stream>
    <metadata><name>tone</name></metadata>
    <input>
      <module>playlist</module>
      <param name="type">basic</param><param name="file">${list}</param>
      <param name="once">1</param>
    </input>
    <instance>
      <hostname>${host}</hostname><port>${port}</port>
      <username>fier</username><password>${PASSWORD}</password>
      <mount>/fier/${channel}</mount><reconnectattempts>1</reconnectattempts>
    </instance>
  </stream>
</ices>
`,
  );
  return await scene.run("ices2", [config]);
}

function shout2send(scene: ClientScene, channel: string): Promise<Ran> {
  const { host, port } = scene.address;
  const pipeline = "audiotestsrc num-buffers=50 ! vorbisenc ! oggmux ! " +
    `shout2send ip=${host} port=${port} username=fier password=${PASSWORD} ` +
    `mount=/fier/${channel}`;
  return scene.run("gst-launch-1.0", ["-q", ...pipeline.split(" ")]);
}

async function liquidsoap(scene: ClientScene, channel: string): Promise<Ran> {
  const { host, port } = scene.address;
  const script = await scene.file(
    "tone.liq",
    `settings.init.allow_root.set(true)
output.icecast(
  %vorbis, host="${host}", port=${port}, user="fier",
  password="${PASSWORD}", mount="fier/${channel}", fallible=true,
  on_stop=shutdown, once(sine(duration=2.))
)
`,
  );
  return await scene.run("liquidsoap", [script]);
}

function source(
  name: string,
  programs: readonly string[],
  broadcast: Broadcast,
): ClientRow {
  async function run(scene: ClientScene, channel: string): Promise<void> {
    const got = await watchWhile(scene, channel, broadcast);
    const { frames, errors } = await decode(got);
    assertEquals(errors, []);
    assertGreaterOrEqual(frames, LEAST_PACKETS);
    // To be challenged is no failed sign-in, which would delay the next ones.
    const refused = scene.log.named("refused")
      .filter(({ fields }) => fields.channel === channel);
    assertEquals(refused, []);
  }
  return { name: `${name} broadcasts`, programs, protocol: "icecast", run };
}

/** All of them. */
export const ICECAST_SOURCES: readonly ClientRow[] = [
  source("ezstream", ["ezstream", "ffmpeg"], ezstream),
  source("ices2", ["ices2", "ffmpeg"], ices2),
  source("GStreamer's shout2send", ["gst-launch-1.0", "ffmpeg"], shout2send),
  source("liquidsoap", ["liquidsoap", "ffmpeg"], liquidsoap),
];
