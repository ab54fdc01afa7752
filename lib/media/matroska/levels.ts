/**
 * Which elements of Matroska may occur where (RFC 9559 5.1), as far as a tracker skips them.
 *
 * @module
 */
import { EBML_ID } from "./ebml.ts";

/** Elements of the Segment besides Cluster; Info and Tracks are the header. */
export const SEGMENT_CHILDREN: ReadonlySet<number> = new Set([
  EBML_ID.SEEK_HEAD,
  EBML_ID.INFO,
  EBML_ID.TRACKS,
  EBML_ID.CUES,
  EBML_ID.TAGS,
  EBML_ID.CHAPTERS,
  EBML_ID.ATTACHMENTS,
]);

/** Elements that may occur anywhere. */
export const GLOBALS: ReadonlySet<number> = new Set([
  EBML_ID.VOID,
  EBML_ID.CRC32,
]);

/** Elements in a Cluster that are skipped. */
export const SKIPPED_IN_CLUSTER: ReadonlySet<number> = new Set([
  EBML_ID.SILENT_TRACKS,
  EBML_ID.POSITION,
  EBML_ID.PREV_SIZE,
  EBML_ID.ENCRYPTED_BLOCK,
]);

/** Elements in a BlockGroup that are skipped. */
export const SKIPPED_IN_GROUP: ReadonlySet<number> = new Set([
  EBML_ID.BLOCK_VIRTUAL,
  EBML_ID.BLOCK_ADDITIONS,
  EBML_ID.BLOCK_DURATION,
  EBML_ID.REFERENCE_PRIORITY,
  EBML_ID.REFERENCE_VIRTUAL,
  EBML_ID.CODEC_STATE,
  EBML_ID.DISCARD_PADDING,
  EBML_ID.SLICES,
  EBML_ID.REFERENCE_FRAME,
]);

/** IDs that can begin a Cluster, so that four payload bytes like a Cluster's ID are not taken for one. */
export const FIRST_IN_CLUSTER: ReadonlySet<number> = new Set([
  EBML_ID.TIMESTAMP,
  EBML_ID.CRC32,
  EBML_ID.VOID,
  EBML_ID.POSITION,
  EBML_ID.PREV_SIZE,
]);
