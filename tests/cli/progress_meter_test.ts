import { assertEquals } from "@std/assert";
import {
  progressLine,
  ProgressMeterStream,
} from "../../lib/cli/progress_meter.ts";

Deno.test("progressLine() shows time, bytes and the rate in bits", () => {
  assertEquals(progressLine(0, 0, 0), "0:00:00  0 B  0 bit/s");
  assertEquals(progressLine(59.99, 999, 8), "0:00:59  999 B  8 bit/s");
  assertEquals(
    progressLine(3661.5, 1_234_567, 4_000_000),
    "1:01:01  1.23 MB  4.00 Mbit/s",
  );
  assertEquals(
    progressLine(360_000, 2.5e12, 1.5e9),
    "100:00:00  2.50 TB  1.50 Gbit/s",
  );
});

Deno.test("ProgressMeterStream counts the bytes and passes on the same chunks", async () => {
  const chunks = [new Uint8Array(3), new Uint8Array(), new Uint8Array(70_000)];
  const meter = new ProgressMeterStream(true);
  const out = await Array.fromAsync(
    ReadableStream.from(chunks).pipeThrough(meter),
  );
  meter.close();
  assertEquals(out.map((chunk) => chunks.indexOf(chunk as never)), [0, 1, 2]);
  assertEquals(meter.bytes, 70_003);
});
