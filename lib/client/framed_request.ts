import { close } from "./connect.ts";
import type { Accepted, RequestFields } from "./request.ts";
import type { Servers } from "./servers.ts";

/** Whether what follows an answer is a framed stream; servers that do not know it ignore that it was asked for. */
export function isFramed({ values }: Pick<Accepted, "values">): boolean {
  return values.get("frames") === "1";
}

/**
 * Sends a request to continue a framed stream.
 *
 * @throws {Error} When the server does not know framed streams.
 * @throws What {@linkcode Servers.request} throws.
 */
export async function framedRequest(
  servers: Servers,
  verb: "watch" | "broadcast",
  fields: RequestFields,
  signal: AbortSignal,
): Promise<Accepted> {
  const keys = { ...fields, frames: 1 };
  const accepted = await servers.request(verb, keys, signal);
  if (isFramed(accepted)) return accepted;
  close(accepted.conn);
  throw new Error("the server does not know framed streams");
}
