/** Bytes below which a view of words costs more than it saves: measured, they break even at 40 to 64. */
const MIN_WORD_BYTES = 64;

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** A key as the machine's own word, whatever its byte order. */
const wordKey = new Int32Array(1);
const wordKeyBytes = new Uint8Array(wordKey.buffer);

/**
 * Masks or unmasks payload in place: both are the same XOR (RFC 6455 §5.3).
 *
 * `key` has four bytes; `offset` is that of the first byte within the frame's payload.
 */
export function applyMask(
  bytes: Uint8Array,
  key: Uint8Array,
  offset: number,
): void {
  if (bytes.length < MIN_WORD_BYTES) {
    return applyToBytes(bytes, key, offset, 0, bytes.length);
  }
  const start = (WORD_BYTES - bytes.byteOffset % WORD_BYTES) % WORD_BYTES;
  const words = Math.floor((bytes.length - start) / WORD_BYTES);
  const end = start + words * WORD_BYTES;
  applyToBytes(bytes, key, offset, 0, start);
  for (let at = 0; at < WORD_BYTES; at++) {
    wordKeyBytes[at] = key[(offset + start + at) % 4]!;
  }
  applyToWords(
    new Int32Array(bytes.buffer, bytes.byteOffset + start, words),
    wordKey[0]!,
  );
  applyToBytes(bytes, key, offset, end, bytes.length);
}

function applyToWords(words: Int32Array, key: number): void {
  for (let at = 0; at < words.length; at++) words[at]! ^= key;
}

function applyToBytes(
  bytes: Uint8Array,
  key: Uint8Array,
  offset: number,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at++) bytes[at]! ^= key[(offset + at) % 4]!;
}
