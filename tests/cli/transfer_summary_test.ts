import { assertEquals } from "@std/assert";
import {
  formatLag,
  formatTime,
  summaryJson,
  summaryLine,
} from "../../lib/cli/transfer_summary.ts";

const WATCHED = { bytes: 1.2e9, reconnects: 2, isBroken: false, lost: 0 };

const BROADCAST = { bytes: 5, reconnects: 0, isBroken: false, retained: 0 };

Deno.test("summaryLine() says what was transferred, lost and repeated", () => {
  const verb = "watch";
  const seconds = 182.9;
  const line = (transfer: typeof WATCHED & { mostBehind?: number }): string =>
    summaryLine({ verb, transfer, seconds });
  assertEquals(
    line(WATCHED),
    "watched 1.20 GB in 3:02, 0 bytes lost, 2 reconnects",
  );
  assertEquals(
    line({ ...WATCHED, lost: 999, reconnects: 1 }),
    "watched 1.20 GB in 3:02, 999 bytes lost, 1 reconnect",
  );
  assertEquals(
    line({ ...WATCHED, lost: 2e6, reconnects: 0 }),
    "watched 1.20 GB in 3:02, 2.00 MB lost",
  );
  assertEquals(
    line({ ...WATCHED, lost: undefined as never, reconnects: 0 }),
    "watched 1.20 GB in 3:02, an unknown number of bytes lost",
  );
  assertEquals(
    line({ ...WATCHED, mostBehind: 0.312 }),
    "watched 1.20 GB in 3:02, 0 bytes lost, 2 reconnects, at most 0.4 s behind",
  );
  assertEquals(
    summaryLine({ verb: "broadcast", transfer: BROADCAST, seconds: 0.5 }),
    "broadcast 5 B in 0:00",
  );
});

Deno.test("summaryJson() is one object, with the reason of an incomplete transfer", () => {
  const ended = { verb: "watch", seconds: 1.23456 } as const;
  assertEquals(JSON.parse(summaryJson({ ...ended, transfer: WATCHED })), {
    ...{ command: "watch", complete: true, bytes: 1.2e9, seconds: 1.235 },
    ...{ lost: 0, reconnects: 2 },
  });
  const failed = summaryJson({
    ...{ verb: "broadcast", transfer: BROADCAST, seconds: 0 },
    ...{ reason: "taken-over", message: "by\x1b[31m another\n" },
  });
  assertEquals(failed.includes("\n"), false);
  assertEquals(JSON.parse(failed), {
    ...{ command: "broadcast", complete: false, bytes: 5, seconds: 0 },
    ...{ reconnects: 0, reason: "taken-over" },
    message: "by\\u001b[31m another\\u000a",
  });
  const unknown = { ...WATCHED, lost: undefined };
  assertEquals(
    JSON.parse(summaryJson({ ...ended, transfer: unknown })).lost,
    null,
  );
});

Deno.test("summaryJson() says how far a watcher was behind live, or that it does not know", () => {
  const behind = (mostBehind: number | undefined): unknown => {
    const transfer = { ...WATCHED, mostBehind };
    return JSON.parse(summaryJson({ verb: "watch", seconds: 1, transfer }))
      .behind;
  };
  assertEquals([behind(0.41234), behind(undefined)], [0.412, null]);
});

Deno.test("formatLag() rounds up, to tenths of a second below ten", () => {
  assertEquals([0, 0.001, 0.4, 9.91, 11.2, 75].map(formatLag), [
    ...["0.0 s behind", "0.1 s behind", "0.4 s behind", "10.0 s behind"],
    ...["12 s behind", "75 s behind"],
  ]);
});

Deno.test("formatTime() shows hours only where there are any", () => {
  assertEquals(
    [0, 4.9, 182, 3599, 3600, 3782].map(formatTime),
    ["0:00", "0:04", "3:02", "59:59", "1:00:00", "1:03:02"],
  );
});
