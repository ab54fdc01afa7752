/**
 * Makes transport packets (ISO/IEC 13818-1 2.4.3) that joiners are sent before the stream.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { PACKET_BYTES, SYNC_BYTE } from "./psi.ts";

/** Bytes of a packet's payload where there is no adaptation field. */
const PAYLOAD_BYTES: number = PACKET_BYTES - 4;

/**
 * Wraps bytes of video in a PES packet of their own.
 *
 * @param pid The video's PID.
 * @param bytes Parameter sets with start codes.
 * @param stamps Bytes of PTS and DTS of the PES packet that follows, because parsers use the first.
 * @param nextCounter continuity_counter of the packet that follows, modulo 16.
 * @returns Whole packets of 188 bytes.
 */
export function pesPackets(
  pid: number,
  bytes: Uint8Array,
  stamps: Uint8Array,
  nextCounter: number,
): Uint8Array {
  const pes = concat([pesHeader(stamps), bytes]);
  const count = Math.ceil(pes.length / PAYLOAD_BYTES);
  const packets = new Uint8Array(count * PACKET_BYTES);
  for (let i = 0; i < count; i++) {
    const payload = pes.subarray(i * PAYLOAD_BYTES, (i + 1) * PAYLOAD_BYTES);
    const packet = packets.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES);
    packet[0] = SYNC_BYTE;
    packet[1] = (i === 0 ? 0x40 : 0) | (pid >> 8);
    packet[2] = pid & 0xff;
    packet[3] = 0x10 | ((nextCounter - count + i) & 15);
    stuff(packet, PAYLOAD_BYTES - payload.length);
    packet.set(payload, PACKET_BYTES - payload.length);
  }
  return packets;
}

/** A PES header for video, of a packet of unknown length (2.4.3.6). */
function pesHeader(stamps: Uint8Array): Uint8Array {
  const flags = stamps.length === 10 ? 0xc0 : stamps.length === 5 ? 0x80 : 0;
  const fixed = [0, 0, 1, 0xe0, 0, 0, 0x80, flags, stamps.length];
  return new Uint8Array([...fixed, ...stamps]);
}

/** Fills the bytes before the payload with an adaptation field (2.4.3.5). */
function stuff(packet: Uint8Array, free: number): void {
  if (free === 0) return;
  packet[3]! |= 0x20;
  packet.fill(0xff, 4, 4 + free);
  packet[4] = free - 1;
  if (free > 1) packet[5] = 0;
}

/**
 * Adds zero bytes around packets, as the framing of the stream requires.
 *
 * @param packets Whole packets of 188 bytes.
 * @param before Bytes that come before each packet (M2TS: 4).
 * @param behind Bytes that follow each packet (error correction: 16).
 */
export function framedPackets(
  packets: Uint8Array,
  before: number,
  behind: number,
): Uint8Array {
  if (before + behind === 0) return packets;
  const stride = before + PACKET_BYTES + behind;
  const count = packets.length / PACKET_BYTES;
  const framed = new Uint8Array(count * stride);
  for (let i = 0; i < count; i++) {
    const packet = packets.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES);
    framed.set(packet, i * stride + before);
  }
  return framed;
}
