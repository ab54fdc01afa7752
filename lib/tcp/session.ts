import type { Authenticate, AuthRequest, UserSettings } from "../auth/auth.ts";
import { channelSettings } from "../auth/channel_settings.ts";
import type { TokenStore } from "../auth/token.ts";
import { messageOf, Refusal } from "../errors.ts";
import type { Hub, Watch } from "../hub/hub.ts";
import { receive } from "../hub/receive.ts";
import type { Logger } from "../logger.ts";
import { trackerFor } from "../media/choose.ts";
import { encodeFrame } from "../protocol/frame.ts";
import {
  type BroadcastRequest,
  DEFAULT_CHANNEL,
  formatStatus,
  parseRequest,
  type Request,
  type WatchRequest,
} from "../protocol/messages.ts";
import {
  PayloadDecoderStream,
  type PreludeLimits,
} from "../protocol/payload_decoder_stream.ts";
import { formatAddress } from "../values.ts";
import { Delivery } from "./delivery.ts";
import { type Peer, writeAll } from "./peer.ts";
import { type MessageReader, readPrelude, StrayBrowser } from "./prelude.ts";
import type { Sweep } from "../sweep.ts";

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
  readonly sweep: Sweep;
  /** What a session may take. */
  readonly limits: SessionLimits;
  /** Told of every event. */
  readonly logger: Logger;
}

/** One connection of the TCP front, from its first byte to its end. */
export class Session {
  readonly #peer: Peer;
  readonly #rooms: SessionRooms;
  readonly #remote: string;

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
    const stream = this.#peer.readable.pipeThrough(
      new PayloadDecoderStream(this.#rooms.limits),
    );
    const reader = stream.getReader();
    let replies = false;
    try {
      const prelude = await readPrelude(
        reader,
        this.#peer,
        this.#rooms.limits.preludeMs,
      );
      replies = prelude.wantsReply;
      const request = parseRequest(prelude.text);
      const rights = await this.#authenticate(request, prelude.version);
      await this.#serve(request, rights, reader);
    } catch (error) {
      await this.#refuse(error, replies, reader);
    }
  }

  #serve(
    request: Request,
    rights: UserSettings | undefined,
    reader: MessageReader,
  ): Promise<void> {
    if (request.verb === "broadcast") {
      const { burst } = channelSettings(rights, request.channel);
      return this.#broadcast(request, burst, reader);
    }
    if (request.verb === "watch") return this.#watch(request, reader);
    return this.#token(request, reader);
  }

  async #authenticate(
    request: Request,
    version: 1 | 2,
  ): Promise<UserSettings | undefined> {
    const decision = await this.#rooms.authenticate(
      authRequest(request, this.#remote, version),
    );
    if (decision.allow) return decision.rights;
    throw new Refusal("denied", "access denied", decision.reason);
  }

  async #token(request: Request, reader: MessageReader): Promise<void> {
    const { token, expiresIn } = this.#rooms.tokens.issue(request.user);
    this.#log("token", request);
    const answer = request.reply
      ? encodeFrame(formatStatus(undefined, { token, expires_in: expiresIn }))
      : new TextEncoder().encode(token);
    await writeAll(this.#peer, answer);
    await this.#close(reader);
  }

  async #broadcast(
    request: BroadcastRequest,
    burst: number | undefined,
    reader: MessageReader,
  ): Promise<void> {
    const { hub, sweep, limits } = this.#rooms;
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
      await this.#reply(request, {});
      why = await receive(reader, broadcast, {
        sweep,
        idleMs: limits.broadcasterIdleMs,
        signal: revoked.signal,
      });
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

  async #watch(request: WatchRequest, reader: MessageReader): Promise<void> {
    const { hub, sweep, limits } = this.#rooms;
    await reader.cancel();
    const gone = new AbortController();
    this.#peer.gone.then(() => gone.abort());
    const watch = await hub.watch({
      ...request,
      signal: gone.signal,
    });
    try {
      this.#log("watch-start", request);
      await this.#reply(request, {});
      const delivery = new Delivery(
        watch.cursor,
        this.#peer,
        sweep,
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

  async #reply(
    request: Request,
    values: Record<string, string | number>,
  ): Promise<void> {
    if (!request.reply) return;
    await writeAll(this.#peer, encodeFrame(formatStatus(undefined, values)));
  }

  /** Tells the peer, if it asked to be told, and the log; then closes. */
  async #refuse(
    error: unknown,
    replies: boolean,
    reader: MessageReader,
  ): Promise<void> {
    const refusal = error instanceof Refusal ? error : undefined;
    const log = { remote: this.#remote, code: refusal?.code ?? "server" };
    const reason = refusal?.detail ?? messageOf(error);
    this.#rooms.logger.log("refused", { ...log, reason });
    try {
      if (error instanceof StrayBrowser) {
        await writeAll(this.#peer, error.answer);
      } else if (replies) {
        const told = refusal ?? new Refusal("server", "the server failed");
        await writeAll(this.#peer, encodeFrame(formatStatus(told)));
      }
      await this.#close(reader);
    } catch {
      this.#peer.close(); // The peer did not wait for the answer.
    }
  }

  async #close(reader: MessageReader): Promise<void> {
    await reader.cancel().catch(() => {});
    await this.#peer.finish();
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

function authRequest(
  request: Request,
  remote: string,
  version: 1 | 2,
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
    door: `tcp${version}`,
  };
}

/** Why a watcher that was sent everything is sent no more. */
function endOf({ cursor }: Watch): string {
  return cursor.cannotFollow
    ? "its decoder cannot follow the new broadcast"
    : "the channel ended";
}
