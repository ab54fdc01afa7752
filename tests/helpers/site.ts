import { encodeCounter, type Encoding } from "./painted_counter.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from "./start_server.ts";

/** The encoding of each container, and the options of ffmpeg's muxer. */
const CONTAINERS = {
  // Without the two options ffmpeg writes only once per second.
  webm: ["vp8", "-f webm -live 1 -cluster_time_limit 100"],
  mp4: [
    "h264",
    "-f mp4 -movflags empty_moov+default_base_moof -frag_duration 200000",
  ],
  mpegts: ["h264", "-f mpegts"],
  flv: ["h264", "-f flv"],
  matroska: ["h264", "-f matroska -live 1 -cluster_time_limit 100"],
  h264: ["h264", "-an -f h264"],
  mp3: ["mp3", "-f mp3"],
  theora: ["theora", "-f ogg -page_duration 200000"],
} as const;

/** Milliseconds of lateness from which the machine counts as stalled. */
export const STALL_MS = 250;

/** Milliseconds between two measurements of the lateness of this process. */
const TICK_MS = 50;

/** Milliseconds between two pieces of media at most: a fragment of the above. */
const PIECE_MS = 200;

/** Suffix of the file for each encoding. */
const SUFFIXES = {
  h264: "mp4",
  vp8: "webm",
  mp3: "mp3",
  theora: "ogv",
} as const;

/** What can be broadcast at a site. */
export type SiteContainer = keyof typeof CONTAINERS;

/** All that Chromium plays. */
export const SITE_CONTAINERS: readonly SiteContainer[] =
  (Object.keys(CONTAINERS) as SiteContainer[]).filter((each) =>
    each !== "theora"
  );

/** A server, and what the user `fier` broadcasts there. */
export class Site implements AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** The server. */
  readonly server: TestServer;
  readonly #folder: string;
  readonly #encoded: Map<Encoding, Promise<void>> = new Map();
  readonly #sources: Source[] = [];
  readonly #clock: Lateness = new Lateness(TICK_MS);
  readonly #timer = setInterval(() => this.#clock.beat(), TICK_MS);

  constructor(server: TestServer, folder: string) {
    this.server = server;
    this.#folder = folder;
    this.origin = `http://127.0.0.1:${server.address.port}`;
  }

  /** Starts a site; `await using` stops it and all of its sources. */
  static async start(options: TestServerOptions = {}): Promise<Site> {
    return new Site(
      await startTestServer(options),
      await Deno.makeTempDir({ prefix: "fstream-pages-" }),
    );
  }

  /**
   * Encodes the media once and in advance, so that no encoder competes with the players.
   *
   * @param container The container to send.
   * @returns Where it is.
   */
  async encode(container: SiteContainer): Promise<string> {
    const [encoding] = CONTAINERS[container];
    const path = `${this.#folder}/${encoding}.${SUFFIXES[encoding]}`;
    let encoded = this.#encoded.get(encoding);
    encoded ??= encodeCounter(encoding, path);
    this.#encoded.set(encoding, encoded);
    await encoded;
    return path;
  }

  /**
   * Broadcasts a channel.
   *
   * @param container What is sent.
   * @param channel The channel's name.
   * @param query Query of the address.
   */
  async broadcast(
    container: SiteContainer,
    channel: string = container,
    query = "",
  ): Promise<Source> {
    const path = await this.encode(container);
    const mux = CONTAINERS[container][1];
    const url = `${this.origin}/fier/${encodeURIComponent(channel)}${query}`;
    const source = new Source(path, mux, url);
    this.#sources.push(source);
    return source;
  }

  /** When this process, the server's too, was last stalled, in milliseconds of `Date.now()`. */
  get stalledAt(): number {
    return this.#clock.stalledAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const source of this.#sources) await source.end();
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Measures when something that should come at a steady pace was late. */
class Lateness {
  /** When it was last {@linkcode STALL_MS} late, in milliseconds of `Date.now()`. */
  stalledAt = -Infinity;
  readonly #paceMs: number;
  #last = Infinity;

  /** @param paceMs Milliseconds from one time to the next. */
  constructor(paceMs: number) {
    this.#paceMs = paceMs;
  }

  /** Notes that it came. */
  beat(): void {
    const now = Date.now();
    if (now - this.#last > this.#paceMs + STALL_MS) this.stalledAt = now;
    this.#last = now;
  }
}

/** A channel that ffmpeg feeds in real time by `PUT`. */
export class Source {
  /** When the first bytes went out, in milliseconds of `Date.now()`. */
  begun = NaN;
  readonly #pace: Lateness = new Lateness(PIECE_MS);
  readonly #child: Deno.ChildProcess;
  readonly #answer: Promise<void>;

  /**
   * @param path The encoded media.
   * @param mux What ffmpeg's muxer is told.
   * @param url Where to.
   */
  constructor(path: string, mux: string, url: string) {
    const input = ["-v", "error", "-re", "-i", path, "-c", "copy"];
    this.#child = new Deno.Command("ffmpeg", {
      args: [...input, ...mux.split(" "), "-flush_packets", "1", "pipe:1"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#answer = this.#put(url);
  }

  /** When ffmpeg was last late with its media, in milliseconds of `Date.now()`. */
  get stalledAt(): number {
    return this.#pace.stalledAt;
  }

  /** Ends the broadcast cleanly; does nothing when it has ended. */
  async end(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has already ended.
    }
    await this.#child.status;
    await this.#answer;
  }

  async #put(url: string): Promise<void> {
    type Bytes = Uint8Array<ArrayBuffer>;
    const note = new TransformStream<Bytes, Bytes>({
      transform: (bytes, controller) => {
        if (Number.isNaN(this.begun)) this.begun = Date.now();
        this.#pace.beat();
        controller.enqueue(bytes);
      },
    });
    const response = await fetch(url, {
      method: "PUT",
      body: this.#child.stdout.pipeThrough(note),
      headers: { authorization: `Basic ${btoa(`fier:${PASSWORD}`)}` },
    });
    await response.body?.cancel();
  }
}
