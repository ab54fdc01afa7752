import { messageOf } from "../errors.ts";
import type { ByteReader } from "../net/byte_source.ts";

/** stdin, whose errors say what cannot be read. */
export const STDIN: ByteReader = {
  read: async (buffer) => {
    try {
      return await Deno.stdin.read(buffer);
    } catch (error) {
      throw explained("read stdin", error);
    }
  },
};

/**
 * A stream to stdout, whose errors say what cannot be written. A reader that has closed the pipe is no failure of
 * stdout, so that error stays as it is: `Deno.errors.BrokenPipe`.
 */
export function stdoutSink(): WritableStream<Uint8Array> {
  return new WritableStream({
    async write(bytes): Promise<void> {
      try {
        for (let at = 0; at < bytes.length;) {
          at += await Deno.stdout.write(bytes.subarray(at));
        }
      } catch (error) {
        throw stdoutError(error);
      }
    },
    close: () => Deno.stdout.close(),
  });
}

/** What to throw when writing to stdout fails. */
export function stdoutError(error: unknown): unknown {
  return error instanceof Deno.errors.BrokenPipe
    ? error
    : explained("write to stdout", error);
}

function explained(what: string, cause: unknown): Error {
  return new Error(`Cannot ${what}: ${messageOf(cause)}`, { cause });
}
