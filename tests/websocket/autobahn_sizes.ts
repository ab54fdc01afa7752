/**
 * The Autobahn cases on sizes and automatic fragmentation.
 *
 * @module
 */

import { maskFragments, maskFrame } from "../helpers/mask_frame.ts";
import type { Item } from "../helpers/websocket_decoding.ts";
import { type AutobahnCase, bytesOf, repeated, text } from "./autobahn_case.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** What a socket gives at a time. */
const READ_BYTES = 64 * KIB;

/** Text and binary: subsections of an odd number are text. */
const KINDS = [
  { opcode: 1, pattern: bytesOf("BAsd7&jh23") },
  { opcode: 2, pattern: bytesOf("\x00\xfe\x23\xfa\xf0") },
] as const;

/** What comes out of a message, or of several whose payload is given joined. */
function itemOf(opcode: number, payload: Uint8Array): Item {
  return opcode === 2 ? payload : text(new TextDecoder().decode(payload));
}

/** 9.1 and 9.2: one frame; 9.3 and 9.4: many fragments; 9.5 and 9.6: small chunks. */
function* large(kind: 0 | 1): Generator<AutobahnCase> {
  const { opcode, pattern } = KINDS[kind];
  const cases = (
    subsection: number,
    length: number,
    sizes: readonly number[],
    fragment: number | undefined,
    chop: number | undefined,
  ): AutobahnCase[] =>
    sizes.map((size, at) => {
      const payload = repeated(pattern, length || size);
      return {
        id: `9.${subsection + kind}.${at + 1}`,
        frames: maskFragments(opcode, payload, fragment ?? size),
        items: [itemOf(opcode, payload)],
        chop: chop ?? size,
      };
    });
  const lengths = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
  yield* cases(1, 0, lengths, undefined, READ_BYTES);
  const fragments = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB];
  const all = [...fragments, MIB, 4 * MIB];
  yield* cases(3, 4 * MIB, all, undefined, READ_BYTES);
  const chops = [64, 128, 256, 512, KIB, 2 * KIB];
  yield* cases(5, MIB, chops, MIB, undefined);
}

/** 9.7 and 9.8: a thousand messages of one size. */
function* many(kind: 0 | 1): Generator<AutobahnCase> {
  const { opcode, pattern } = KINDS[kind];
  for (const [at, size] of [0, 16, 64, 256, KIB, 4 * KIB].entries()) {
    const frame = maskFrame(opcode, repeated(pattern, size));
    const joined = opcode === 2 && size > 0
      ? [repeated(repeated(pattern, size), 1000 * size)]
      : [];
    const item = itemOf(opcode, repeated(pattern, size));
    yield {
      id: `9.${7 + kind}.${at + 1}`,
      frames: new Array(1000).fill(frame),
      items: opcode === 2 ? joined : new Array(1000).fill(item),
      chop: READ_BYTES,
    };
  }
}

/** All cases of sections 9 and 10. */
export function* sizeCases(): Generator<AutobahnCase> {
  for (const kind of [0, 1] as const) {
    yield* large(kind);
    yield* many(kind);
  }
  const payload = repeated(bytesOf("*"), 65_536);
  yield {
    id: "10.1.1",
    frames: maskFragments(1, payload, 1300),
    items: [itemOf(1, payload)],
    chop: READ_BYTES,
  };
}
