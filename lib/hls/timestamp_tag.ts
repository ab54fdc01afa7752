/** Ticks of an MPEG-2 clock in a second, and where it wraps: it has 33 bits. */
const TICKS_PER_SECOND = 90_000;
const CLOCK_WRAP = 2n ** 33n;

/** The owner that players look for (RFC 8216 §3.4). */
const OWNER = "com.apple.streaming.transportStreamTimestamp";

/** Bytes of the head of a tag, and of one of its frames (ID3v2.4 §3.1, §4). */
const HEAD_BYTES = 10;

/** Bytes of the time stamp. */
const STAMP_BYTES = 8;

/**
 * The ID3 tag that begins each segment of packed audio: a PRIV frame with the time of its first sample
 * (RFC 8216 §3.4).
 *
 * @param seconds On the media's clock.
 */
export function timestampTag(seconds: number): Uint8Array<ArrayBuffer> {
  const owner = new TextEncoder().encode(`${OWNER}\0`);
  const frameBytes = owner.length + STAMP_BYTES;
  const tag = new Uint8Array(2 * HEAD_BYTES + frameBytes);
  // Lengths below 128 are the same with 7 bits in a byte as with 8.
  tag.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, HEAD_BYTES + frameBytes]);
  tag.set([0x50, 0x52, 0x49, 0x56, 0, 0, 0, frameBytes], HEAD_BYTES);
  tag.set(owner, 2 * HEAD_BYTES);
  const ticks = BigInt(Math.round(seconds * TICKS_PER_SECOND));
  const stampAt = tag.length - STAMP_BYTES;
  new DataView(tag.buffer).setBigUint64(
    stampAt,
    BigInt.asUintN(33, ticks % CLOCK_WRAP),
  );
  return tag;
}
