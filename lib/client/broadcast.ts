import { close } from "./connect.ts";
import { ConnectionError } from "./connection_error.ts";
import type { Accepted } from "./request.ts";

/**
 * Broadcasts a stream to its end, and waits until the server has taken all of it. The stream is read no
 * faster than the connection takes it.
 *
 * @param signal Ends the broadcast early, as if the source had ended.
 * @throws {ConnectionError} When the server ends the broadcast first, or the connection breaks.
 */
export async function broadcast(
  { conn, media }: Accepted,
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const lost = new ConnectionError(
    "ended",
    "Cannot continue: the server ended the broadcast",
  );
  const serverEnd = media.pipeTo(new WritableStream()).then(
    () => undefined,
    (error: unknown) => error,
  );
  const watching = serverEnd.then(() => ended.abort(lost));
  try {
    await source.pipeTo(conn.writable, {
      preventClose: true,
      preventAbort: true,
      signal: AbortSignal.any([ended.signal, signal]),
    }).catch((error) => {
      if (!signal.aborted || ended.signal.aborted) throw error;
    });
    await conn.closeWrite();
    await watching;
  } catch (error) {
    throw isClosed(error) ? lost : error;
  } finally {
    close(conn);
  }
  // An orderly close shows that all bytes arrived; a reset does not.
  const cause = await serverEnd;
  if (cause === undefined) return;
  throw new ConnectionError(
    "broken",
    "Cannot finish the broadcast: the connection broke",
    cause,
  );
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource;
}
