import {
  type Msg,
  NatsConnectionImpl,
  NoRespondersError,
  PermissionViolationError,
  setTransportFactory,
  type Status,
  type Subscription,
} from "@nats-io/nats-core/internal";
import type { Bus, BusMessage } from "./bus.ts";
import { MAX_MESSAGE_BYTES } from "./media_message.ts";
import { hasLogin, type NatsOptions, natsOptions } from "./nats_options.ts";
import { isRefused, problemOf } from "./nats_problem.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { NatsTransport } from "./nats_transport.ts";

/** Bytes that wait to be written from which a sender of media waits: a tenth of a second at 160 Mbit/s. */
const FULL_BYTES = 2 * 1024 * 1024;

/** Milliseconds between two attempts to reach one server. */
const RETRY_MS = 200;

/** Milliseconds that are added at random, so that not all nodes come at once. */
const RETRY_SPREAD_MS = 50;

/** Milliseconds between two attempts to reach any server for the first time. */
const FIRST_RETRY_MS = 1000;

/** Milliseconds between two attempts where the credentials are refused, each of which NATS logs. */
const REFUSED_RETRY_MS = 5000;

/** Milliseconds that connecting may take. */
const CONNECT_MS = 2000;

/** Milliseconds between two pings, and how many may be unanswered, until a server that is silent counts as gone. */
const PING_MS = 1000;
const MAX_PINGS = 2;

/** The status of a message that says that a request has no responders. */
const NO_RESPONDERS_STATUS = 503;

/** Why it is not connected, where NATS does not say it. */
const CLOSED = "it closed the connection";

/** What a bus reports. */
export interface NatsBusEvents {
  /** It is connected, or not any more; `detail` names the server or what is wrong. */
  readonly onChange: (isConnected: boolean, detail: string) => void;
  /** NATS does not permit what the cluster needs. */
  readonly onForbidden?: (reason: string) => void;
}

interface Subscribed {
  readonly subject: string;
  readonly take: (message: BusMessage) => void;
  current: Subscription | undefined;
}

/** A connection to NATS that is made in the background, and again whenever it breaks. */
export class NatsBus implements Bus {
  readonly #options: NatsOptions;
  readonly #hasLogin: boolean;
  readonly #events: NatsBusEvents;
  readonly #name: string;
  readonly #subscribed: Set<Subscribed> = new Set();
  #connection: NatsConnectionImpl | undefined;
  #transport: NatsTransport | undefined;
  #isConnected = false;
  #connects = 0;
  #isClosed = false;
  #isRefused = false;
  /** What was reported last, while it is not connected. */
  #problem = "";
  /** What NATS does not permit over this connection: `publish`, `subscription`. */
  readonly #forbidden: Set<string> = new Set();
  #waiting: (() => void)[] = [];
  readonly #closing = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  /**
   * Begins to connect.
   *
   * @param name What NATS's own monitoring calls the connection.
   * @throws {SyntaxError} When there are credentials that cannot be used.
   */
  constructor(settings: NatsSettings, name: string, events: NatsBusEvents) {
    this.#options = natsOptions(settings);
    this.#hasLogin = hasLogin(settings);
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
  ): Promise<Uint8Array | "no-responders" | "late"> {
    if (!this.#isConnected) return "late";
    try {
      const options = { timeout: timeoutMs };
      const answer = await this.#connection!.request(subject, data, options);
      return answer.data;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const hasNoResponders = error instanceof NoRespondersError ||
        cause instanceof NoRespondersError;
      return hasNoResponders ? "no-responders" : "late";
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
    while (!this.#isClosed) {
      try {
        const connection = await this.#connect();
        if (this.#isClosed) return await connection.close();
        await this.#follow(connection);
      } catch (error) {
        this.#failed(error);
      }
      await this.#pause(this.#isRefused ? REFUSED_RETRY_MS : FIRST_RETRY_MS);
    }
  }

  async #connect(): Promise<NatsConnectionImpl> {
    setTransportFactory({ factory: () => new NatsTransport() });
    const connection = await NatsConnectionImpl.connect({
      ...this.#options,
      name: this.#name,
      noEcho: true,
      timeout: CONNECT_MS,
      pingInterval: PING_MS,
      maxPingOut: MAX_PINGS,
      reconnectDelayHandler: () =>
        this.#isRefused
          ? REFUSED_RETRY_MS
          : RETRY_MS + Math.random() * RETRY_SPREAD_MS,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
    });
    // The public type does not tell how much waits to be written.
    return connection as unknown as NatsConnectionImpl;
  }

  /** Follows a connection, over the library's reconnections, until that gives up. */
  async #follow(connection: NatsConnectionImpl): Promise<void> {
    this.#connection = connection;
    for (const each of this.#subscribed) this.#apply(connection, each);
    this.#up(connection);
    for await (const status of connection.status()) {
      if (this.#isClosed) break;
      this.#take(connection, status);
    }
    if (!this.#isClosed) this.#down(CLOSED);
  }

  #take(connection: NatsConnectionImpl, status: Status): void {
    const { type } = status;
    if (type === "error") {
      this.#failed(status.error);
    } else if (type === "staleConnection") {
      this.#down("it does not answer");
    } else if (type === "disconnect" && this.#isConnected) {
      this.#down(this.#transport?.closeError?.message ?? CLOSED);
    } else if (type === "reconnect" && !this.#isConnected) {
      // A subscription that was not permitted may be now.
      for (const each of this.#subscribed) {
        if (each.current?.isClosed()) this.#apply(connection, each);
      }
      this.#up(connection);
    }
  }

  #up(connection: NatsConnectionImpl): void {
    const { max_payload: most = 0 } = connection.info ?? {};
    if (most < MAX_MESSAGE_BYTES) {
      return this.#down(
        `its max_payload is ${most}, and ${MAX_MESSAGE_BYTES} is needed`,
      );
    }
    this.#isConnected = true;
    this.#connects++;
    this.#isRefused = false;
    this.#problem = "";
    this.#transport = connection.protocol.transport as NatsTransport;
    this.#transport.onWritten = () => {
      if (!this.isFull) this.#wake();
    };
    this.#events.onChange(true, connection.getServer());
    this.#wake();
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    // The connection stays; each subject would be reported.
    if (error instanceof PermissionViolationError) {
      const { operation, message } = error;
      if (this.#forbidden.has(operation)) return;
      this.#forbidden.add(operation);
      return this.#events.onForbidden?.(message);
    }
    this.#isRefused = isRefused(error);
    this.#down(problemOf(error, this.#hasLogin));
  }

  /** Reports what is wrong, once as long as that does not change. */
  #down(reason: string): void {
    this.#isConnected = false;
    this.#forbidden.clear();
    if (reason !== this.#problem) this.#events.onChange(false, reason);
    this.#problem = reason;
  }

  #apply(connection: NatsConnectionImpl, subscribed: Subscribed): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error) return;
      const { data, reply = "", headers } = message;
      const hasNoResponders = data.length === 0 &&
        headers?.code === NO_RESPONDERS_STATUS;
      try {
        subscribed.take({ data, reply, hasNoResponders });
      } catch (fault) {
        reportError(fault); // The library would read nothing more.
      }
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
