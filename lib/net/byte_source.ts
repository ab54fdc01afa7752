/** Something that is read into a buffer: a socket, a file, stdin. */
export interface ByteReader {
  /** Reads some bytes. @returns How many, or `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/**
 * Bytes of a read. Measured on a socket at full speed: 512 KiB takes two thirds of the processor time of 256 KiB, and
 * that less than half of 64 KiB, which is what the runtime's own streams read. What is read is written at once, and
 * each write to stdout goes through another thread of the runtime.
 */
const READ_BYTES = 512 * 1024;

/**
 * Buffers that take turns. A stream that is piped through two transforms into a sink has at most one
 * chunk waiting at each of the three, one being written and one being read: eight leave a margin.
 */
const BUFFERS = 8;

/**
 * A stream of what a reader gives, read into buffers that are used again.
 *
 * @param reader Read one call at a time, and only when the stream is pulled.
 * @returns Chunks that are valid until seven more have been pulled: for pipes that pass them on at
 * once, not for readers that gather them.
 */
export function byteSource(reader: ByteReader): ReadableStream<Uint8Array> {
  const buffers: Uint8Array[] = [];
  let turn = 0;
  return new ReadableStream({
    pull: async (controller): Promise<void> => {
      const buffer = buffers[turn] ??= new Uint8Array(READ_BYTES);
      turn = (turn + 1) % BUFFERS;
      const count = await reader.read(buffer);
      if (count === null) controller.close();
      else controller.enqueue(buffer.subarray(0, count));
    },
  }, { highWaterMark: 0 });
}
