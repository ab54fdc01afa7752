import { STATS_EVENT } from "../config/event_names.ts";
import { managedChannels } from "./managed_channels.ts";
import { type Manager, manages } from "./manager.ts";
import type { WebContext } from "./context.ts";
import type { FeedEvent } from "./event_feed.ts";
import { NO_STORE } from "./headers.ts";

/** Milliseconds between two `stats` events. */
export const STATS_MS = 1000;

/**
 * Bytes of events that may wait for a program that does not read, and one event more: statistics of a thousand channels
 * are half of it. What comes on top is counted and dropped.
 */
export const MAX_WAITING_BYTES: number = 1024 * 1024;

/** Milliseconds after which a stream ends, so that a user who may no longer sign in stops seeing channels. */
const MAX_STREAM_MS = 3_600_000;

/**
 * `GET /api/events`: what happens to a manager's channels, as server-sent events (HTML, §9.2).
 *
 * @param names The events that are asked for; all by default.
 * @throws {Refusal} `limit` when there are too many streams.
 */
export function eventStream(
  context: WebContext,
  manager: Manager,
  names: readonly string[] = [],
): Response {
  const { stream } = new EventBody(context, manager, names);
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream",
      "x-accel-buffering": "no", // nginx would hold events back.
      ...NO_STORE,
    },
  });
}

/** The events for one program. */
class EventBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #context: WebContext;
  readonly #manager: Manager;
  readonly #names: readonly string[];
  readonly #until = performance.now() + MAX_STREAM_MS;
  readonly #parts = new DisposableStack();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Whether the next statistics are being gathered. */
  #isAsking = false;
  /** Events that were dropped since the last one that was not. */
  #dropped = 0;

  constructor(
    context: WebContext,
    manager: Manager,
    names: readonly string[],
  ) {
    this.#context = context;
    this.#manager = manager;
    this.#names = names;
    this.stream = new ReadableStream({
      start: (controller): void => this.#start(controller),
      cancel: (): void => this.#parts.dispose(),
    }, { highWaterMark: MAX_WAITING_BYTES, size: ({ length }) => length });
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.#parts.use(this.#context.events.subscribe({
      user: this.#manager.user,
      onEvent: (event) => this.#take(event),
      onClose: () => this.#close(),
    }));
    if (this.#parts.disposed) return;
    const timer = setInterval(() => this.#tick(), STATS_MS);
    this.#parts.defer(() => clearInterval(timer));
    this.#tick();
  }

  #take(event: FeedEvent): void {
    if (manages(this.#manager, String(event.user))) {
      this.#send(event.event, event);
    }
  }

  #tick(): void {
    if (performance.now() > this.#until) return this.#close();
    if (this.#wants(STATS_EVENT)) this.#sendStats();
    else this.#enqueue(":\n\n"); // Finds out whether the program is still there.
  }

  async #sendStats(): Promise<void> {
    if (this.#isAsking) return; // Another server takes its time.
    this.#isAsking = true;
    const known = await managedChannels(this.#context, this.#manager)
      .finally(() => this.#isAsking = false);
    if (this.#parts.disposed) return;
    const time = new Date().toISOString();
    this.#send(STATS_EVENT, { event: STATS_EVENT, time, ...known });
  }

  #wants(name: string): boolean {
    return this.#names.length === 0 || this.#names.includes(name);
  }

  #send(name: string, data: unknown): void {
    if (!this.#wants(name)) return;
    this.#enqueue(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #enqueue(text: string): void {
    if (this.#controller!.desiredSize! <= 0) return void this.#dropped++;
    const dropped = this.#dropped;
    this.#dropped = 0;
    const lost = dropped > 0
      ? `event: lost\ndata: {"event":"lost","count":${dropped}}\n\n`
      : "";
    this.#controller!.enqueue(new TextEncoder().encode(lost + text));
  }

  #close(): void {
    if (this.#parts.disposed) return;
    this.#parts.dispose();
    this.#controller!.close();
  }
}
