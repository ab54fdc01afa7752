import { concat } from "@std/bytes";

const encoder = new TextEncoder();

/** The bytes of some pieces, one behind the other; text becomes UTF-8. */
export function bytesOf(
  ...pieces: readonly (string | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  return concat(
    pieces.map((piece) =>
      typeof piece === "string" ? encoder.encode(piece) : piece
    ),
  );
}

/**
 * A frame written without the code under test: `u32 big-endian length`, `0x00`, the body.
 *
 * @param body Text, or bytes that need not be UTF-8.
 * @param length What the header says, where that is not the body's length.
 * @param fifth The byte behind the length.
 */
export function frameOf(
  body: string | Uint8Array,
  length?: number,
  fifth = 0,
): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(body);
  const count = length ?? bytes.length;
  const header = [24, 16, 8, 0].map((shift) => (count >>> shift) & 0xff);
  return bytesOf(new Uint8Array([...header, fifth]), bytes);
}
