/**
 * The detection table: one row per container format.
 *
 * @module
 */
import { H264 } from "../annexb/h264.ts";
import { HEVC } from "../annexb/hevc.ts";
import { MPEG4_VIDEO } from "../annexb/mpeg4_video.ts";
import { MPEG_VIDEO } from "../annexb/mpeg_video.ts";
import { AC3 } from "../audio_frames/ac3.ts";
import { ADTS } from "../audio_frames/adts.ts";
import { DTS } from "../audio_frames/dts.ts";
import { FLAC } from "../audio_frames/flac.ts";
import { LATM } from "../audio_frames/latm.ts";
import { MP3 } from "../audio_frames/mp3.ts";
import { AV1 } from "../av1/av1.ts";
import type { ContainerFormat } from "../container.ts";
import { FLV } from "../flv/flv.ts";
import { IVF } from "../ivf/ivf.ts";
import { MATROSKA, WEBM } from "../matroska/matroska.ts";
import { MJPEG } from "../mjpeg/mjpeg.ts";
import { MPJPEG } from "../mjpeg/multipart.ts";
import { MP4 } from "../mp4/mp4.ts";
import { MPEGPS } from "../mpegps/mpegps.ts";
import { MPEGTS } from "../mpegts/mpegts.ts";
import { NUT } from "../nut/nut.ts";
import { OGG } from "../ogg/ogg.ts";
import { RAW } from "../raw.ts";
import { AIFF } from "../pcm/aiff.ts";
import { AU } from "../pcm/au.ts";
import { CAF } from "../pcm/caf.ts";
import { WAV } from "../pcm/wav.ts";
import { Y4M } from "../y4m/y4m.ts";

/**
 * All container formats, in the order in which they are tried: first those that a few bytes decide.
 * Behind ID3 tags ADTS comes before MP3, because tags that hide all frames are taken for an MP3's.
 */
export const CONTAINERS: readonly ContainerFormat[] = [
  WEBM,
  MATROSKA,
  OGG,
  FLAC,
  WAV,
  AU,
  AIFF,
  CAF,
  Y4M,
  IVF,
  AV1,
  MP4,
  FLV,
  NUT,
  MJPEG,
  MPJPEG,
  HEVC,
  H264,
  MPEGPS,
  MPEG_VIDEO,
  MPEG4_VIDEO,
  AC3,
  DTS,
  ADTS,
  MP3,
  LATM,
  MPEGTS,
  RAW,
];
