import type { MaxLag } from "../config/values.ts";
import { asCount, asFields, asText, type Fields, readFields } from "./json.ts";

/** What a node tells of a broadcast before its media. */
export interface StreamHead {
  /** Offset of the first byte that follows. */
  readonly from: number;
  /** Bytes that a tracker is shown first, and that come before the media. */
  readonly leadBytes: number;
  /** Whether decoding can start at `from`. */
  readonly isJoin: boolean;
  /** The channel's password; empty for none. */
  readonly password: string;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
  /** Seconds of media that watchers are sent at once. */
  readonly burst: number;
  /** Whether small pieces wait for more when a server is busy; otherwise they have waited at the first node. */
  readonly lingers: boolean;
  /** How far a watcher may lag. */
  readonly maxLag: MaxLag;
  /** Bytes of a record; 0 for none. */
  readonly bufsize: number;
  /** The container; empty while unknown. */
  readonly format: string;
  /** Where a broadcast stopped that this one continues. */
  readonly continues:
    | { readonly id: string; readonly offset: number }
    | undefined;
}

/** Seconds that a hold or a burst may have, as in requests. */
const MAX_SECONDS = 86_400;

/** Bytes of a lead: init segments have 1 MiB at most, and prefixes less. */
const MAX_LEAD_BYTES = 4 * 1024 * 1024;

/** Reads a head; `undefined` for what is none. */
export function readStreamHead(bytes: Uint8Array): StreamHead | undefined {
  const fields = readFields(bytes);
  const from = asCount(fields?.from);
  const leadBytes = asCount(fields?.leadBytes);
  const bufsize = asCount(fields?.bufsize);
  if (!fields || from === undefined || bufsize === undefined) return undefined;
  if (leadBytes === undefined || leadBytes > MAX_LEAD_BYTES) return undefined;
  return {
    ...{ from, leadBytes, bufsize },
    isJoin: fields.isJoin === true,
    password: asText(fields.password),
    hold: asSeconds(fields.hold),
    burst: asSeconds(fields.burst),
    lingers: fields.lingers === true,
    maxLag: readMaxLag(fields),
    format: asText(fields.format),
    continues: readPosition(fields),
  };
}

function asSeconds(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= MAX_SECONDS
    ? value
    : 0;
}

/** What is unlimited is no number in JSON, and neither is it in a head of an older node. */
function readMaxLag({ maxLag }: Fields): MaxLag {
  const { bytes, seconds } = asFields(maxLag) ?? {};
  return { bytes: asLimit(bytes), seconds: asLimit(seconds) };
}

function asLimit(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : Infinity;
}

function readPosition({ continues }: Fields): StreamHead["continues"] {
  const fields = asFields(continues);
  const [id, offset] = [asText(fields?.id), asCount(fields?.offset)];
  return id === "" || offset === undefined ? undefined : { id, offset };
}

/** Whether a broadcast is live, and how it ended otherwise. */
export interface StreamState {
  /** As in `ChannelState`. */
  readonly state: "live" | "held" | "ended";
  /** Whether it was held after a clean end; or how it ended, as in `ChannelEnd`. */
  readonly how: string;
}

/** Reads a state; what is none counts as live. */
export function readStreamState(bytes: Uint8Array): StreamState {
  const fields = readFields(bytes);
  const state = fields?.state;
  return {
    state: state === "held" || state === "ended" ? state : "live",
    how: asText(fields?.how),
  };
}
