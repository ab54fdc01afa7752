/**
 * The Autobahn cases on framing, pings, reserved bits, opcodes, fragmentation and closing.
 *
 * @module
 */

import { maskFrame } from "../helpers/mask_frame.ts";
import {
  type AutobahnCase,
  bytesOf,
  closeFrame,
  ping,
  pong,
  repeated,
  row,
  text,
} from "./autobahn_case.ts";

const HELLO = "Hello, world!";
const NOT_UTF8 = "\x00\xff\xfe\xfd\xfc\xfb\x00\xff";
const RESERVED_PAYLOAD = "reserved opcode payload";

/** 1.1 and 1.2: text and binary messages around each length's boundary. */
function framing(): AutobahnCase[] {
  const lengths = [0, 125, 126, 127, 128, 65_535, 65_536];
  const texts = lengths.map((length, at) =>
    row(`1.1.${at + 1}`, [maskFrame(1, "*".repeat(length))], [
      text("*".repeat(length)),
    ])
  );
  const binaries = lengths.map((length, at) => {
    const payload = repeated(bytesOf("\xfe"), length);
    const items = length ? [payload] : [];
    return row(`1.2.${at + 1}`, [maskFrame(2, payload)], items);
  });
  return [
    ...texts,
    { ...texts.at(-1)!, id: "1.1.8", chop: 997 },
    ...binaries,
    { ...binaries.at(-1)!, id: "1.2.8", chop: 997 },
  ];
}

/** 2: pings and pongs. */
function pings(): AutobahnCase[] {
  const most = "\xfe".repeat(125);
  const ten = Array.from({ length: 10 }, (_, at) => `payload-${at}`);
  const unsolicited = "unsolicited pong payload";
  return [
    row("2.1", [maskFrame(9)], [ping("")]),
    row("2.2", [maskFrame(9, HELLO)], [ping(HELLO)]),
    row("2.3", [maskFrame(9, bytesOf(NOT_UTF8))], [ping(NOT_UTF8)]),
    row("2.4", [maskFrame(9, bytesOf(most))], [ping(most)]),
    row("2.5", [maskFrame(9, bytesOf(`${most}\xfe`))], [], 1002),
    {
      ...row("2.6", [maskFrame(9, bytesOf(most))], [ping(most)]),
      chop: 1,
    },
    row("2.7", [maskFrame(10), closeFrame(1000)], [pong(""), closed(1000)]),
    row("2.8", [maskFrame(10, unsolicited), closeFrame(1000)], [
      pong(unsolicited),
      closed(1000),
    ]),
    row("2.9", [maskFrame(10, unsolicited), maskFrame(9, "ping payload")], [
      pong(unsolicited),
      ping("ping payload"),
    ]),
    row("2.10", ten.map((each) => maskFrame(9, each)), ten.map(ping)),
    {
      ...row("2.11", ten.map((each) => maskFrame(9, each)), ten.map(ping)),
      chop: 1,
    },
  ];
}

/** 3: reserved bits. */
function reservedBits(): AutobahnCase[] {
  const first = maskFrame(1, HELLO);
  const last = maskFrame(9);
  const again = (rsv: number): Uint8Array[] => [
    first,
    maskFrame(1, HELLO, { rsv }),
    last,
  ];
  return [
    row("3.1", [maskFrame(1, HELLO, { rsv: 1 })], [], 1002),
    row("3.2", again(2), [text(HELLO)], 1002),
    row("3.3", again(3), [text(HELLO)], 1002),
    { ...row("3.4", again(4), [text(HELLO)], 1002), chop: 1 },
    row("3.5", [maskFrame(2, bytesOf(NOT_UTF8), { rsv: 5 })], [], 1002),
    row("3.6", [maskFrame(9, HELLO, { rsv: 6 })], [], 1002),
    row("3.7", [maskFrame(8, "", { rsv: 7 })], [], 1002),
  ];
}

/** 4: reserved opcodes, alone and behind a message. */
function opcodes(): AutobahnCase[] {
  return [[3, 4, 5, 6, 7], [11, 12, 13, 14, 15]].flatMap((group, kind) =>
    group.map((opcode, at) => {
      const payload = [
        "",
        RESERVED_PAYLOAD,
        "",
        HELLO,
        HELLO,
      ][at]!;
      const frame = maskFrame(opcode, payload);
      const id = `4.${kind + 1}.${at + 1}`;
      if (at < 2) return row(id, [frame], [], 1002);
      const frames = [maskFrame(1, HELLO), frame, maskFrame(9)];
      const alone = row(id, frames, [text(HELLO)], 1002);
      return at === 4 ? { ...alone, chop: 1 } : alone;
    })
  );
}

/** A fragment that does not end its message. */
function part(opcode: number, content: string): Uint8Array {
  return maskFrame(opcode, content, { fin: false });
}

/** The three chunkings that most cases of 5 come in: one chunk, frame by frame, byte by byte. */
function threeTimes(
  from: number,
  frames: readonly Uint8Array[],
  items: AutobahnCase["items"],
  code?: number,
): AutobahnCase[] {
  return [0, 1, 2].map((at) => {
    const each = row(`5.${from + at}`, frames, items, code);
    return at === 2 ? { ...each, chop: 1 } : each;
  });
}

/** 5: fragmentation. */
function fragmentation(): AutobahnCase[] {
  const whole = text("fragment1fragment2");
  const halves = [part(1, "fragment1"), maskFrame(0, "fragment2")];
  const stray = "non-continuation payload";
  const hello = maskFrame(1, HELLO);
  const five = [
    ...[part(1, "fragment1"), part(0, "fragment2"), maskFrame(9, "pongme 1!")],
    ...[part(0, "fragment3"), part(0, "fragment4"), maskFrame(9, "pongme 2!")],
    maskFrame(0, "fragment5"),
  ];
  const fiveItems = [
    ping("pongme 1!"),
    ping("pongme 2!"),
    text("fragment1fragment2fragment3fragment4fragment5"),
  ];
  const between = [halves[0]!, maskFrame(9, "ping payload"), halves[1]!];
  return [
    row("5.1", [part(9, "fragment1"), halves[1]!], [], 1002),
    row("5.2", [part(10, "fragment1"), halves[1]!], [], 1002),
    ...threeTimes(3, halves, [whole]),
    ...threeTimes(6, between, [ping("ping payload"), whole]),
    ...threeTimes(9, [maskFrame(0, stray), hello], [], 1002),
    ...threeTimes(12, [part(0, stray), hello], [], 1002),
    row(
      "5.15",
      [...halves, part(0, "fragment3"), maskFrame(1, "fragment4")],
      [whole],
      1002,
    ),
    row("5.16", [part(0, "fragment1"), ...halves], [], 1002),
    row("5.17", [maskFrame(0, "fragment1"), ...halves], [], 1002),
    row("5.18", [part(1, "fragment1"), maskFrame(1, "fragment2")], [], 1002),
    row("5.19", five, fiveItems),
    row("5.20", five, fiveItems),
  ];
}

function closed(code: number, reason = ""): AutobahnCase["items"][number] {
  return { type: "close", code, reason };
}

/** Codes that a close frame may carry; from 1012 on as IANA registered them later. */
const VALID_CODES = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011],
  ...[3000, 3999, 4000, 4999, 1012, 1013, 1014],
];

/** Codes that it must not, the suite's first; then further boundaries. */
const INVALID_CODES = [
  ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999],
  ...[1015, 5000, 65_535],
];

/** 7: closing. */
function closing(): AutobahnCase[] {
  const close = closeFrame(1000);
  const long = "BAsd7&jh23".repeat(26_215).slice(0, 256 * 1024);
  const notUtf8 = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80ed";
  const most = "*".repeat(123);
  return [
    row("7.1.1", [maskFrame(1, HELLO), close], [text(HELLO), closed(1000)]),
    row("7.1.2", [close, maskFrame(8)], [closed(1000)]),
    row("7.1.3", [close, maskFrame(9)], [closed(1000)]),
    row("7.1.4", [close, maskFrame(1, HELLO)], [closed(1000)]),
    row("7.1.5", [part(1, "fragment1"), close, maskFrame(0, "fragment2")], [
      closed(1000),
    ]),
    row(
      "7.1.6",
      [maskFrame(1, long), maskFrame(1, HELLO), close, maskFrame(9)],
      [text(long), text(HELLO), closed(1000)],
    ),
    row("7.3.1", [maskFrame(8)], [{ type: "close", reason: "" }]),
    row("7.3.2", [maskFrame(8, "a")], [], 1002),
    row("7.3.3", [close], [closed(1000)]),
    row("7.3.4", [closeFrame(1000, HELLO)], [closed(1000, HELLO)]),
    row("7.3.5", [closeFrame(1000, most)], [closed(1000, most)]),
    row("7.3.6", [closeFrame(1000, `${most}*`)], [], 1002),
    row("7.5.1", [closeFrame(1000, notUtf8)], [], 1007),
    ...VALID_CODES.map((code, at) =>
      row(`7.7.${at + 1}`, [closeFrame(code)], [closed(code)])
    ),
    ...INVALID_CODES.map((code, at) =>
      row(`7.9.${at + 1}`, [closeFrame(code)], [], 1002)
    ),
    row("7.13.1", [closeFrame(5000)], [], 1002),
    row("7.13.2", [closeFrame(65_535)], [], 1002),
  ];
}

/** The cases by section. */
export const PROTOCOL_CASES: Readonly<Record<string, () => AutobahnCase[]>> = {
  "1 framing": framing,
  "2 pings and pongs": pings,
  "3 reserved bits": reservedBits,
  "4 opcodes": opcodes,
  "5 fragmentation": fragmentation,
  "7 closing": closing,
};
