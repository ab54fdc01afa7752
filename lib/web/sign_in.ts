import type { Allowed } from "../auth/authenticate.ts";
import { Refusal } from "../errors.ts";
import { readCredentials } from "../http/credentials.ts";
import type { Client } from "../session/context.ts";
import { DEFAULT_CHANNEL } from "../wire/request.ts";
import type { WebContext } from "./context.ts";

/** A user who has signed in. */
export interface SignedIn extends Allowed {
  /** The user's name. */
  readonly user: string;
}

/**
 * Signs a user in by Basic auth.
 *
 * @param verb What the user asks for.
 * @throws {Refusal} `denied`, or `busy` and `server` when it cannot be decided now.
 */
export async function signIn(
  { authenticate }: Pick<WebContext, "authenticate">,
  verb: "token" | "manage",
  { headers }: Request,
  { remote }: Client,
): Promise<SignedIn> {
  const { user = "", password } = readCredentials(headers.get("authorization"));
  const decision = await authenticate({
    verb,
    user,
    channel: DEFAULT_CHANNEL,
    ...(password === undefined ? {} : { password }),
    remote,
    protocol: "http",
  });
  if (decision.allow) return { ...decision, user };
  throw new Refusal("denied", "access denied", decision.reason);
}
