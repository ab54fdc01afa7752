/**
 * The least that a fan-out server on this runtime can do, as a second yardstick next to `floor.c`: a write to every
 * watcher for every read, and nothing else. A connection says "broadcast" or "watch" in a frame of wire version 1.
 *
 *     deno run -A tests/bench/deno_loop.ts PORT
 *
 * @module
 */

/** Bytes of a read. */
const READ_BYTES = 64 * 1024;

/** Bytes of a request at most. */
const REQUEST_BYTES = 512;

/** Where the verb's first letter stands in a frame: behind the length and the type. */
const VERB_AT = 5;

/** Watches until its end. */
async function watch(
  conn: Deno.TcpConn,
  watchers: Set<Deno.TcpConn>,
): Promise<void> {
  watchers.add(conn);
  const rest = new Uint8Array(REQUEST_BYTES);
  while (await conn.read(rest) !== null);
}

/** Sends what comes to all; what a socket does not take is lost, which the load generator would count. */
async function broadcast(
  conn: Deno.TcpConn,
  watchers: ReadonlySet<Deno.TcpConn>,
): Promise<void> {
  const ignore = (): void => {};
  for (;;) {
    const buffer = new Uint8Array(READ_BYTES);
    const count = await conn.read(buffer);
    if (count === null) return;
    const bytes = buffer.subarray(0, count);
    for (const watcher of watchers) watcher.write(bytes).then(ignore, ignore);
  }
}

async function serve(
  conn: Deno.TcpConn,
  watchers: Set<Deno.TcpConn>,
): Promise<void> {
  conn.setNoDelay(true);
  try {
    const request = new Uint8Array(REQUEST_BYTES);
    const count = await conn.read(request);
    if (count === null) return;
    const isWatch = request[VERB_AT] === "w".charCodeAt(0);
    await (isWatch ? watch : broadcast)(conn, watchers);
  } catch {
    // The connection broke.
  } finally {
    watchers.delete(conn);
    conn.close();
  }
}

if (import.meta.main) {
  const port = Number(Deno.args[0]);
  const watchers = new Set<Deno.TcpConn>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  for await (const conn of listener) serve(conn, watchers);
}
