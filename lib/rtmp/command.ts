import type { AmfObject, AmfValue } from "./amf.ts";
import { decodeAmf } from "./amf_decoder.ts";
import { MESSAGE, type RtmpMessage } from "./message.ts";
import { RtmpError } from "./rtmp_error.ts";

/** A command (§7.1.1). */
export interface Command {
  /** What is asked for: `connect`, `createStream`, `publish` … */
  readonly name: string;
  /** The number that the reply repeats; 0 when none is wanted. */
  readonly transaction: number;
  /** The command object of `connect`; empty for other commands. */
  readonly properties: AmfObject;
  /** What follows the command object. */
  readonly values: readonly AmfValue[];
}

/** Whether a message is a command. */
export function isCommand({ type }: Pick<RtmpMessage, "type">): boolean {
  return type === MESSAGE.command || type === MESSAGE.amf3Command;
}

/**
 * Reads a command.
 *
 * @throws {RtmpError} When it is malformed.
 */
export function parseCommand(
  { type, payload }: Pick<RtmpMessage, "type" | "payload">,
): Command {
  // AMF 3 begins with a byte for its format; what follows is AMF 0 in every encoder.
  const body = type === MESSAGE.amf3Command ? payload.subarray(1) : payload;
  const [name, transaction, object, ...values] = decodeAmf(body);
  if (typeof name !== "string") throw new RtmpError("a command has no name");
  return {
    name,
    transaction: typeof transaction === "number" ? transaction : 0,
    properties: object instanceof Map ? object : new Map(),
    values,
  };
}
