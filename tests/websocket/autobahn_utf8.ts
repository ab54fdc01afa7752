/**
 * The Autobahn cases on UTF-8. From 6.5 on they are Markus Kuhn's decoder test.
 *
 * @module
 */

import { maskFragments, maskFrame } from "../helpers/mask_frame.ts";
import { type AutobahnCase, bytesOf, row, text } from "./autobahn_case.ts";

/** κόσμε, whose characters have two and three bytes. */
const KOSME = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";

/** The first byte that cannot be valid is the twelfth behind κόσμε: 6.3 and 6.4. */
const SURROGATE = `${KOSME}\xed\xa0\x80edited`;

/** Valid up to the last byte of its second part, which lies above U+10FFFF. */
const TOO_HIGH = [KOSME, "\xf4\x90\x80\x80", "edited"] as const;

function range(from: number, to: number, between = ""): string {
  let all = "";
  for (let code = from; code < to; code++) {
    all += String.fromCharCode(code) + between;
  }
  return all;
}

/** 5- and 6-byte forms of old UTF-8 are here too: none of them is valid. */
const UNFINISHED = [
  ...["\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80"],
  ...["\xfc\x80\x80\x80\x80", "\xdf", "\xef\xbf", "\xf7\xbf\xbf"],
  ...["\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf"],
];

/** Code points that no character will ever have, yet valid UTF-8: U+xFFFE and U+xFFFF of all planes. */
function nonCharacters(): string[] {
  const planes = Array.from({ length: 17 }, (_, plane) => plane * 0x10000);
  return planes.flatMap((plane) => [plane + 0xfffe, plane + 0xffff]).map(
    (code) =>
      String.fromCharCode(
        ...new TextEncoder().encode(String.fromCodePoint(code)),
      ),
  );
}

/** Sequences by their section, 6.5 the first: those that are valid, and those that are not. */
const SEQUENCES: readonly (readonly [valid: string[], invalid: string[]])[] = [
  [
    [
      ...["hello\x24world", "hello\xc2\xa2world", "hello\xe2\x82\xacworld"],
      ...["hello\xf0\xa4\xad\xa2world", KOSME],
    ],
    [],
  ],
  [
    [2, 5, 7, 9, 11].map((end) => KOSME.slice(0, end)),
    [1, 3, 4, 6, 8, 10].map((end) => KOSME.slice(0, end)),
  ],
  [["\x00", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"], []],
  [[], ["\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"]],
  [["\x7f", "\xdf\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"], []],
  [[], [
    ...["\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf"],
    "\xfd\xbf\xbf\xbf\xbf\xbf",
  ]],
  [
    ["\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"],
    ["\xf4\x90\x80\x80"],
  ],
  [[], [
    ...["\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf"],
    ...["\x80\xbf\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf", range(0x80, 0xbf)],
  ]],
  [[], [
    ...[range(0xc0, 0xdf, " "), range(0xe0, 0xef, " ")],
    ...[range(0xf0, 0xf7, " "), range(0xf8, 0xfb, " "), range(0xfc, 0xfd, " ")],
  ]],
  [[], UNFINISHED],
  [[], [UNFINISHED.join("")]],
  [[], ["\xfe", "\xff", "\xfe\xfe\xff\xff"]],
  [[], [
    ...["\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf"],
    "\xfc\x80\x80\x80\x80\xaf",
  ]],
  [[], [
    ...["\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf"],
    "\xfc\x83\xbf\xbf\xbf\xbf",
  ]],
  [[], [
    ...["\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80"],
    "\xfc\x80\x80\x80\x80\x80",
  ]],
  [[], [
    ...["\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf"],
    ...["\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"],
  ]],
  [[], [
    ...["\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf"],
    ...["\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf"],
    ...["\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf"],
    ...["\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf"],
  ]],
  [nonCharacters(), []],
  [
    [
      ...["\xef\xbf\xb9", "\xef\xbf\xba", "\xef\xbf\xbb", "\xef\xbf\xbc"],
      ...["\xef\xbf\xbd", "\xef\xbf\xbe", "\xef\xbf\xbf"],
    ],
    [],
  ],
];

const SEQUENCE_CASES: readonly AutobahnCase[] = SEQUENCES.flatMap(
  ([valid, invalid], at) => [
    ...valid.map((each, number) =>
      row(`6.${at + 5}.valid.${number + 1}`, [maskFrame(1, bytesOf(each))], [
        text(textOf(each)),
      ])
    ),
    ...invalid.map((each, number) =>
      row(
        `6.${at + 5}.invalid.${number + 1}`,
        [maskFrame(1, bytesOf(each))],
        [],
        1007,
      )
    ),
  ],
);

function textOf(binary: string): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(bytesOf(binary));
}

/** A fragment that does not end its message. */
function part(opcode: number, binary: string): Uint8Array {
  return maskFrame(opcode, bytesOf(binary), { fin: false });
}

/** One frame cut off behind some bytes of its payload: what must fail at once fails without the rest. */
function cutFrame(binary: string, bytes: number): Uint8Array {
  return maskFrame(1, bytesOf(binary)).subarray(0, 6 + bytes);
}

const UMLAUTS = "Hello-µ@ßöäüàá-UTF-8!!";
const MIDDLE = "middle frame payload";

/** All cases of section 6. */
export const UTF8_CASES: readonly AutobahnCase[] = [
  row("6.1.1", [maskFrame(1)], [text("")]),
  row("6.1.2", [part(1, ""), part(0, ""), maskFrame(0)], [text("")]),
  row("6.1.3", [part(1, ""), part(0, MIDDLE), maskFrame(0)], [text(MIDDLE)]),
  row("6.2.1", [maskFrame(1, UMLAUTS)], [text(UMLAUTS)]),
  row(
    "6.2.2",
    [
      maskFrame(1, "Hello-µ@ßöä", { fin: false }),
      maskFrame(0, "üàá-UTF-8!!"),
    ],
    [text(UMLAUTS)],
  ),
  row("6.2.3", maskFragments(1, new TextEncoder().encode(UMLAUTS), 1), [
    text(UMLAUTS),
  ]),
  row("6.2.4", maskFragments(1, bytesOf(KOSME), 1), [text(textOf(KOSME))]),
  row("6.3.1", [maskFrame(1, bytesOf(SURROGATE))], [], 1007),
  row("6.3.2", maskFragments(1, bytesOf(SURROGATE), 1), [], 1007),
  row("6.4.1", [part(1, TOO_HIGH[0]), part(0, TOO_HIGH[1])], [], 1007),
  row("6.4.2", [part(1, `${KOSME}\xf4`), part(0, "\x90")], [], 1007),
  row("6.4.3", [cutFrame(TOO_HIGH.join(""), 15)], [], 1007),
  row("6.4.4", [cutFrame(TOO_HIGH.join(""), 13)], [], 1007),
  ...SEQUENCE_CASES,
];
