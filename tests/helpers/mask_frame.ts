/** How a test's frame differs from an ordinary one. */
export interface FrameOptions {
  /** Whether the frame ends its message; by default it does. */
  readonly fin?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  readonly rsv?: number;
  /** The masking key, four bytes. */
  readonly key?: readonly number[];
  /** The length that the header states, when it is not the payload's. */
  readonly length?: number;
  /** Bytes of the length field behind the first two: 0, 2 or 8; by default as few as possible. */
  readonly lengthBytes?: 0 | 2 | 8;
}

/** A key whose bytes all differ, so that a wrong rotation shows. */
const DEFAULT_KEY = [0x37, 0xfa, 0x21, 0x3d];

/** Makes a client's frame: the header with its key, and the payload masked byte by byte. */
export function maskFrame(
  opcode: number,
  payload: Uint8Array | string = "",
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
  const { fin = true, rsv = 0, key = DEFAULT_KEY } = options;
  const length = lengthField(
    options.length ?? bytes.length,
    options.lengthBytes,
  );
  length[0]! |= 0x80;
  const start = 1 + length.length + 4;
  const frame = new Uint8Array(start + bytes.length);
  frame[0] = (fin ? 0x80 : 0) | rsv << 4 | opcode;
  frame.set(length, 1);
  frame.set(key, start - 4);
  for (let at = 0; at < bytes.length; at++) {
    frame[start + at] = bytes[at]! ^ key[at & 3]!;
  }
  return frame;
}

/** Makes a client's frame of a server's: sets the mask bit, inserts the key, masks the payload. */
export function maskEncoded(
  frame: Uint8Array,
  key: readonly number[] = DEFAULT_KEY,
): Uint8Array<ArrayBuffer> {
  const header = { 126: 4, 127: 10 }[frame[1]!] ?? 2;
  const masked = new Uint8Array(frame.length + 4);
  masked.set(frame.subarray(0, header));
  masked[1]! |= 0x80;
  masked.set(key, header);
  for (let at = header; at < frame.length; at++) {
    masked[at + 4] = frame[at]! ^ key[at - header & 3]!;
  }
  return masked;
}

/** Makes the frames of one message whose payload is cut into fragments of `size` bytes. */
export function maskFragments(
  opcode: number,
  payload: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += size) {
    const fin = at + size >= payload.length;
    const fragment = payload.subarray(at, at + size);
    frames.push(maskFrame(at === 0 ? opcode : 0, fragment, { fin }));
  }
  return frames;
}

function lengthField(length: number, bytes?: 0 | 2 | 8): Uint8Array {
  const size = bytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const field = new Uint8Array(1 + size);
  field[0] = size === 0 ? length : size === 2 ? 126 : 127;
  const view = new DataView(field.buffer);
  if (size === 2) view.setUint16(1, length);
  if (size === 8) view.setBigUint64(1, BigInt(length));
  return field;
}
