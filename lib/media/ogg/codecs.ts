/**
 * What the first packet of a logical Ogg stream tells: one row per codec.
 *
 * @module
 */

/** How a logical stream is read. */
export interface OggCodec {
  /** Codec string as in a MIME type's codecs parameter; empty for what is not media. */
  readonly name: string;
  /** Whether it is video. */
  readonly video: boolean;
  /** Header packets before the data; `undefined` where only the granule position tells. */
  readonly headerPackets?: number;
  /** Whether a header packet with this first byte is the last one, where the codec marks it. */
  readonly isLastHeader?: (first: number) => boolean;
  /** Width and height of the picture in pixels. */
  readonly size?: readonly [number, number];
  /** Seconds on the stream's clock at a granule position. */
  seconds(granule: bigint): number;
  /** Whether a packet with this first byte is a key frame; audio: always. */
  isKey(first: number): boolean;
}

/** A codec's first bytes, the bytes of its first packet that are read, and the reader. */
interface CodecRow {
  readonly magic: string;
  readonly bytes: number;
  read(packet: DataView): OggCodec | undefined;
}

/** The known codecs. */
const CODECS: readonly CodecRow[] = [
  { magic: "OpusHead", bytes: 19, read: readOpus },
  { magic: "\x01vorbis", bytes: 16, read: readVorbis },
  { magic: "\x80theora", bytes: 42, read: readTheora },
  { magic: "\x7fFLAC", bytes: 30, read: readFlac },
  { magic: "Speex   ", bytes: 72, read: readSpeex },
  { magic: "OVP80\x01", bytes: 26, read: readVp8 },
];

/** Unknown codecs, or no media (Skeleton): the headers end where granule positions begin. */
const UNKNOWN: OggCodec = {
  name: "",
  video: false,
  seconds: noSeconds,
  isKey: always,
};

/** Reads the first packet of a logical stream. */
export function oggCodec(packet: Uint8Array): OggCodec {
  const row = CODECS.find((row) => startsWith(packet, row.magic));
  if (!row || packet.length < row.bytes) return UNKNOWN;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return row.read(view) ?? UNKNOWN;
}

function startsWith(packet: Uint8Array, magic: string): boolean {
  for (let i = 0; i < magic.length; i++) {
    if (packet[i] !== magic.charCodeAt(i)) return false;
  }
  return true;
}

function always(): boolean {
  return true;
}

function noSeconds(): number {
  return 0;
}

/** Audio whose granule positions count samples, the first `skip` of which are not played. */
function audio(
  name: string,
  rate: number,
  headerPackets: number | undefined,
  skip = 0,
): OggCodec | undefined {
  if (rate === 0) return undefined;
  return {
    name,
    video: false,
    ...(headerPackets === undefined ? {} : { headerPackets }),
    seconds: (granule) => Math.max(0, (Number(granule) - skip) / rate),
    isKey: always,
  };
}

/** RFC 7845 §5.1; granule positions always count at 48 kHz. */
function readOpus(packet: DataView): OggCodec | undefined {
  return audio("opus", 48000, 2, packet.getUint16(10, true));
}

/** Vorbis I specification §4.2.2. */
function readVorbis(packet: DataView): OggCodec | undefined {
  return audio("vorbis", packet.getUint32(12, true), 3);
}

/**
 * RFC 9639 §10.1. Header packets are metadata blocks, the last of which is marked; their count in the
 * first packet is wrong in the streams of GStreamer and liquidsoap.
 */
function readFlac(packet: DataView): OggCodec | undefined {
  const codec = audio("flac", packet.getUint32(27) >>> 12, undefined);
  return codec && { ...codec, isLastHeader: (first) => first >= 0x80 };
}

/** Speex manual §5.1 (header): comments always follow, further headers may. */
function readSpeex(packet: DataView): OggCodec | undefined {
  const extra = packet.getUint32(68, true);
  return audio("speex", packet.getUint32(36, true), 2 + extra);
}

/** Theora specification §6.2 (identification header) and §A.2.3 (granule position). */
function readTheora(packet: DataView): OggCodec | undefined {
  const [rate, scale] = [packet.getUint32(22), packet.getUint32(26)];
  if (rate === 0 || scale === 0) return undefined;
  const shift = BigInt((packet.getUint16(40) >> 5) & 31);
  return {
    name: "theora",
    video: true,
    headerPackets: 3,
    size: [packet.getUint32(13) & 0xffffff, packet.getUint32(16) & 0xffffff],
    // The number of the last key frame, and that of frames since.
    seconds: (granule) => {
      const key = granule >> shift;
      return Number(key + (granule - (key << shift))) * scale / rate;
    },
    // §7.1: bit 7 is 0 in data packets, bit 6 is 0 in intra frames.
    isKey: (first) => (first & 0xc0) === 0,
  };
}

/** VP8 in Ogg as ffmpeg and GStreamer write it; the frame tag is that of RFC 6386 §9.1. */
function readVp8(packet: DataView): OggCodec | undefined {
  const [rate, scale] = [packet.getUint32(18), packet.getUint32(22)];
  if (rate === 0 || scale === 0) return undefined;
  return {
    name: "vp8",
    video: true,
    size: [packet.getUint16(8), packet.getUint16(10)],
    seconds: (granule) => Number(granule >> 32n) * scale / rate,
    isKey: (first) => (first & 1) === 0,
  };
}
