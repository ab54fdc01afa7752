import { close } from "./connect.ts";
import type { Accepted } from "./request.ts";
import { untilAborted } from "./until_aborted.ts";

/**
 * Watches a channel to its end.
 *
 * @param sink Where the media goes; closed at the end.
 * @param signal Ends it at once, even while the sink takes nothing.
 * @throws What made the connection or the sink fail, or the signal's reason.
 */
export async function watch(
  { conn, media }: Pick<Accepted, "conn" | "media">,
  sink: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await untilAborted(media.pipeTo(sink, { signal }), signal);
  } finally {
    close(conn);
  }
}
