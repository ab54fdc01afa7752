import type { Client } from "../session/context.ts";
import type { WebContext } from "./context.ts";
import { json, plain } from "./headers.ts";
import { signIn } from "./sign_in.ts";

/**
 * `POST /api/token`: a one-time token for the user who signs in by Basic auth.
 *
 * @returns `{"token": …, "expires_in": seconds}`, or the token alone for `Accept: text/plain`.
 * @throws {Refusal} `denied`, or `busy` when it cannot be decided now.
 */
export async function tokenResponse(
  context: WebContext,
  request: Request,
  client: Client,
): Promise<Response> {
  const { user, credentials } = await signIn(context, "token", request, client);
  const { token, expiresIn } = context.tokens.issue(user, credentials);
  const { remote } = client;
  context.logger.log("token", { user, protocol: "http", remote });
  return request.headers.get("accept")?.includes("text/plain")
    ? plain(200, token)
    : json({ token, expires_in: expiresIn });
}
