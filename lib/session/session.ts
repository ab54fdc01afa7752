import type { Authenticate, AuthRequest, UserSettings } from "../auth/auth.ts";
import { channelSettings } from "../auth/channel_settings.ts";
import type { TokenStore } from "../auth/token.ts";
import { messageOf, Refusal } from "../errors.ts";
import type { Hub, Watch } from "../hub/hub.ts";
import { ENDED_IN_ORDER, receive } from "../hub/receive.ts";
import type { Logger } from "../logger.ts";
import { trackerFor } from "../media/tracker_for.ts";
import {
  type BroadcastRequest,
  DEFAULT_CHANNEL,
  type Request,
  type WatchRequest,
} from "../wire/messages.ts";
import {
  PayloadDecoderStream,
  type PreludeLimits,
} from "../wire/payload_decoder_stream.ts";
import { formatAddress } from "../net/address.ts";
import { Delivery } from "./delivery.ts";
import { type Peer, writeAll } from "../net/peer.ts";
import { type MessageReader, readPrelude, StrayBrowser } from "./prelude.ts";
import type { Ticker } from "../clock/ticker.ts";
import { MUTE, type Voice } from "./voice.ts";

/** What a session may take. */
export interface SessionLimits extends PreludeLimits {
  /** Milliseconds for header block and payload together. */
  readonly preludeMs: number;
  /** Milliseconds a watcher may take no byte. */
  readonly watcherStallMs: number;
  /** Milliseconds a broadcaster may send no byte. */
  readonly broadcasterIdleMs: number;
}

/** The rooms a session works with. */
export interface SessionRooms {
  /** The channels. */
  readonly hub: Hub;
  /** Decides who may do what. */
  readonly authenticate: Authenticate;
  /** The one-time tokens. */
  readonly tokens: TokenStore;
  /** Watches over the limits of time. */
  readonly ticker: Ticker;
  /** What a session may take. */
  readonly limits: SessionLimits;
  /** Told of every event. */
  readonly logger: Logger;
  /** The port of the HTTP front, for browsers that stray; `undefined` when there is none. */
  readonly webPort: () => number | undefined;
}

/** One connection of the TCP front, from its first byte to its end. */
export class Session {
  readonly #peer: Peer;
  readonly #rooms: SessionRooms;
  readonly #remote: string;
  /** How the peer wants to be spoken to; until it has said so, not at all. */
  #voice: Voice = MUTE;

  /**
   * Makes a session, to be run once.
   *
   * @param peer The connection, which is owned from now on.
   * @param rooms What the session works with.
   */
  constructor(peer: Peer, rooms: SessionRooms) {
    this.#peer = peer;
    this.#rooms = rooms;
    this.#remote = formatAddress(peer.remote);
  }

  /** Serves the peer; resolves when the connection is closed, and never rejects. */
  async run(): Promise<void> {
    try {
      const serve = await this.#open();
      await serve();
    } catch (error) {
      await this.#refuse(error);
    }
  }

  /**
   * Reads the request and asks whether it may go on.
   *
   * @returns What serves it. It is bound rather than a closure, and only the broadcast's holds the
   * reader: a watcher's session lasts for hours and must not hold the streams of its beginning.
   */
  async #open(): Promise<() => Promise<void>> {
    const stream = this.#peer.readable.pipeThrough(
      new PayloadDecoderStream(this.#rooms.limits),
    );
    const reader = stream.getReader();
    const { limits, webPort } = this.#rooms;
    const prelude = await readPrelude(reader, this.#peer, {
      limitMs: limits.preludeMs,
      webPort: webPort(),
    });
    this.#voice = prelude.voice;
    const request = prelude.request();
    const rights = await this.#authenticate(request, prelude.door);
    if (request.verb === "broadcast") {
      const { burst } = channelSettings(rights, request.channel);
      return this.#broadcast.bind(this, request, burst, reader);
    }
    await reader.cancel();
    if (request.verb === "watch") return this.#watch.bind(this, request);
    return this.#token.bind(this, request);
  }

  async #authenticate(
    request: Request,
    door: string,
  ): Promise<UserSettings | undefined> {
    const decision = await this.#rooms.authenticate(
      authRequest(request, this.#remote, door),
    );
    if (decision.allow) return decision.rights;
    throw new Refusal("denied", "access denied", decision.reason);
  }

  async #token(request: Request): Promise<void> {
    const { token, expiresIn } = this.#rooms.tokens.issue(request.user);
    this.#log("token", request);
    const answer = request.reply
      ? this.#voice.accept({ token, expires_in: expiresIn })
      : new TextEncoder().encode(token);
    await writeAll(this.#peer, answer);
    await this.#peer.finish();
  }

  async #broadcast(
    request: BroadcastRequest,
    burst: number | undefined,
    reader: MessageReader,
  ): Promise<void> {
    const { hub, ticker, limits } = this.#rooms;
    const revoked = new AbortController();
    const broadcast = hub.broadcast({
      ...request,
      burst,
      tracker: trackerFor(request),
      onRevoked: (why) => revoked.abort(why),
    });
    this.#log("broadcast-start", request);
    let why = "the broadcaster's connection broke";
    try {
      await this.#accept();
      why = await receive(reader, broadcast, {
        ticker,
        idleMs: limits.broadcasterIdleMs,
        signal: revoked.signal,
      });
      if (why === ENDED_IN_ORDER) await this.#sayEnd();
    } catch (error) {
      why = messageOf(error);
    } finally {
      broadcast.end("broken"); // Nothing happens when it has ended in order.
      this.#peer.close();
    }
    this.#log("broadcast-end", request, {
      bytes: broadcast.bytes,
      reason: why,
    });
  }

  async #watch(request: WatchRequest): Promise<void> {
    const { hub, ticker, limits } = this.#rooms;
    const signal = request.wait > 0 ? goneSignal(this.#peer) : NEVER;
    const watch = await hub.watch({ ...request, signal });
    try {
      this.#log("watch-start", request);
      await this.#accept();
      const delivery = new Delivery(
        watch.cursor,
        this.#peer,
        ticker,
        limits.watcherStallMs,
      );
      // A watcher that closes its own side may still read; one whose connection broke does not.
      this.#peer.gone.then((how) =>
        how === "reset" && delivery.stop("the watcher left")
      );
      const end = await delivery.done;
      if (end.ended) await this.#peer.finish();
      const { sentBytes, skips, skippedBytes } = watch.cursor;
      this.#log("watch-end", request, {
        bytes: sentBytes,
        ...(skips > 0 ? { skips, "skipped-bytes": skippedBytes } : {}),
        reason: end.ended ? endOf(watch) : end.why,
      });
    } finally {
      watch.leave();
      this.#peer.close();
    }
  }

  async #accept(): Promise<void> {
    await writeAll(this.#peer, this.#voice.accept({}));
  }

  async #sayEnd(): Promise<void> {
    if (this.#voice.end.length === 0) return;
    // Source clients close without waiting for it; then it is not their end that failed.
    await writeAll(this.#peer, this.#voice.end).catch(() => {});
    await this.#peer.finish();
  }

  /** Tells the peer, if it wants to be told, and the log; then closes. */
  async #refuse(error: unknown): Promise<void> {
    const refusal = error instanceof Refusal ? error : undefined;
    const log = { remote: this.#remote, code: refusal?.code ?? "server" };
    const reason = refusal?.detail ?? messageOf(error);
    this.#rooms.logger.log("refused", { ...log, reason });
    const told = refusal ?? new Refusal("server", "the server failed");
    try {
      const answer = error instanceof StrayBrowser
        ? error.answer
        : this.#voice.refuse(told);
      await writeAll(this.#peer, answer);
      await this.#peer.finish();
    } catch {
      this.#peer.close(); // The peer did not wait for the answer.
    }
  }

  #log(
    event: string,
    request: Request,
    more: Record<string, string | number | undefined> = {},
  ): void {
    const channel = request.verb === "token" ? undefined : request.channel;
    this.#rooms.logger.log(event, {
      user: request.user,
      channel,
      remote: this.#remote,
      ...more,
    });
  }
}

/** For who does not wait for a channel. */
const NEVER = new AbortController().signal;

/** A signal that is aborted when the peer has gone. */
function goneSignal(peer: Peer): AbortSignal {
  const gone = new AbortController();
  peer.gone.then(() => gone.abort());
  return gone.signal;
}

function authRequest(
  request: Request,
  remote: string,
  door: string,
): AuthRequest {
  const { verb, user, userPassword } = request;
  const token = verb === "broadcast" ? request.token : undefined;
  return {
    verb,
    user,
    channel: verb === "token" ? DEFAULT_CHANNEL : request.channel,
    ...(userPassword === undefined ? {} : { password: userPassword }),
    ...(token === undefined ? {} : { token }),
    remote,
    door,
  };
}

/** Why a watcher that was sent everything is sent no more. */
function endOf({ cursor }: Watch): string {
  return cursor.cannotFollow
    ? "its decoder cannot follow the new broadcast"
    : "the channel ended";
}
