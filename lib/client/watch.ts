import { close } from "./connect.ts";
import { ConnectionError } from "./connection_error.ts";
import type { Accepted } from "./request.ts";
import { untilAborted } from "./until_aborted.ts";

/**
 * Watches a channel to its end.
 *
 * @param sink Where the media goes; closed at the end.
 * @param signal Ends it at once, even while the sink takes nothing.
 * @throws {ConnectionError} When the connection breaks.
 * @throws What made the sink fail, or the signal's reason.
 */
export async function watch(
  { conn, media }: Pick<Accepted, "conn" | "media">,
  sink: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await untilAborted(media.pipeTo(sink, { signal }), signal);
  } catch (error) {
    throw isBroken(error)
      ? new ConnectionError(
        "broken",
        "Cannot continue: the connection broke",
        error,
      )
      : error;
  } finally {
    close(conn);
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.TimedOut;
}
