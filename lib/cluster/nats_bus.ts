import {
  type ConnectionOptions,
  credsAuthenticator,
  type Msg,
  NatsConnectionImpl,
  nkeyAuthenticator,
  NoRespondersError,
  setTransportFactory,
  type Subscription,
} from "@nats-io/nats-core/internal";
import type { Bus, BusMessage } from "./bus.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { NatsTransport } from "./nats_transport.ts";

/** Bytes that wait to be written from which a sender of media waits: a tenth of a second at 160 Mbit/s. */
const FULL_BYTES = 2 * 1024 * 1024;

/** Milliseconds between two attempts to reach one server. */
const RETRY_MS = 200;

/** Milliseconds between two attempts to reach any server for the first time. */
const FIRST_RETRY_MS = 1000;

/** Milliseconds that connecting may take. */
const CONNECT_MS = 2000;

/** Milliseconds between two pings, and how many may be unanswered, until a server that is silent counts as gone. */
const PING_MS = 1000;
const MAX_PINGS = 2;

/** The status of a message that says that nobody has received a request. */
const NOBODY_STATUS = 503;

/** What a bus reports. */
export interface NatsBusEvents {
  /** It is connected, or not any more; `detail` names the server or what is wrong. */
  readonly onChange: (isConnected: boolean, detail: string) => void;
}

interface Subscribed {
  readonly subject: string;
  readonly take: (message: BusMessage) => void;
  current: Subscription | undefined;
}

/** A connection to NATS that is made in the background, and again whenever it breaks. */
export class NatsBus implements Bus {
  readonly #settings: NatsSettings;
  readonly #events: NatsBusEvents;
  readonly #name: string;
  readonly #subscribed: Set<Subscribed> = new Set();
  #connection: NatsConnectionImpl | undefined;
  #transport: NatsTransport | undefined;
  #isConnected = false;
  #connects = 0;
  #isClosed = false;
  #waiting: (() => void)[] = [];
  readonly #closing = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  /**
   * Begins to connect.
   *
   * @param name What NATS's own monitoring calls the connection.
   */
  constructor(settings: NatsSettings, name: string, events: NatsBusEvents) {
    this.#settings = settings;
    this.#name = name;
    this.#events = events;
    this.#running = this.#run();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get connects(): number {
    return this.#connects;
  }

  get isFull(): boolean {
    return !this.#isConnected ||
      (this.#transport?.unwrittenBytes ?? 0) > FULL_BYTES;
  }

  /** Bytes that a message may have; `undefined` before the first connection. */
  get maxPayload(): number | undefined {
    return this.#connection?.info?.max_payload;
  }

  whenFree(): Promise<void> {
    if (!this.isFull || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    if (!this.#isConnected) return;
    this.#connection!.publish(subject, data, reply ? { reply } : {});
  }

  subscribe(
    subject: string,
    take: (message: BusMessage) => void,
  ): () => void {
    const subscribed: Subscribed = { subject, take, current: undefined };
    this.#subscribed.add(subscribed);
    if (this.#connection) this.#apply(this.#connection, subscribed);
    return () => {
      this.#subscribed.delete(subscribed);
      if (!this.#isClosed) subscribed.current?.unsubscribe();
    };
  }

  async request(
    subject: string,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array | "nobody" | "late"> {
    if (!this.#isConnected) return "late";
    try {
      const options = { timeout: timeoutMs };
      const answer = await this.#connection!.request(subject, data, options);
      return answer.data;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const isNobody = error instanceof NoRespondersError ||
        cause instanceof NoRespondersError;
      return isNobody ? "nobody" : "late";
    }
  }

  /** Closes it; resolves when it is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isConnected = false;
    this.#closing.resolve();
    this.#wake();
    await this.#connection?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let problem = "";
    while (!this.#isClosed) {
      try {
        const connection = await this.#connect();
        if (this.#isClosed) return await connection.close();
        return await this.#follow(connection);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== problem) this.#events.onChange(false, reason);
        problem = reason;
        await this.#pause(FIRST_RETRY_MS);
      }
    }
  }

  async #connect(): Promise<NatsConnectionImpl> {
    setTransportFactory({ factory: () => new NatsTransport() });
    const connection = await NatsConnectionImpl.connect({
      ...connectionOptions(this.#settings),
      name: this.#name,
      noEcho: true,
      timeout: CONNECT_MS,
      pingInterval: PING_MS,
      maxPingOut: MAX_PINGS,
      reconnectTimeWait: RETRY_MS,
      reconnectJitter: RETRY_MS / 4,
      reconnectJitterTLS: RETRY_MS / 4,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
    });
    // The public type does not tell how much waits to be written.
    return connection as unknown as NatsConnectionImpl;
  }

  async #follow(connection: NatsConnectionImpl): Promise<void> {
    this.#connection = connection;
    for (const each of this.#subscribed) this.#apply(connection, each);
    const changed = (isConnected: boolean): void => {
      this.#isConnected = isConnected;
      if (isConnected) this.#connects++;
      this.#transport = connection.protocol.transport as NatsTransport;
      this.#transport.onWritten = () => {
        if (!this.isFull) this.#wake();
      };
      this.#events.onChange(isConnected, connection.getServer());
      if (isConnected) this.#wake();
    };
    changed(true);
    for await (const { type } of connection.status()) {
      if (this.#isClosed) break;
      if (type === "disconnect" && this.#isConnected) changed(false);
      if (type === "reconnect") changed(true);
    }
  }

  #apply(connection: NatsConnectionImpl, subscribed: Subscribed): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error) return;
      const { data, reply = "", headers } = message;
      const isNobody = data.length === 0 && headers?.code === NOBODY_STATUS;
      subscribed.take({ data, reply, isNobody });
    };
    const { subject } = subscribed;
    subscribed.current = connection.subscribe(subject, { callback });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, this.#closing.promise]);
    clearTimeout(timer);
  }
}

/** What the library is told. */
function connectionOptions(settings: NatsSettings): ConnectionOptions {
  const first = new URL(settings.urls[0] ?? "");
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  const { ca } = settings;
  const isTls = ca !== "" ||
    settings.urls.some((url) => url.startsWith("tls://"));
  return {
    servers: settings.urls.map((url) => new URL(url).host),
    ...authenticationOf(settings.credentials),
    ...(user !== "" && pass !== "" ? { user, pass } : {}),
    ...(user !== "" && pass === "" ? { token: user } : {}),
    ...(isTls ? { tls: ca === "" ? {} : { ca } } : {}),
  };
}

function authenticationOf(text: string): ConnectionOptions {
  const bytes = new TextEncoder().encode(text.trim());
  if (bytes.length === 0) return {};
  const isSeed = /^SU[A-Z2-7]+$/.test(text.trim());
  const authenticator = isSeed
    ? nkeyAuthenticator(bytes)
    : credsAuthenticator(new TextEncoder().encode(text));
  return { authenticator };
}
