import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import {
  canRemux,
  MatroskaRemux,
} from "../../../../lib/web/pages/mux/matroska_remux.js";
import { piecesOf } from "../../../helpers/chunkings.ts";
import { decode, needsFfmpeg } from "../../../helpers/ffmpeg.ts";

const VECTORS = new URL("../../../vectors/media/", import.meta.url);

/** The MP4 that the remuxer makes of pieces. */
function remux(pieces: Iterable<Uint8Array>): Uint8Array {
  const out: Uint8Array[] = [];
  const remuxer = new MatroskaRemux((bytes) => out.push(bytes));
  for (const piece of pieces) remuxer.push(piece);
  return concat(out);
}

/** Runs a program on bytes. */
async function run(
  program: string,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Promise<Uint8Array> {
  await using child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that has read enough closes its stdin.
  const feeding = writer.write(input).then(() => writer.close()).catch(
    () => {},
  );
  const { stdout } = await child.output();
  await feeding;
  return stdout;
}

/** The presentation times of a stream's frames in seconds, in storage order. */
async function timesOf(bytes: Uint8Array): Promise<string[]> {
  const args =
    "-v error -select_streams v -show_entries packet=pts_time -of csv=p=0 -i pipe:0";
  const text = new TextDecoder().decode(
    await run("ffprobe", args.split(" "), bytes),
  );
  return text.split(/[\s,]+/).filter((time) => time !== "");
}

/** A Matroska stream whose frames are stored in another order than they are presented. */
function reordered(): Promise<Uint8Array> {
  const args = "-v error -f lavfi -i testsrc2=size=160x96:rate=25:duration=2 " +
    "-f lavfi -i sine=duration=2 -c:v libx264 -preset veryfast -bf 3 -g 25 -pix_fmt yuv420p " +
    "-c:a libopus -f matroska -";
  return run("ffmpeg", args.split(" "));
}

for (
  const name of [
    "matroska_h264_aac.mkv",
    "matroska_file.mkv",
    "matroska_hevc.mkv",
  ]
) {
  Deno.test(`MatroskaRemux makes the same MP4 of ${name} for every chunk size`, async () => {
    const bytes = await Deno.readFile(new URL(name, VECTORS));
    const whole = remux([bytes]);
    assertGreater(whole.length, bytes.length / 2);
    for (const size of [1, 7, 1000]) {
      assertEquals(remux(piecesOf(bytes, size)), whole);
    }
  });

  Deno.test(
    needsFfmpeg(`MatroskaRemux loses no frame of ${name}`),
    async () => {
      const bytes = await Deno.readFile(new URL(name, VECTORS));
      const before = await decode(bytes);
      const after = await decode(remux([bytes]), "mp4");
      assertEquals(after.errors, []);
      assert(after.keyFirst);
      // The last run of frames waits for a next one, which a live stream always has.
      assertLess(after.frames, before.frames);
      assertGreater(after.frames, before.frames - 5);
    },
  );
}

Deno.test(
  needsFfmpeg(
    "MatroskaRemux keeps the presentation times of reordered frames",
  ),
  async () => {
    const bytes = await reordered();
    const before = (await timesOf(bytes)).map(Number);
    const after = (await timesOf(remux([bytes]))).map(Number);
    assertGreater(after.length, 40);
    // ffprobe shifts all times from the second frame on by a constant.
    const shift = (after[1] ?? 0) - (before[1] ?? 0);
    for (const [index, time] of after.entries()) {
      if (index === 0) continue;
      const wanted = (before[index] ?? NaN) + shift;
      assert(
        Math.abs(time - wanted) < 0.002,
        `frame ${index}: ${time}, not ${wanted}`,
      );
    }
    const { errors } = await decode(remux([bytes]), "mp4");
    assertEquals(errors, []);
  },
);

Deno.test("canRemux() accepts exactly the codecs that it remuxes", () => {
  assert(canRemux(["avc1.64001f", "mp4a.40.2"]));
  assert(canRemux(["avc1.64001f", "opus"]));
  assert(!canRemux(["avc1.64001f", "ac-3"]));
  assert(!canRemux(["vp8", "opus"]));
  assert(!canRemux([]));
});

Deno.test("MatroskaRemux rejects unsupported codecs, and bytes that are not Matroska", async () => {
  const webm = await Deno.readFile(new URL("webm_vp8_opus.webm", VECTORS));
  assertThrows(() => remux([webm]), Error, "it contains V_VP8");
  assertThrows(() => remux([new Uint8Array(64)]), Error, "it is not Matroska");
});
