import { asCount, asText, readFields, writeJson } from "./json.ts";

/** A node asks another one for media of a broadcast. */
export interface PullRequest {
  /** The broadcast's id. */
  readonly id: string;
  /** Who asks. */
  readonly node: string;
  /**
   * Offset in the broadcast of the first byte that is wanted. Negative, −1 − n: it is to be entered at or behind n, and
   * a head comes first; so it does when the byte is gone.
   */
  readonly at: number;
  /** Bytes that are wanted at most. */
  readonly max: number;
}

/** Letters of a node's id. */
const NODE = /^[\w-]{1,64}$/;

/** Writes a request. */
export function encodePull(request: PullRequest): Uint8Array {
  return writeJson(request);
}

/** Reads a request; `undefined` for what is none. */
export function readPull(bytes: Uint8Array): PullRequest | undefined {
  const fields = readFields(bytes);
  const [id, node] = [asText(fields?.id), asText(fields?.node)];
  const max = asCount(fields?.max);
  const at = fields?.at;
  if (typeof at !== "number" || !Number.isSafeInteger(at)) return undefined;
  if (id === "" || !NODE.test(node) || max === undefined) return undefined;
  return { id, node, at, max };
}
