import type { Allowed, AuthRequest } from "../auth/authenticate.ts";
import { checkChannelPassword } from "../auth/channel_password.ts";
import { Refusal } from "../errors.ts";
import type { Channel } from "../hub/channel.ts";
import {
  type ClientRequest,
  DEFAULT_CHANNEL,
  type WatchRequest,
} from "../wire/request.ts";
import type { Session } from "./context.ts";

/**
 * Asks whether a request is allowed.
 *
 * @returns The decision, with the user's settings if the deciding method knows them.
 * @throws {Refusal} `denied`, or `busy` and `server` when it cannot be decided now.
 */
export async function authorize(
  session: Session,
  request: ClientRequest,
): Promise<Allowed> {
  session.target = request;
  const { authenticate } = session.context;
  const decision = await authenticate(authRequest(session, request));
  if (decision.allow) return decision;
  throw new Refusal("denied", "access denied", decision.reason);
}

/**
 * Asks whether a watcher may see a channel: its password, if it has one.
 *
 * @throws {Refusal} `denied`, or `busy` when it cannot be decided now.
 */
export async function authorizeChannel(
  session: Session,
  { user, channel, channelPassword }: WatchRequest,
  { password }: Channel,
): Promise<void> {
  if (password === "") return;
  const { context: { loginLimiter, links }, remote } = session;
  const given = channelPassword;
  const isLink = links.use.bind(links, user, channel);
  const attempt = { remote, user, channel, given, expected: password, isLink };
  const decision = await checkChannelPassword(loginLimiter, attempt);
  if (decision.allow) return;
  throw new Refusal("denied", "access denied", decision.reason);
}

function authRequest(
  { remote, protocol }: Session,
  request: ClientRequest,
): AuthRequest {
  const { verb, user, userPassword: password } = request;
  const channel = verb === "token" ? DEFAULT_CHANNEL : request.channel;
  const token = verb === "broadcast" ? request.token : undefined;
  const channelPassword = verb === "watch" ? request.channelPassword : "";
  return {
    ...{ verb, user, channel, remote, protocol },
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
    ...(channelPassword === "" ? {} : { channelPassword }),
  };
}
