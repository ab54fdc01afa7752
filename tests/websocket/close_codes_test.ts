import { assert, assertEquals } from "@std/assert";
import {
  CLOSE,
  closeCodeOfStatus,
  isCloseCode,
} from "../../lib/websocket/close_codes.ts";

Deno.test("isCloseCode takes exactly the codes that may be sent", () => {
  const ranges: number[][] = [];
  for (let code = -1; code <= 65_536; code++) {
    if (!isCloseCode(code)) continue;
    if (ranges.at(-1)?.[1] === code - 1) ranges.at(-1)![1] = code;
    else ranges.push([code, code]);
  }
  assertEquals(ranges, [[1000, 1003], [1007, 1014], [3000, 4999]]);
  for (const code of [1000.5, NaN, Infinity]) assert(!isCloseCode(code));
});

Deno.test("CLOSE has codes that may be sent, each once", () => {
  const codes = Object.values(CLOSE);
  assertEquals(new Set(codes).size, codes.length);
  for (const code of codes) assert(isCloseCode(code), `${code}`);
});

Deno.test("closeCodeOfStatus adds the HTTP status to 4000", () => {
  assertEquals([401, 404, 503].map(closeCodeOfStatus), [4401, 4404, 4503]);
});
