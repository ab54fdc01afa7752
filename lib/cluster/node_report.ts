import { type Announcement, readAnnouncement } from "./announcement.ts";
import {
  asCount,
  asFields,
  asList,
  asText,
  type Fields,
  readFields,
  writeJson,
} from "./json.ts";
import { MAX_MESSAGE_BYTES } from "./media_message.ts";

/** A channel of another node. */
export interface ReportedChannel {
  /** Its broadcast; the node is the one that receives it. */
  readonly announcement: Announcement;
  /** Whether the reporting node receives it, and whether it is live. */
  readonly state: "live" | "held" | "fed";
  /** How many watch it at the reporting node. */
  readonly watchers: number;
  /** What lists show of it; `undefined` where they do not, or where another node receives it. */
  readonly listing: Fields | undefined;
}

/** What a node tells of itself. */
export interface NodeReport {
  /** Its id. */
  readonly node: string;
  /** Its name. */
  readonly name: string;
  /** Where clients reach it; empty where unknown. */
  readonly address: string;
  /** Counts its reports. */
  readonly turn: number;
  /** Whether this is the last message of the report. */
  readonly isLast: boolean;
  /** What it has. */
  readonly channels: readonly ReportedChannel[];
}

/** Writes a report, in as many messages as it takes. */
export function encodeReport(
  report: Omit<NodeReport, "isLast">,
): Uint8Array[] {
  const { channels, ...rest } = report;
  const parts: ReportedChannel[][] = [[]];
  let bytes = 0;
  for (const channel of channels) {
    const size = writeJson(channel).length;
    // Half, for the fields around the list.
    if (bytes + size > MAX_MESSAGE_BYTES / 2 && bytes > 0) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(channel);
    bytes += size;
  }
  return parts.map((part, index) =>
    writeJson({
      ...rest,
      isLast: index === parts.length - 1,
      channels: part,
    })
  );
}

/** Reads one message of a report; `undefined` for what is none. */
export function readReport(bytes: Uint8Array): NodeReport | undefined {
  const fields = readFields(bytes);
  const node = asText(fields?.node);
  const turn = asCount(fields?.turn);
  if (!fields || !/^[\w-]{1,64}$/.test(node) || turn === undefined) {
    return undefined;
  }
  return {
    ...{ node, turn },
    name: asText(fields.name),
    address: asText(fields.address),
    isLast: fields.isLast === true,
    channels: asList(fields.channels).flatMap(readChannel),
  };
}

function readChannel(value: unknown): ReportedChannel[] {
  const fields = asFields(value);
  const announcement = readAnnouncement(fields?.announcement);
  const { state } = fields ?? {};
  const isKnown = state === "live" || state === "held" || state === "fed";
  if (!announcement || !isKnown) return [];
  const watchers = asCount(fields?.watchers) ?? 0;
  return [{
    announcement,
    state,
    watchers,
    listing: asFields(fields?.listing),
  }];
}
