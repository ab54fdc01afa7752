import { concat } from "@std/bytes";
import { composeMethods } from "../../lib/auth/authenticate.ts";
import { passwordMethod } from "../../lib/auth/methods/password.ts";
import { tokenMethod } from "../../lib/auth/methods/token.ts";
import { TokenStore } from "../../lib/auth/token_store.ts";
import { ConnectionCaps } from "../../lib/net/connection_limits.ts";
import { createHandler, type Handler } from "../../lib/web/handler.ts";
import { SocketMemory } from "../../lib/web/socket_memory.ts";
import { OpenSessions } from "../../lib/web/open_sessions.ts";
import type { HttpLimits, HttpRooms } from "../../lib/web/rooms.ts";
import type { Publisher } from "../../lib/hub/publisher.ts";
import { Hub, type HubOptions } from "../../lib/hub/hub.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import { createMetrics } from "../../lib/web/metrics.ts";
import { Ticker } from "../../lib/clock/ticker.ts";
import { publishOptions } from "../hub/hub_scene.ts";
import { EventLog, PASSWORD } from "../helpers/start_server.ts";

/** Milliseconds after which bytes that do not come fail their test. */
const READ_DEADLINE_MS = 5000;

/** The origin at which the handler is asked. */
export const ORIGIN = "http://fstream.test:61980";

/** What a test wants to be different. */
export interface HttpSceneOptions {
  readonly limits?: Partial<HttpLimits>;
  readonly hub?: Partial<HubOptions>;
  readonly allowOrigin?: string;
  readonly connections?: number;
}

/** The HTTP front's handler and what it works with, without a socket. */
export class HttpScene implements Disposable {
  readonly log: EventLog = new EventLog();
  readonly hub: Hub;
  readonly rooms: HttpRooms;
  readonly handler: Handler;

  /** @param options What is to be different. */
  constructor(options: HttpSceneOptions = {}) {
    this.hub = makeHub(this.log, options.hub);
    this.rooms = makeRooms(this.hub, this.log, options);
    this.handler = createHandler(this.rooms);
  }

  /** Asks the handler; the path is percent-encoded. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(`${ORIGIN}${path}`, init);
    return this.handler(request, { remote: "192.0.2.1:5000" });
  }

  /** Puts a channel on the air whose chunks, of so many bytes, can be joined. */
  onAir(channel = "default", password = "", chunkBytes = 1): Publisher {
    return this.hub.publish(publishOptions({
      channel,
      channelPassword: password,
      tracker: chunkTracker(chunkBytes),
    }));
  }

  /** Watchers of all channels. */
  get watchers(): number {
    return this.hub.channels().reduce((sum, { watchers }) => sum + watchers, 0);
  }

  [Symbol.dispose](): void {
    this.hub.close();
    this.rooms.ticker.close();
  }
}

function makeHub(log: EventLog, options: Partial<HubOptions> = {}): Hub {
  return new Hub({
    backlogBytes: 512 * 1024,
    memoryBytes: 1024 ** 3,
    graceSeconds: 60,
    channelsPerUser: 200,
    watchersPerChannel: 2,
    burstSeconds: 0,
    sameSecret: (a, b) => a === b,
    now: () => performance.now(),
    ...options,
  }, log);
}

function makeRooms(
  hub: Hub,
  logger: EventLog,
  options: HttpSceneOptions,
): HttpRooms {
  const tokens = new TokenStore();
  const ticker = new Ticker(() => performance.now());
  const settings = { values: new Map(), channels: new Map() };
  const lookup = {
    lookup: (name: string) =>
      Promise.resolve(
        name === "fier" ? { name, password: PASSWORD, settings } : undefined,
      ),
  };
  return {
    hub,
    logger,
    tokens,
    authenticate: composeMethods([
      tokenMethod(tokens, lookup),
      passwordMethod(lookup),
    ]),
    ticker,
    caps: new ConnectionCaps(options.connections ?? 100, 100),
    metrics: createMetrics({
      version: "1.2.3",
      channels: () => hub.channels(),
      totals: () => hub.totals,
      memory: () => hub.memory,
      delay: () => 0.5,
      connections: () => 0,
      now: () => performance.now(),
    }),
    sessions: new OpenSessions(),
    sockets: new SocketMemory({
      limitBytes: () => hub.memory.limitBytes,
      ticker,
      cut: () => {},
    }),
    version: "1.2.3",
    tcpPort: 61920,
    limits: {
      payloadBytes: 4096,
      preludeMs: 10_000,
      watcherStallMs: 30_000,
      broadcasterIdleMs: 30_000,
      ...options.limits,
    },
    allowOrigin: options.allowOrigin ?? "",
  };
}

/** The headers of Basic credentials, in UTF-8. */
export function basic(user: string, password: string): HeadersInit {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { authorization: `Basic ${bytes.toBase64()}` };
}

/** A body that a test feeds. */
export class FedBody {
  /** To be sent. */
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Whether the server has thrown it away. */
  cancelled = false;

  /** Makes one without a byte. */
  constructor() {
    this.stream = new ReadableStream({
      start: (controller): void => void (this.#controller = controller),
      cancel: (): void => void (this.cancelled = true),
    });
  }

  /** Sends bytes. */
  send(...values: number[]): void {
    this.#controller!.enqueue(new Uint8Array(values));
  }

  /** Ends it in order. */
  end(): void {
    this.#controller!.close();
  }

  /** Breaks it. */
  fail(): void {
    this.#controller!.error(new Error("connection reset"));
  }
}

/** Reads an answer's media piece by piece. */
export class MediaReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** @param response The answer; its body is owned from now on. */
  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  /** Reads exactly so many bytes. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#rest.length < count) {
      const { value, done } = await inTime(this.#reader.read());
      if (done) throw new Error(`Cannot read ${count} bytes: it ended`);
      this.#rest = concat([this.#rest, value]);
    }
    const taken = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    return taken;
  }

  /** Reads to the end; throws when it breaks. */
  async rest(): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [this.#rest];
    for (;;) {
      const { value, done } = await inTime(this.#reader.read());
      if (done) return concat(parts);
      parts.push(value);
    }
  }

  /** Goes away. */
  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/**
 * Waits for something, for so long.
 *
 * @throws {Error} when it does not come in time.
 */
export async function inTime<T>(
  promise: Promise<T>,
  deadlineMs = READ_DEADLINE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Cannot wait on: late by ${deadlineMs} ms`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again and again until something is so. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + READ_DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) {
      throw new Error(`Cannot wait on: not so after ${READ_DEADLINE_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
