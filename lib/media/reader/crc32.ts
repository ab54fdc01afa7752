const TABLE: Uint32Array = crcTable();

/** CRC-32 with the polynomial 0x04c11db7, not reflected; `crc` is that of the preceding bytes. */
export function crc32(bytes: Uint8Array, crc: number): number {
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc << 8) ^ TABLE[((crc >>> 24) ^ bytes[i]!) & 0xff]!;
  }
  return crc >>> 0;
}

function crcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let crc = i << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
    }
    table[i] = crc;
  }
  return table;
}
