import { assertEquals } from "@std/assert";
import { details, progressLine } from "../../lib/cli/progress_meter.ts";

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

Deno.test("details() tells what a transfer keeps, lost and waits for", () => {
  const fine = { bytes: 5, reconnects: 0, isBroken: false };
  assertEquals(details(fine), []);
  assertEquals(details({ ...fine, retained: 0, lost: 0 }), []);
  const poor = { ...fine, retained: 2e6, reconnects: 3, isBroken: true };
  assertEquals(
    details(poor),
    ["2.00 MB retained", "3 reconnects", "reconnecting"],
  );
  assertEquals(details({ ...fine, behind: 0.05 }), ["0.1 s behind"]);
  assertEquals(details({ ...fine, behind: undefined }), []);
  assertEquals(details({ ...fine, lost: 1500 }), ["1.50 kB lost"]);
  assertEquals(details({ ...fine, lost: undefined }), ["bytes lost"]);
});
