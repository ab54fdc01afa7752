/**
 * What a server tells a publisher: the replies to `connect` (§7.2.1.1) and the status of its stream (§7.2.2).
 *
 * @module
 */

import { concat } from "@std/bytes";
import type { AmfObject, AmfValue } from "./amf.ts";
import { WINDOW_BYTES } from "./decoder.ts";
import {
  encodeChunkSize,
  encodeCommand,
  encodePeerBandwidth,
  encodeWindowSize,
} from "./encode.ts";

/** Codes that encoders know, and show or act upon. */
export type StatusCode =
  | "NetConnection.Connect.Success"
  | "NetConnection.Connect.Rejected"
  | "NetStream.Publish.Start"
  | "NetStream.Publish.BadName"
  | "NetStream.Publish.Denied"
  | "NetStream.Publish.Rejected"
  | "NetStream.Unpublish.Success"
  | "NetStream.Play.Failed"
  | "NetStream.Failed";

/** What is in every status. */
export interface Status {
  /** Whether something went wrong. */
  readonly level: "status" | "error";
  /** What happened, for the program. */
  readonly code: StatusCode;
  /** The same in words, for the person at it. */
  readonly description: string;
}

function objectOf(values: Readonly<Record<string, AmfValue>>): AmfObject {
  return new Map(Object.entries(values));
}

/** What old encoders look for in the reply to `connect`. */
const SERVER: AmfObject = objectOf({
  fmsVer: "FMS/3,0,1,123",
  capabilities: 31,
});

/** Enhanced RTMP (v2, "Enhancing NetConnection connect Command"): every codec is passed on, none is decoded. */
const CAN_FORWARD: AmfObject = objectOf({ "*": 4 });

/** What an encoder is told that asks for codecs by their four characters. */
const ANY_CODEC = {
  fourCcList: ["*"],
  videoFourCcInfoMap: CAN_FORWARD,
  audioFourCcInfoMap: CAN_FORWARD,
};

/**
 * Accepts a connection.
 *
 * @param properties The command object of `connect`.
 */
export function encodeConnected(
  transaction: number,
  properties: AmfObject,
): Uint8Array {
  const isEnhanced = properties.has("fourCcList") ||
    properties.has("videoFourCcInfoMap");
  const status: Status = {
    level: "status",
    code: "NetConnection.Connect.Success",
    description: "connected",
  };
  const info = objectOf({
    ...status,
    objectEncoding: 0,
    ...(isEnhanced ? ANY_CODEC : {}),
  });
  return concat([
    encodeWindowSize(WINDOW_BYTES),
    encodePeerBandwidth(WINDOW_BYTES),
    encodeChunkSize(),
    encodeCommand(0, "_result", transaction, SERVER, info),
  ]);
}

/** Rejects a connection. */
export function encodeRejected(
  transaction: number,
  description: string,
): Uint8Array {
  const status: Status = {
    level: "error",
    code: "NetConnection.Connect.Rejected",
    description,
  };
  return encodeCommand(0, "_error", transaction, null, objectOf({ ...status }));
}

/** Tells the status of a stream. */
export function encodeStatus(streamId: number, status: Status): Uint8Array {
  return encodeCommand(
    streamId,
    "onStatus",
    0,
    null,
    objectOf({ ...status }),
  );
}

/** Tells an encoder that waits for it that its stream may be published. */
export function encodePublishable(): Uint8Array {
  const status: Status = {
    level: "status",
    code: "NetStream.Publish.Start",
    description: "go ahead",
  };
  return encodeCommand(0, "onFCPublish", 0, null, objectOf({ ...status }));
}
