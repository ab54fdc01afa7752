import { assertEquals, assertGreater } from "@std/assert";
import { concat } from "@std/bytes";
import { AccessUnits } from "../../../../lib/web/pages/mux/access_units.js";
import { piecesOf } from "../../../helpers/chunkings.ts";
import { decode, needsFfmpeg } from "../../../helpers/ffmpeg.ts";

const VECTORS = new URL("../../../vectors/media/", import.meta.url);

interface Unit {
  readonly bytes: Uint8Array;
  readonly isKey: boolean;
}

function unitsOf(pieces: Iterable<Uint8Array>): Unit[] {
  const units: Unit[] = [];
  const cutter = new AccessUnits((unit) => units.push(unit));
  for (const piece of pieces) cutter.push(piece);
  return units;
}

for (const name of ["h264_default.h264", "h264_slices.h264"]) {
  Deno.test(`AccessUnits splits ${name} the same way for every chunk size`, async () => {
    const bytes = await Deno.readFile(new URL(name, VECTORS));
    const whole = unitsOf([bytes]);
    assertGreater(whole.length, 5);
    for (const size of [1, 3, 1000]) {
      assertEquals(unitsOf(piecesOf(bytes, size)), whole);
    }
    const joined = concat(whole.map((unit) => unit.bytes));
    assertEquals(joined, bytes.slice(0, joined.length));
  });

  Deno.test(
    needsFfmpeg(`AccessUnits makes one unit per frame of ${name}`),
    async () => {
      const bytes = await Deno.readFile(new URL(name, VECTORS));
      const units = unitsOf([bytes]);
      const { frames } = await decode(bytes, "h264");
      // The last one waits for a next, which a live stream always has.
      assertEquals(units.length, frames - 1);
      assertEquals(units[0]?.isKey, true);
    },
  );
}
