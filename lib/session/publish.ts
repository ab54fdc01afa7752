import { uncheckedAttempt } from "../auth/rate_limit/with_rate_limit.ts";
import { channelSettings } from "../auth/permissions/permissions.ts";
import type { Tickable } from "../clock/ticker.ts";
import { messageOf, Refusal } from "../errors.ts";
import type { OnRevoked, RevokeCause } from "../hub/channel_options.ts";
import type { Publisher } from "../hub/publisher.ts";
import { trackerFor } from "../media/tracker_for.ts";
import { type Connection, type Incoming, writeAll } from "../net/connection.ts";
import type { BroadcastRequest } from "../wire/request.ts";
import { authorize } from "./authorize.ts";
import type { Session } from "./context.ts";
import type { Replies } from "./replies.ts";

/** How a broadcast ended, as far as its broadcaster is concerned. */
export interface PublishEnd {
  /** Whether the broadcaster ended it in order. */
  readonly clean: boolean;
  /** Why it ended. */
  readonly reason: string;
  /** What ended it, where that was the server. */
  readonly by?: "idle" | RevokeCause;
}

const NOTHING = new Uint8Array();

/**
 * Receives the media of a broadcast until its end; rejects when the broadcaster's connection breaks.
 *
 * @param take Called with each piece, which is valid during the call. An empty piece says that the broadcaster is not
 *     idle.
 */
export type Receive = (take: (bytes: Uint8Array) => void) => Promise<void>;

/** A broadcast that the broadcaster ended in order. */
const CLEAN: PublishEnd = { clean: true, reason: "the broadcast ended" };

/** What {@linkcode publish} needs in addition to the session. */
export interface PublishOptions {
  /** The request. */
  readonly request: BroadcastRequest;
  /** Called once the broadcast is accepted. When its connection is told to discard what comes, it must end. */
  readonly media: Receive;
  /** How the protocol answers. */
  readonly replies: Pick<Replies, "accepted" | "ended">;
  /** Told of the broadcaster's hold on the channel once it is live. */
  readonly onLive?: (publisher: Publisher) => void;
  /** Awaited before the last reply is written. */
  readonly beforeEnd?: () => Promise<void>;
}

/**
 * Authorizes a broadcaster, makes the channel live, and appends what arrives until the broadcast ends.
 * Closes the connection.
 *
 * @throws {Refusal} before the channel is live: `denied`, `limit`, `busy` or `bad-request`.
 */
export async function publish(
  session: Session,
  { request, media, replies, onLive, beforeEnd }: PublishOptions,
): Promise<void> {
  const { connection } = session;
  const revoked = new AbortController();
  const onRevoked: OnRevoked = (reason, by) => revoked.abort({ reason, by });
  const publisher = request.resume === undefined
    ? await start(session, request, onRevoked)
    : await resume(session, request, request.resume, onRevoked);
  session.log("broadcast-start", {
    ...(request.resume === undefined ? {} : { resumed: publisher.bytes }),
  });
  onLive?.(publisher);
  let end: PublishEnd;
  try {
    await writeAll(connection, replies.accepted({}));
    await waitersJoin();
    end = await receive(session, media, publisher, revoked.signal);
  } catch (error) {
    end = { clean: false, reason: connection.cutReason ?? messageOf(error) };
  }
  publisher.end("broken"); // Without effect after a clean end.
  // Before the last reply: a peer that does not close its side would delay it.
  session.log("broadcast-end", { bytes: publisher.bytes, reason: end.reason });
  try {
    await beforeEnd?.();
    await close(connection, end.clean || end.by ? replies.ended(end) : NOTHING);
  } finally {
    connection.close();
  }
}

/** Lets watchers that waited join before the first byte: the whole broadcast may be here already. */
function waitersJoin(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function start(
  session: Session,
  request: BroadcastRequest,
  onRevoked: OnRevoked,
): Promise<Publisher> {
  const { settings } = await authorize(session, request);
  const publisher = session.context.hub.publish({
    ...request,
    ...channelSettings(settings, request.channel),
    tracker: trackerFor(request),
    hints: { bufsize: request.bufsize, format: request.format },
    onRevoked,
  });
  const { bufsize, continues } = request;
  // Records are counted from the first byte of the stream, not from the first one after a restart.
  if (continues && bufsize > 0) {
    publisher.prime(new Uint8Array(continues.offset % bufsize));
  }
  return publisher;
}

/**
 * Continues a broadcast; its secret is guarded like a password, with two differences. The right one always passes: it
 * has too many bits to be guessed, so an encoder may come back while its network is refused for the typing errors of
 * others. And where there is nothing to continue, nothing can be guessed: after a restart of the server, encoders that
 * share an address must not count as one that guesses.
 */
async function resume(
  session: Session,
  request: BroadcastRequest,
  secret: string,
  onRevoked: OnRevoked,
): Promise<Publisher> {
  session.target = request;
  const { user, channel } = request;
  const { context: { hub, loginLimiter }, remote } = session;
  const { resumeCheck } = hub;
  if (!await resumeCheck.isPossible(user, channel)) throw noBroadcast();
  if (await resumeCheck.isRight(user, channel, secret)) {
    return hub.resume({ ...request, onRevoked });
  }
  const outcome = await loginLimiter.guard(
    { remote, target: user },
    () => false,
  );
  if (outcome === "wrong") throw noBroadcast();
  const { reason } = uncheckedAttempt(outcome, remote);
  throw new Refusal("denied", "access denied", reason);
}

function noBroadcast(): Refusal {
  return new Refusal("denied", "access denied", "no such broadcast to resume");
}

/** Some source clients close without waiting for the reply, which is not a failure of the broadcast. */
async function close(
  connection: Connection,
  reply: Uint8Array,
): Promise<void> {
  await writeAll(connection, reply).catch(() => {});
  await connection.finish();
}

/** Appends media until it ends. The log takes every byte at once, so nothing holds a broadcaster back. */
async function receive(
  session: Session,
  media: Receive,
  publisher: Publisher,
  revoked: AbortSignal,
): Promise<PublishEnd> {
  const { connection, context: { ticker, limits } } = session;
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let end: PublishEnd | undefined;
  const stop = (by: "idle" | RevokeCause, reason: string): void => {
    end ??= { clean: false, reason, by };
    connection.discard();
    resolve();
  };
  let newest = ticker.now;
  const idle: Tickable = {
    tick: () => {
      const { broadcasterIdleMs } = limits;
      const why = ticker.overrun("sent no byte", newest, broadcasterIdleMs);
      if (why) stop("idle", why);
    },
  };
  ticker.add(idle);
  const onRevoked = (): void => {
    const { by, reason } = revoked.reason as {
      by: RevokeCause;
      reason: string;
    };
    stop(by, reason);
  };
  revoked.addEventListener("abort", onRevoked, { once: true });
  if (revoked.aborted) onRevoked(); // While the reply was being written.
  const take = (bytes: Uint8Array): void => {
    newest = ticker.now;
    if (bytes.length > 0 && !end) publisher.append(bytes);
  };
  try {
    await Promise.race([media(take), stopped]);
  } catch (error) {
    if (!end) throw error; // Otherwise it found the end of what is discarded.
  } finally {
    ticker.delete(idle);
    revoked.removeEventListener("abort", onRevoked);
  }
  publisher.end(end ? "broken" : "clean");
  return end ?? CLEAN;
}

/** Receives all that comes on a connection, whose end is a clean end. */
export async function receiveAll(
  incoming: Incoming,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for (let bytes; (bytes = await incoming.read());) take(bytes);
}
