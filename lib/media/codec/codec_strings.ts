/**
 * Codec strings of RFC 6381, made from the decoder configurations that containers carry. A browser's
 * SourceBuffer refuses a stream whose string is not exact, so uncertain ones are left unknown.
 *
 * @module
 */
import { fourccAt, uintAt } from "../reader/big_endian.ts";
import { BitReader } from "../reader/bit_reader.ts";
import { avcCodec, H264_NAL, parseH264Sps } from "./h264.ts";
import { hevcCodec } from "./h265.ts";
import type { VideoInfo } from "./unit_grammar.ts";

/**
 * The lowest level of VP9, 1.0. Chromium's recorder writes 0 for "unknown", which no player takes for
 * a level, while any level is taken for another.
 */
const UNKNOWN_VP_LEVEL = 10;

/** Tags of the descriptors on the way to an AudioSpecificConfig (ISO/IEC 14496-1 7.2.2.1). */
const DESCRIPTOR = { ES: 3, DECODER_CONFIG: 4, DECODER_SPECIFIC: 5 } as const;

/** Object types of MPEG-1 and MPEG-2 audio layer 3 (ISO/IEC 14496-1 table 5). */
const MP3_OBJECT_TYPES: ReadonlySet<number> = new Set([0x69, 0x6b]);

/** Object type of audio of ISO/IEC 14496-3. */
const MPEG4_AUDIO = 0x40;

/** Object types of MPEG-2 AAC main, LC and SSR. */
const MPEG2_AAC: ReadonlySet<number> = new Set([0x66, 0x67, 0x68]);

/**
 * The codec string of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1).
 *
 * @param avcC The record, from configurationVersion on.
 * @returns For example `avc1.64001f`; nothing when it is not such a record.
 */
export function avcCodecOf(avcC: Uint8Array): string | undefined {
  const [version, profile, flags, level] = avcC;
  if (version !== 1 || profile === undefined || flags === undefined) return;
  return level === undefined ? undefined : avcCodec(profile, flags, level);
}

/**
 * What the first SPS in an AVCDecoderConfigurationRecord says.
 *
 * @param avcC The record, from configurationVersion on.
 * @returns Nothing when there is none that can be read.
 */
export function avcSpsOf(avcC: Uint8Array): VideoInfo | undefined {
  const count = (avcC[5] ?? 0) & 0x1f;
  const nal = avcC.subarray(8, 8 + uintAt(avcC, 6, 2));
  const isSps = count > 0 && ((nal[0] ?? 0) & 0x1f) === H264_NAL.SPS;
  return isSps ? parseH264Sps(nal) : undefined;
}

/**
 * The codec string of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 8.3.3.1 and E.3).
 *
 * @param hvcC The record, from configurationVersion on.
 * @returns For example `hvc1.1.6.L93.B0`; nothing when it is not such a record.
 */
export function hevcCodecOf(hvcC: Uint8Array): string | undefined {
  if (hvcC.length < 23) return undefined;
  return hevcCodec(hvcC.subarray(1, 13));
}

/**
 * The codec string of an AV1CodecConfigurationRecord (AV1 in ISOBMFF 2.3.3 and 5): the short form,
 * which means 4:2:0 and BT.709.
 *
 * @param av1C The record, from its marker bit on.
 * @returns For example `av01.0.05M.08`; nothing when it is not such a record.
 */
export function av1CodecOf(av1C: Uint8Array): string | undefined {
  const bits = new BitReader(av1C);
  if (bits.read(8) !== 0x81) return undefined;
  const profile = bits.read(3);
  const level = bits.read(5);
  const tier = bits.flag() ? "H" : "M";
  const highDepth = bits.flag();
  const twelve = bits.flag();
  const depth = highDepth ? (twelve ? 12 : 10) : 8;
  if (bits.overrun) return undefined;
  return `av01.${profile}.${twoDigits(level)}${tier}.${twoDigits(depth)}`;
}

/**
 * The codec string of a VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding).
 *
 * @param name `vp08` or `vp09`, the name of the sample entry.
 * @param vpcC The full box's data: version and flags, then the record.
 * @returns For example `vp09.00.10.08`; nothing when the record is cut short.
 */
export function vpCodecOf(
  name: string,
  vpcC: Uint8Array,
): string | undefined {
  const [profile, level, depths] = vpcC.subarray(4);
  if (profile === undefined || level === undefined || depths === undefined) {
    return undefined;
  }
  const fields = [profile, level || UNKNOWN_VP_LEVEL, depths >> 4];
  return [name, ...fields.map(twoDigits)].join(".");
}

/**
 * The codec string of VP9 in Matroska, whose CodecPrivate is a list of features: an ID, a length and
 * a value in a byte each (VP9 Codec Mapping of the WebM container guidelines).
 *
 * @param codecPrivate The CodecPrivate, which most streams do not have.
 * @returns `vp09.00.10.08` where profile, level and depth are stated, else `vp9`.
 */
export function vp9FeaturesCodecOf(codecPrivate: Uint8Array): string {
  const features = new Map<number, number>();
  for (let at = 0; at + 2 < codecPrivate.length;) {
    features.set(codecPrivate[at] ?? 0, codecPrivate[at + 2] ?? 0);
    at += 2 + (codecPrivate[at + 1] ?? 0);
  }
  const fields = [1, 2, 3].map((id) => features.get(id));
  if (fields.includes(undefined)) return "vp9";
  return ["vp09", ...fields.map((value) => twoDigits(value ?? 0))].join(".");
}

/**
 * The codec string of an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1).
 *
 * @param config The configuration.
 * @returns For example `mp4a.40.2`; nothing when it is empty.
 */
export function aacCodecOf(config: Uint8Array): string | undefined {
  const bits = new BitReader(config);
  let objectType = bits.read(5);
  // 31 is the escape to the types above it (1.6.2.1, GetAudioObjectType).
  if (objectType === 31) objectType = 32 + bits.read(6);
  if (bits.overrun || objectType === 0) return undefined;
  return `mp4a.40.${objectType}`;
}

/**
 * The codec string of an `esds` box (ISO/IEC 14496-14 5.6).
 *
 * @param esds The full box's data: version and flags, then the ES_Descriptor.
 * @returns For example `mp4a.40.2`; nothing for what is not AAC or MP3.
 */
export function esdsCodecOf(esds: Uint8Array): string | undefined {
  const stream = descriptorOf(esds.subarray(4), DESCRIPTOR.ES);
  if (!stream) return undefined;
  const config = descriptorOf(
    stream.subarray(streamHeadLength(stream)),
    DESCRIPTOR.DECODER_CONFIG,
  );
  const objectType = config?.[0] ?? 0;
  if (MP3_OBJECT_TYPES.has(objectType)) return "mp3";
  if (MPEG2_AAC.has(objectType)) return `mp4a.${objectType.toString(16)}`;
  if (!config || objectType !== MPEG4_AUDIO) return undefined;
  const specific = descriptorOf(
    config.subarray(13),
    DESCRIPTOR.DECODER_SPECIFIC,
  );
  return specific && aacCodecOf(specific);
}

/**
 * The codec string of a video whose configuration record is named by four characters.
 *
 * @param name `avc1`, `avc3`, `hvc1`, `hev1`, `av01`, `vp08` or `vp09`.
 * @param record The configuration record; of `vpcC` the full box's data.
 * @returns The string, or nothing when name or record is not known.
 */
export function videoCodecOf(
  name: string,
  record: Uint8Array,
): string | undefined {
  switch (name) {
    case "avc1":
    case "avc3":
      return avcCodecOf(record)?.replace("avc1", name);
    case "hvc1":
    case "hev1":
      return hevcCodecOf(record)?.replace("hvc1", name);
    case "av01":
      return av1CodecOf(record);
    case "vp08":
    case "vp09":
      return vpCodecOf(name, record);
    default:
      return undefined;
  }
}

/** Whether the four characters at `at` name a video that {@linkcode videoCodecOf} knows. */
export function isVideoFourcc(bytes: Uint8Array, at: number): boolean {
  return ["avc1", "avc3", "hvc1", "hev1", "av01", "vp08", "vp09"]
    .includes(fourccAt(bytes, at));
}

/** Bytes of an ES_Descriptor before the descriptors in it: which fields there are, flags tell. */
function streamHeadLength(stream: Uint8Array): number {
  const flags = stream[2] ?? 0;
  let length = 3;
  if (flags & 0x80) length += 2;
  if (flags & 0x40) length += 1 + (stream[length] ?? 0);
  if (flags & 0x20) length += 2;
  return length;
}

/** The data of the first descriptor when it has this tag; its size is in 7-bit groups. */
function descriptorOf(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  if (bytes[0] !== tag) return undefined;
  let size = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at] ?? 0;
    size = size * 128 + (byte & 0x7f);
    if (!(byte & 0x80)) return bytes.subarray(at + 1, at + 1 + size);
  }
  return undefined;
}

function twoDigits(value: number): string {
  return value.toString().padStart(2, "0");
}
