import { readCredentials } from "../wire/credentials.ts";
import { DEFAULT_CHANNEL } from "../wire/messages.ts";
import { NO_STORE, plain } from "./headers.ts";
import { authorize, type HttpRooms, type Visitor } from "./rooms.ts";

/**
 * `POST /api/token`: a one-time token for the user who signs in by Basic auth.
 *
 * @returns `{"token": …, "expires_in": seconds}`.
 * @throws {Refusal} `denied`.
 */
export async function tokenByHttp(
  rooms: HttpRooms,
  request: Request,
  { remote }: Visitor,
): Promise<Response> {
  if (request.method !== "POST") {
    return plain(405, "only POST here", { allow: "POST" });
  }
  const { user = "", password } = readCredentials(
    request.headers.get("authorization"),
  );
  const { credentials } = await authorize(rooms, {
    verb: "token",
    user,
    channel: DEFAULT_CHANNEL,
    ...(password === undefined ? {} : { password }),
    remote,
    protocol: "http",
  });
  const { token, expiresIn } = rooms.tokens.issue(user, credentials);
  rooms.logger.log("token", { user, remote });
  return Response.json({ token, expires_in: expiresIn }, { headers: NO_STORE });
}
