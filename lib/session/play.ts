import type { Channel } from "../hub/channel.ts";
import type { FoundChannel } from "../hub/hub.ts";
import type { Watcher } from "../hub/watcher.ts";
import { writeAll } from "../net/connection.ts";
import type { WatchRequest } from "../wire/request.ts";
import { authorize, authorizeChannel } from "./authorize.ts";
import type { Session } from "./context.ts";
import { Sender } from "./sender.ts";
import type { SharedFraming } from "./slice_framing.ts";

/**
 * Milliseconds that a watcher waits for a channel after it has closed its side. Nothing tells whether it is still
 * there before media is sent, so one that has left must not be kept for as long as it asked for.
 */
const HALF_CLOSED_WAIT_MS = 10 * 60_000;

/** How a protocol sends a channel. */
export interface Playback {
  /** Bytes before media. */
  accepted(watcher: Watcher): Promise<Uint8Array> | Uint8Array;
  /** Wraps media; default: media goes out as it is. */
  readonly framing?: SharedFraming<Channel>;
  /** Wraps bytes that are for the decoder alone; default: like media. */
  readonly leadFraming?: SharedFraming<Channel>;
  /** Whether the watcher opens a new decoder wherever decoding starts again. */
  readonly freshDecoder?: boolean;
  /** Called before media wherever decoding starts or restarts; see `SenderOptions.onRestart`. */
  onRestart?(watcher: Watcher, sender: Sender): boolean;
  /** Called once sending has started. */
  onSending?(sender: Sender, watcher: Watcher): void;
  /** Milliseconds that the watcher has to read the end and close its side; default a second. */
  readonly lingerMs?: number;
  /**
   * Bytes behind the last media byte.
   *
   * @param reason Why nothing more comes.
   * @param watcher Its cursor tells whether everything was sent.
   */
  ended(reason: string, watcher: Watcher): Uint8Array;
  /** The last bytes for a watcher that is disconnected by hand; default none. */
  kicked?(why: string): Uint8Array;
}

/** Milliseconds in which a watcher that is disconnected by hand can take what is left of its frame. */
const KICK_MS = 1000;

/**
 * Lets a watcher into a channel: authorizes it, waits for the channel if asked to, and takes a position.
 *
 * @returns The position, to be left by the caller.
 * @throws {Refusal} `denied`, `not-live`, `limit` or `busy`.
 */
export async function join(
  session: Session,
  request: WatchRequest,
  freshDecoder = false,
): Promise<Watcher> {
  const { channel, since } = await findChannel(session, request);
  const { hub } = session.context;
  const { protocol, remote } = session;
  const client = { protocol, remote };
  return hub.join(channel, { ...request, since, freshDecoder, client });
}

/**
 * Finds a channel for a watcher: authorizes it, and waits for the channel if asked to.
 *
 * @throws {Refusal} `denied`, `not-live`, `limit` or `busy`.
 */
export async function findChannel(
  session: Session,
  request: WatchRequest,
): Promise<FoundChannel> {
  await authorize(session, request);
  const found = await waitForChannel(session, request);
  await authorizeChannel(session, request, found.channel);
  return found;
}

async function waitForChannel(
  session: Session,
  request: WatchRequest,
): Promise<FoundChannel> {
  const left = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const leave = (): void => left.abort();
  session.connection.gone.then((how) => {
    if (left.signal.aborted) return; // The wait is over.
    if (how === "reset" || !mayHalfClose(session, request)) return leave();
    timer = setTimeout(leave, HALF_CLOSED_WAIT_MS);
  });
  try {
    const { hub } = session.context;
    return await hub.waitFor({ ...request, signal: left.signal });
  } finally {
    clearTimeout(timer);
    leave();
  }
}

/**
 * Whether a watcher that closes its side may still be there: `printf … | nc` does that behind its request. Clients of
 * framed streams, browsers and players close when they leave.
 */
function mayHalfClose(
  { protocol }: Session,
  { frames }: WatchRequest,
): boolean {
  return (protocol === "fstream1" || protocol === "fstream2") && !frames;
}

/**
 * Sends a channel to a watcher that has joined it, until either ends. Leaves the channel and closes the
 * connection; never rejects.
 */
export async function play(
  session: Session,
  watcher: Watcher,
  playback: Playback,
): Promise<void> {
  const { connection } = session;
  let reason = "the watcher left";
  session.log("watch-start", { watcher: watcher.id });
  try {
    await writeAll(connection, await playback.accepted(watcher));
    const end = await send(session, watcher, playback);
    const { cursor } = watcher;
    reason = end.reason ?? cursor.endReason;
    if (end.complete) {
      await writeAll(connection, playback.ended(reason, watcher));
    }
  } catch {
    reason = connection.cutReason ?? reason;
  }
  watcher.leave();
  // Before the connection is closed: a peer that does not close its side would delay it.
  logEnd(session, watcher, reason);
  await connection.finish(playback.lingerMs)
    .finally(() => connection.close());
}

async function send(
  session: Session,
  watcher: Watcher,
  playback: Playback,
): Promise<Awaited<Sender["done"]>> {
  const { connection, context: { ticker } } = session;
  const { cursor, channel } = watcher;
  const sender = new Sender({
    ...{ cursor, connection, ticker },
    framing: playback.framing?.of(channel),
    leadFraming: playback.leadFraming?.of(channel),
    ...(playback.onRestart
      ? { onRestart: (sender) => playback.onRestart!(watcher, sender) }
      : {}),
  });
  playback.onSending?.(sender, watcher);
  using _kicks = kickable(session, watcher, playback, sender);
  // A watcher that closes its own side may still read; one whose connection broke does not.
  connection.gone.then((how) =>
    how === "reset" &&
    sender.stop(connection.cutReason ?? "the watcher left")
  );
  return await sender.done;
}

/** Lets a watcher be disconnected by hand for as long as it is sent to. */
function kickable(
  { connection }: Session,
  watcher: Watcher,
  playback: Playback,
  sender: Sender,
): Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  watcher.onKick = (why): void => {
    sender.leave(playback.kicked?.(why) ?? new Uint8Array(), why);
    timer ??= setTimeout(() => connection.cut(why), KICK_MS);
  };
  return {
    [Symbol.dispose](): void {
      watcher.onKick = undefined;
      clearTimeout(timer);
    },
  };
}

function logEnd(
  session: Session,
  { id, cursor }: Watcher,
  reason: string,
): void {
  const { sentBytes, skips, skippedBytes } = cursor;
  session.log("watch-end", {
    watcher: id,
    bytes: sentBytes,
    ...(skips > 0 ? { skips, "skipped-bytes": skippedBytes } : {}),
    reason,
  });
}
