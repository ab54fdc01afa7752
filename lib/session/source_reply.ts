import { type Connection, type Incoming, writeAll } from "../net/connection.ts";

/**
 * Milliseconds in which a source that does not wait for its reply has sent media. Sources that wait for it are
 * delayed by as much, once.
 */
const SOURCE_WAIT_MS = 100;

/** The reply to a `SOURCE` request, which precedes its media; it has no length. */
const SOURCE_OK: Uint8Array = new TextEncoder().encode(
  "HTTP/1.0 200 OK\r\n\r\n",
);

/**
 * The media of a `SOURCE` request. The source is sent its 200 only if it waits for that: one that never reads it
 * would reset the connection when it closes, and lose the end of its media.
 */
export function answeredSource(
  connection: Connection,
  media: Incoming,
): Incoming {
  let isAnswered = false;
  return {
    async read(): Promise<Uint8Array | undefined> {
      const read = media.read();
      if (!isAnswered) {
        isAnswered = true;
        if (await isLate(read)) await writeAll(connection, SOURCE_OK);
      }
      return await read;
    },
  };
}

async function isLate(read: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, SOURCE_WAIT_MS, true);
  });
  try {
    return await Promise.race([read.then(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
