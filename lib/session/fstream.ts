import type { Refusal } from "../errors.ts";
import { writeAll } from "../net/connection.ts";
import {
  type ClientRequest,
  parseRequest,
  type TokenRequest,
  wantsReply,
  type WatchRequest,
} from "../wire/request.ts";
import { authorize } from "./authorize.ts";
import type { Session } from "./context.ts";
import { publishFramed } from "./framed_publish.ts";
import { FramedPlayback, tellEnd } from "./framed_watch.ts";
import type { MessageReader } from "./message_reader.ts";
import { join, play } from "./play.ts";
import { publish, receiveAll } from "./publish.ts";
import { type Replies, SILENT, STATUS_FRAMES } from "./replies.ts";
import type { FrameMessage } from "./request_decoder.ts";

/**
 * Serves a request of fstream's own protocol, and closes the connection.
 *
 * @returns What remains to be done. A watcher's session lasts for hours, so it must not hold what read its request.
 */
export async function openFstream(
  session: Session,
  { text }: FrameMessage,
  messages: MessageReader,
): Promise<() => Promise<void>> {
  const replies = wantsReply(text) ? STATUS_FRAMES : SILENT;
  try {
    const request = parseRequest(text);
    if (request.verb === "broadcast" && request.frames) {
      return guarded(
        session,
        replies,
        () => publishFramed(session, request, messages.rest()),
      );
    }
    if (request.verb === "broadcast") {
      const media = receiveAll.bind(null, messages.rest());
      return guarded(
        session,
        replies,
        () => publish(session, { request, media, replies }),
      );
    }
    await messages.cancel();
    return guarded(
      session,
      replies,
      serve.bind(null, session, request, replies),
    );
  } catch (error) {
    return refuse.bind(null, session, replies, error);
  }
}

function guarded(
  session: Session,
  replies: Replies,
  run: () => Promise<void>,
): () => Promise<void> {
  return async function runGuarded(): Promise<void> {
    try {
      await run();
    } catch (error) {
      await refuse(session, replies, error);
    }
  };
}

async function serve(
  session: Session,
  request: Exclude<ClientRequest, { verb: "broadcast" }>,
  replies: Replies,
): Promise<void> {
  if (request.verb === "token") return await token(session, request, replies);
  await watch(session, request, replies);
}

async function watch(
  session: Session,
  request: WatchRequest,
  replies: Replies,
): Promise<void> {
  const { frames } = request;
  if (frames && await tellEnd(session, request)) return;
  const watcher = await join(session, request);
  const raw = {
    accepted: () => replies.accepted({}),
    ended: () => new Uint8Array(),
  };
  await play(
    session,
    watcher,
    frames ? new FramedPlayback(session, request) : raw,
  );
}

async function token(
  session: Session,
  request: TokenRequest,
  replies: Replies,
): Promise<void> {
  const { credentials } = await authorize(session, request);
  session.target = { user: request.user };
  const { connection, context } = session;
  const { token, expiresIn } = context.tokens.issue(
    request.user,
    credentials,
  );
  session.log("token");
  const answer = request.reply
    ? replies.accepted({ token, expires_in: expiresIn })
    : new TextEncoder().encode(token);
  await writeAll(connection, answer);
  await connection.finish();
}

/** Logs a refusal, answers it where the protocol does, and closes the connection. */
export async function refuse(
  session: Session,
  replies: { refused(refusal: Refusal): Uint8Array },
  error: unknown,
): Promise<void> {
  const { connection } = session;
  const refusal = session.logRefusal(error);
  try {
    await writeAll(connection, replies.refused(refusal));
    await connection.finish();
  } catch {
    connection.close(); // The peer did not wait for the answer.
  }
}
