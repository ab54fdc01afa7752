/**
 * Pages of Ogg (RFC 3533 §6).
 *
 * @module
 */
import { crc32 } from "../reader/crc32.ts";

/** Bytes of a page's header without its segment table. */
export const OGG_HEADER_BYTES = 27;

/** Bits of header_type_flag. */
const CONTINUED = 1;
const FIRST = 2;
const LAST = 4;

/** Index of the CRC in a page's header; it is computed with 0 there. */
const CRC_AT = 22;
const CRC_BYTES = 4;

/** Zeros that stand for the CRC while it is computed. */
const NO_CRC: Uint8Array = new Uint8Array(CRC_BYTES);

/** The header of a page. */
export interface OggPage {
  /** Whether the page begins with the rest of a packet. */
  readonly continued: boolean;
  /** Whether it is the first page of its logical stream. */
  readonly first: boolean;
  /** Whether it is the last one. */
  readonly last: boolean;
  /** granule_position: the codec's clock at the end of the last packet that ends here; -1: none. */
  readonly granule: bigint;
  /** Serial number of the logical stream. */
  readonly serial: number;
  /** Bytes of the header with the segment table. */
  readonly headerBytes: number;
  /** Bytes of the payload. */
  readonly payloadBytes: number;
  /** Packets that end on this page. */
  readonly packetsEnded: number;
}

/** Whether the bytes at `at` are a page's first ones, as far as they are there. */
export function isOggCapture(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x4f && bytes[at + 1] === 0x67 &&
    bytes[at + 2] === 0x67 && bytes[at + 3] === 0x53 && bytes[at + 4] === 0;
}

/** Bytes of the page's header at `at`, of which {@linkcode OGG_HEADER_BYTES} must be there. */
export function oggHeaderBytes(bytes: Uint8Array, at: number): number {
  return OGG_HEADER_BYTES + (bytes[at + OGG_HEADER_BYTES - 1] ?? 0);
}

/** Reads the page's header at `at`, all of which must be there. */
export function readOggPage(bytes: Uint8Array, at: number): OggPage {
  const headerBytes = oggHeaderBytes(bytes, at);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, headerBytes);
  const flags = view.getUint8(5);
  let payloadBytes = 0;
  let packetsEnded = 0;
  for (let i = OGG_HEADER_BYTES; i < headerBytes; i++) {
    const lacing = view.getUint8(i);
    payloadBytes += lacing;
    // A packet ends with the first segment that is not full.
    if (lacing < 255) packetsEnded++;
  }
  return {
    continued: (flags & CONTINUED) !== 0,
    first: (flags & FIRST) !== 0,
    last: (flags & LAST) !== 0,
    granule: view.getBigInt64(6, true),
    serial: view.getUint32(14, true),
    headerBytes,
    payloadBytes,
    packetsEnded,
  };
}

/** A packet that begins on a page. */
export interface PacketStart {
  /** Its first byte. */
  readonly first: number;
  /** Whether it ends on the page. */
  readonly ends: boolean;
}

/** The packets that begin on a whole page; empty packets are left out. */
export function packetsStarting(page: Uint8Array): PacketStart[] {
  const { continued, headerBytes } = readOggPage(page, 0);
  const packets: PacketStart[] = [];
  let at = headerBytes;
  let starts = !continued;
  for (let i = OGG_HEADER_BYTES; i < headerBytes; i++) {
    const lacing = page[i]!;
    const ends = lacing < 255;
    if (starts && lacing > 0) packets.push({ first: page[at]!, ends });
    else if (ends && packets.length > 0 && !starts) {
      packets.push({ ...packets.pop()!, ends });
    }
    at += lacing;
    starts = ends;
  }
  return packets;
}

/** Whether the CRC of a whole page is right. */
export function isOggPageWhole(page: Uint8Array): boolean {
  let crc = crc32(page.subarray(0, CRC_AT), 0);
  crc = crc32(NO_CRC, crc);
  crc = crc32(page.subarray(CRC_AT + CRC_BYTES), crc);
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  return view.getUint32(CRC_AT, true) === crc;
}
