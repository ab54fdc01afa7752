import { assertEquals } from "@std/assert";
import { isNewer, readAnnouncement } from "../../lib/cluster/announcement.ts";
import { readFields, writeJson } from "../../lib/cluster/json.ts";
import {
  decodeMedia,
  encodeMedia,
  MAX_MESSAGE_BYTES,
  MEDIA_KIND,
} from "../../lib/cluster/media_message.ts";
import { encodeReport, readReport } from "../../lib/cluster/node_report.ts";
import { readPull } from "../../lib/cluster/pull_request.ts";
import { readStreamHead } from "../../lib/cluster/stream_head.ts";
import { seededRandom } from "../helpers/rng.ts";

const ANNOUNCED = {
  ...{ user: "fier", channel: "hall", id: "ab", stamp: 5, node: "n0" },
};

Deno.test("media messages are read as they were written, and nothing else is", () => {
  const body = new Uint8Array([1, 2, 3]);
  const bytes = encodeMedia(MEDIA_KIND.page, 2 ** 40, body, 1234.4);
  const read = decodeMedia(bytes);
  assertEquals(read, { kind: 2, age: 1234, offset: 2 ** 40, body });
  assertEquals(decodeMedia(bytes.subarray(0, 15)), undefined);
  assertEquals(decodeMedia(bytes.with(0, 9)), undefined, "another version");
  const view = new DataView(bytes.buffer);
  for (const offset of [-1, 0.5, NaN, Infinity, 2 ** 60]) {
    view.setFloat64(8, offset);
    assertEquals(decodeMedia(bytes), undefined, `${offset}`);
  }
});

Deno.test("announcements order broadcasts alike at every node, and malformed ones are ignored", () => {
  assertEquals(readAnnouncement(ANNOUNCED), ANNOUNCED);
  const malformed = [
    ...[{ stamp: -1 }, { stamp: 1e300 }, { stamp: "5" }, { id: "a.b" }],
    ...[{ id: "" }, { node: "a b" }, { node: ">" }, { user: 7 }],
  ];
  for (const change of malformed) {
    const read = readAnnouncement({ ...ANNOUNCED, ...change });
    assertEquals(read, undefined, JSON.stringify(change));
  }
  const later = { ...ANNOUNCED, stamp: 6 };
  const other = { ...ANNOUNCED, id: "b0" };
  for (const one of [ANNOUNCED, later, other, { ...ANNOUNCED, node: "n1" }]) {
    for (const two of [ANNOUNCED, later, other]) {
      if (one === two) assertEquals(isNewer(one, two), false);
      else assertEquals(isNewer(one, two), !isNewer(two, one));
    }
  }
  assertEquals(isNewer(later, other), true);
});

Deno.test("a head says how far watchers may lag, and one of an older node leaves it open", () => {
  const head = { from: 1, leadBytes: 2, bufsize: 3 };
  const read = (maxLag?: unknown): unknown =>
    readStreamHead(writeJson({ ...head, maxLag }))!.maxLag;
  const auto = { bytes: Infinity, seconds: Infinity };
  for (
    const limit of [auto, { ...auto, bytes: 70_000 }, { ...auto, seconds: 1.5 }]
  ) assertEquals(read(limit), limit);
  for (const odd of [undefined, 7, [], { bytes: -1, seconds: "2" }]) {
    assertEquals(read(odd), auto);
  }
});

Deno.test("a report of many channels is split, and read as a whole", () => {
  const channels = Array.from({ length: 500 }, (_, index) => ({
    announcement: { ...ANNOUNCED, channel: `c${index}` },
    state: "live" as const,
    watchers: index,
    listing: { user: "fier", note: "x".repeat(200) },
  }));
  const report = { node: "n0", name: "a", address: "", turn: 3, channels };
  const parts = encodeReport(report);
  assertEquals(parts.length > 1, true);
  for (const part of parts) assertEquals(part.length < MAX_MESSAGE_BYTES, true);
  const read = parts.map((part) => readReport(part)!);
  assertEquals(read.flatMap((part) => part.channels), channels);
  assertEquals(
    read.map(({ isLast }) => isLast).indexOf(true),
    parts.length - 1,
  );
});

Deno.test("what other nodes send never throws, however malformed", () => {
  const readers = [
    ...[readFields, readPull, readReport, readStreamHead, decodeMedia],
    (bytes: Uint8Array) => readAnnouncement(readFields(bytes)),
  ];
  const head = { from: 1, leadBytes: 2, bufsize: 3, continues: { id: "a" } };
  const samples = [ANNOUNCED, head, { node: "a", turn: 1, channels: [{}] }]
    .map(writeJson);
  samples.push(encodeMedia(MEDIA_KIND.live, 5, new Uint8Array(20)));
  const random = seededRandom(1);
  for (let round = 0; round < 20_000; round++) {
    const bytes = samples[round % samples.length]!.slice();
    for (let fault = 0; fault <= random(3); fault++) {
      bytes[random(bytes.length)] = random(256);
    }
    for (const read of readers) {
      read(bytes.subarray(0, random(bytes.length + 1)));
    }
  }
});
