import type { BroadcastRequest } from "../wire/messages.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";
import { type OpenBroadcast, openBroadcast } from "./broadcast.ts";
import type { HttpRooms, SocketPeer } from "./rooms.ts";
import type { SocketData } from "./socket_inbox.ts";
import {
  closeSocket,
  ENDED,
  GOING_AWAY,
  REVOKED,
  STATUS_MS,
  tell,
  TOO_EARLY,
  TOO_SLOW,
} from "./socket_talk.ts";

/**
 * A broadcast over a WebSocket: each binary message is media. A close with code 1000 is a clean end.
 *
 * @returns When it is over.
 * @throws {Refusal} `denied`, `limit`, `busy` or `bad-request`.
 */
export async function broadcastBySocket(
  rooms: HttpRooms,
  wish: BroadcastRequest,
  peer: SocketPeer,
): Promise<void> {
  const open = await openBroadcast(rooms, wish, peer, "websocket");
  const session = new SocketBroadcaster(peer, open, {
    ticker: rooms.ticker,
    idleMs: rooms.limits.broadcasterIdleMs,
    closing: rooms.sessions.closing,
  });
  const reason = await session.done;
  open.log("broadcast-end", { bytes: open.broadcast.bytes, reason });
}

/** What bounds a broadcaster. */
interface BroadcasterLimits {
  /** Watches over the idle limit. */
  readonly ticker: Ticker;
  /** Milliseconds without a byte after which he is cut. */
  readonly idleMs: number;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
}

/** One broadcaster: puts what comes on the air, and is told how he stands. */
class SocketBroadcaster implements Tickable {
  /** Settles with the reason when it is over. */
  readonly done: Promise<string>;
  readonly #peer: SocketPeer;
  readonly #open: OpenBroadcast;
  readonly #limits: BroadcasterLimits;
  readonly #settle: (why: string) => void;
  /** The ticker's time of the newest byte, and of the newest status. */
  #newest: number;
  #told: number;

  constructor(
    peer: SocketPeer,
    open: OpenBroadcast,
    limits: BroadcasterLimits,
  ) {
    this.#peer = peer;
    this.#open = open;
    this.#limits = limits;
    this.#newest = this.#told = limits.ticker.now;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.done = promise;
    this.#settle = resolve;
    limits.ticker.add(this);
    tell(peer.socket, { type: "ok" });
    this.#listen();
  }

  tick(): void {
    const { ticker, idleMs } = this.#limits;
    const why = ticker.overrun("sent no byte", this.#newest, idleMs);
    if (why) return this.#cut(TOO_SLOW, why);
    if (ticker.now - this.#told < STATUS_MS) return;
    this.#told = ticker.now;
    const { bytes: received, channel } = this.#open.broadcast;
    const { watchers } = channel;
    tell(this.#peer.socket, { type: "status", watchers, received });
  }

  #listen(): void {
    const { revoked } = this.#open;
    const { inbox } = this.#peer;
    listenOnce(revoked, () => this.#cut(REVOKED, String(revoked.reason)));
    listenOnce(this.#limits.closing, this.#stop);
    inbox.closed.then(({ code, reason }) => {
      const clean = code === ENDED;
      this.#end(clean, reason || endOf(code));
    });
    const whole = inbox.forward((data) => this.#take(data));
    if (!whole) this.#cut(TOO_EARLY, "media came before ok was said");
  }

  readonly #stop = (): void => this.#cut(GOING_AWAY, "the server stops");

  #take(data: SocketData): void {
    if (typeof data === "string") return;
    this.#newest = this.#limits.ticker.now;
    this.#open.broadcast.append(new Uint8Array(data));
  }

  #cut(code: number, why: string): void {
    closeSocket(this.#peer.socket, code, why);
    this.#end(false, why);
  }

  #end(clean: boolean, why: string): void {
    // Nothing happens when it has ended before.
    this.#open.broadcast.end(clean ? "clean" : "broken");
    this.#limits.ticker.delete(this);
    this.#limits.closing.removeEventListener("abort", this.#stop);
    this.#settle(why);
  }
}

/** Calls back when a signal is aborted, also when it was before. */
function listenOnce(signal: AbortSignal, heard: () => void): void {
  if (signal.aborted) heard();
  else signal.addEventListener("abort", heard, { once: true });
}

function endOf(code: number): string {
  return code === ENDED
    ? "the broadcast ended"
    : `the socket closed with code ${code}`;
}
