import { checkPlaylist } from "../helpers/playlist_checker.ts";

/** Milliseconds between two loads of a playlist that has not changed. */
const RELOAD_MS = 1000;

/** Segments behind live at which players begin. */
const BEHIND = 3;

/** A simulated player of HLS: it loads what a player loads, and notes when its buffer would have been empty. */
export class HlsPlayer {
  /** Bytes of segments that it has received. */
  bytes = 0;
  /** How often it would have run out of media. */
  stalls = 0;
  /** Segments that left the playlist before it saw them. */
  missing = 0;
  readonly #address: Deno.ConnectOptions;
  readonly #buffer = new Uint8Array(64 * 1024);
  #conn: Deno.Conn | undefined;
  /** Until when its media lasts, in milliseconds. */
  #playsUntil = 0;
  #next = 0;

  /** @param address Of the server. */
  constructor(address: Deno.ConnectOptions) {
    this.#address = address;
  }

  /** Watches a channel until it is told to stop. */
  async watch(channel: string, signal: AbortSignal): Promise<void> {
    this.#conn = await Deno.connect(this.#address);
    try {
      const index = await this.#text(`${channel}/index.m3u8`);
      const live = index.trimEnd().split("\n").at(-1);
      while (!signal.aborted) {
        const began = performance.now();
        const playlist = await this.#text(`${channel}/${live}`);
        const isNew = await this.#load(channel, playlist);
        const ms = isNew ? 2 * RELOAD_MS : RELOAD_MS;
        await pause(Math.max(0, began + ms - performance.now()));
      }
    } finally {
      this.#conn.close();
    }
  }

  /** Loads the segments of a playlist that are new to it. */
  async #load(channel: string, playlist: string): Promise<boolean> {
    const { segments } = checkPlaylist(playlist);
    const isFirst = this.#next === 0;
    if (isFirst) this.#next = segments.at(-BEHIND)?.sequence ?? 0;
    const wanted = segments.filter(({ sequence }) => sequence >= this.#next);
    for (const { uri, seconds, sequence } of wanted) {
      this.missing += sequence - this.#next;
      this.#next = sequence + 1;
      this.bytes += (await this.#get(`${channel}/${uri}`)).bytes;
      const now = performance.now();
      if (!isFirst && now > this.#playsUntil) this.stalls++;
      this.#playsUntil = Math.max(now, this.#playsUntil) + seconds * 1000;
    }
    return wanted.length > 0;
  }

  async #text(path: string): Promise<string> {
    return (await this.#get(path, true)).text;
  }

  /** A request on the connection that is kept alive. */
  async #get(
    path: string,
    keeps = false,
  ): Promise<{ bytes: number; text: string }> {
    const conn = this.#conn!;
    const request = `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n`;
    await conn.write(new TextEncoder().encode(request));
    let head = "";
    let received = 0;
    for (;;) {
      const count = await conn.read(this.#buffer);
      if (count === null) throw new Error(`${path}: the connection ended`);
      const text = new TextDecoder("latin1").decode(
        this.#buffer.subarray(0, count),
      );
      head += text;
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      received = head.length - end - 4;
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      if (!head.startsWith("HTTP/1.1 200") || length === undefined) {
        throw new Error(`${path}: ${head.slice(0, end)}`);
      }
      let body = head.slice(end + 4);
      while (received < Number(length)) {
        const more = await conn.read(this.#buffer);
        if (more === null) throw new Error(`${path}: it was cut short`);
        received += more;
        if (!keeps) continue;
        body += new TextDecoder("latin1").decode(
          this.#buffer.subarray(0, more),
        );
      }
      return { bytes: received, text: body };
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
