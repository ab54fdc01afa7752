import { PACKET_BYTES } from "./psi.ts";

/** How packets follow each other. */
export interface Framing {
  /** Bytes from packet to packet. */
  readonly stride: number;
  /** Bytes before the sync byte of each packet. */
  readonly lead: number;
}

/** Bare packets, packets behind a time stamp of 4 bytes (M2TS), packets with 16 of error correction. */
export const FRAMINGS: readonly Framing[] = [
  { stride: PACKET_BYTES, lead: 0 },
  { stride: PACKET_BYTES + 4, lead: 4 },
  { stride: PACKET_BYTES + 16, lead: 0 },
];
