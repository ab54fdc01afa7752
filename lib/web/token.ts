import { Refusal } from "../errors.ts";
import { readCredentials } from "../http/credentials.ts";
import type { Client } from "../session/context.ts";
import { DEFAULT_CHANNEL } from "../wire/request.ts";
import type { WebContext } from "./context.ts";
import { json, plain } from "./headers.ts";

/**
 * `POST /api/token`: a one-time token for the user who signs in by Basic auth.
 *
 * @returns `{"token": …, "expires_in": seconds}`, or the token alone for `Accept: text/plain`.
 * @throws {Refusal} `denied`, or `busy` when it cannot be decided now.
 */
export async function tokenResponse(
  { authenticate, tokens, logger }: WebContext,
  request: Request,
  { remote }: Client,
): Promise<Response> {
  if (request.method !== "POST") {
    return plain(405, "only POST is supported here", { allow: "POST" });
  }
  const { user = "", password } = readCredentials(
    request.headers.get("authorization"),
  );
  const decision = await authenticate({
    verb: "token",
    user,
    channel: DEFAULT_CHANNEL,
    ...(password === undefined ? {} : { password }),
    remote,
    protocol: "http",
  });
  if (!decision.allow) {
    throw new Refusal("denied", "access denied", decision.reason);
  }
  const { token, expiresIn } = tokens.issue(user, decision.credentials);
  logger.log("token", { user, protocol: "http", remote });
  return request.headers.get("accept")?.includes("text/plain")
    ? plain(200, token)
    : json({ token, expires_in: expiresIn });
}
