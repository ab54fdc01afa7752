// deno-lint-ignore-file no-console
/**
 * What the client costs: processor time for each GB of `broadcast < file` and `watch > /dev/null`,
 * compared with ncat doing the same, in one run.
 *
 *   deno run -A tests/bench/client.ts [--gigabytes 2] [--runs 3]
 */
import { parseArgs } from "@std/cli/parse-args";
import { concat } from "@std/bytes";
import { byteSource } from "../../lib/net/byte_source.ts";
import { FRAME_TYPE, framedHeader } from "../../lib/wire/framed.ts";
import { FramedDecoderStream } from "../../lib/wire/framed_decoder_stream.ts";
import { encodeMessage } from "../../lib/wire/framed_message.ts";

const args = parseArgs(Deno.args, { string: ["gigabytes", "runs"] });
const BYTES = Number(args.gigabytes ?? 2) * 1e9;
const RUNS = Number(args.runs ?? 3);
const BUFFER = new Uint8Array(1024 * 1024);
const SEGMENT_BYTES = 256 * 1024;
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

const file = await Deno.makeTempFile({ prefix: "fstream-bench-" });
try {
  await Deno.truncate(file, BYTES);
  console.log(
    `| ${BYTES / 1e9} GB, median of ${RUNS} runs | CPU s/GB | × ncat |`,
  );
  console.log("| --- | --- | --- |");
  const broadcast = { fstream: framedSink, ncat: sink };
  await compare("broadcast", broadcast, {
    fstream: (port) => `${fstream(port)} broadcast -u x --quiet < ${file}`,
    ncat: (port) => `ncat --send-only 127.0.0.1 ${port} < ${file}`,
  });
  const watch = { fstream: framedSource, ncat: source };
  await compare("watch", watch, {
    fstream: (port) => `${fstream(port)} watch -u x --quiet > /dev/null`,
    ncat: (port) => `ncat --recv-only 127.0.0.1 ${port} > /dev/null`,
  });
} finally {
  await Deno.remove(file);
}

function fstream(port: number): string {
  return `${Deno.execPath()} run -A ${MAIN} 127.0.0.1:${port}`;
}

type Both<T> = Readonly<Record<"fstream" | "ncat", T>>;

type Serve = (conn: Deno.TcpConn) => Promise<void>;

async function compare(
  verb: string,
  serve: Both<Serve>,
  lines: Both<(port: number) => string>,
): Promise<void> {
  const cost = { fstream: [] as number[], ncat: [] as number[] };
  for (let run = 0; run < RUNS; run++) {
    for (const name of ["fstream", "ncat"] as const) {
      cost[name].push(
        await measure(lines[name], serve[name], name === "fstream"),
      );
    }
  }
  const [ours, theirs] = [median(cost.fstream), median(cost.ncat)];
  console.log(
    `| fstream ${verb} | ${ours.toFixed(2)} | ${(ours / theirs).toFixed(2)} |`,
  );
  console.log(`| ncat | ${theirs.toFixed(2)} | 1.00 |`);
}

/** Processor seconds for each GB that a command takes against a server of this process. */
async function measure(
  line: (port: number) => string,
  serve: Serve,
  greets: boolean,
): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async (): Promise<void> => {
    const conn = await listener.accept();
    if (greets) await greet(conn);
    await serve(conn);
    conn.close();
  })();
  const { stderr } = await new Deno.Command("bash", {
    args: ["-c", `TIMEFORMAT='%U %S'; time ${line(listener.addr.port)}`],
    stdout: "null",
    stderr: "piped",
  }).output();
  await served;
  listener.close();
  const times = new TextDecoder().decode(stderr).trim().split("\n").at(-1)!
    .split(" ");
  return (Number(times[0]) + Number(times[1])) / (BYTES / 1e9);
}

/** Reads the request, whose length is in its frame behind the empty header block, and accepts it. */
async function greet(conn: Deno.TcpConn): Promise<void> {
  let got = new Uint8Array();
  while (
    got.length < 7 || got.length < 7 + new DataView(got.buffer).getUint32(2)
  ) {
    const part = new Uint8Array(512);
    const count = await conn.read(part);
    got = new Uint8Array([...got, ...part.subarray(0, count ?? 0)]);
  }
  const position = { id: "0", offset: 0, resume: "0", received: 0 };
  await conn.write(encodeMessage("ok", { frames: 1, ...position }));
}

async function sink(conn: Deno.TcpConn): Promise<void> {
  while (await conn.read(BUFFER) !== null);
}

async function source(conn: Deno.TcpConn): Promise<void> {
  for (let left = BYTES; left > 0;) {
    left -= await write(
      conn,
      BUFFER.subarray(0, Math.min(left, BUFFER.length)),
    );
  }
}

/** Acknowledges each MiB, as the server does. */
async function framedSink(conn: Deno.TcpConn): Promise<void> {
  let [received, told] = [0, 0];
  for await (
    const item of byteSource(conn).pipeThrough(new FramedDecoderStream())
  ) {
    if (item instanceof Uint8Array) received += item.length;
    else if (item.type === "text") break;
    if (received - told < BUFFER.length) continue;
    told = received;
    await write(conn, encodeMessage(`received=${received}`));
  }
  await write(conn, encodeMessage("end", { reason: "ended" }));
}

/** Frames of the size that a server sends at most: a segment of its log. */
async function framedSource(conn: Deno.TcpConn): Promise<void> {
  const header = framedHeader(FRAME_TYPE.media, SEGMENT_BYTES);
  const frame = concat([header, new Uint8Array(SEGMENT_BYTES)]);
  for (let left = BYTES; left > 0; left -= SEGMENT_BYTES) {
    await write(conn, frame);
  }
  await write(conn, encodeMessage("end", { reason: "ended" }));
}

async function write(conn: Deno.TcpConn, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
  return bytes.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
