import {
  type AuthDecision,
  type AuthMethod,
  type AuthRequest,
  denied,
} from "../authenticate.ts";
import { credentialDigest } from "../passwords/password_check.ts";
import type { TokenStore } from "../token_store.ts";
import { findUser } from "../users/find_user.ts";
import type { UserLookup } from "../users/users_folder.ts";
import { credentialOf } from "./password.ts";

/**
 * The method that accepts a one-time token from a broadcaster. A request with a password and without a
 * live token is left to the next method, and so is one with neither or with another verb.
 *
 * @param users Where the settings and the password of the token's user are found; a user who is gone or
 *     whose file is broken is denied. Without it a live token is enough and comes with no settings.
 */
export function tokenMethod(
  tokens: TokenStore,
  users?: UserLookup,
): AuthMethod {
  return async function byToken(request): Promise<AuthDecision | undefined> {
    const { verb, user, token } = request;
    if (verb !== "broadcast" || token === undefined) return undefined;
    if (users === undefined) {
      return await redeem(tokens, user, token, undefined)
        ? { allow: true }
        : badToken(request);
    }
    // Looked up first: what is wrong with the user must not use the token up.
    const entry = await findUser(users, user);
    if (typeof entry === "string") return badToken(request, entry);
    const credentials = await credentialDigest(user, credentialOf(entry));
    return await redeem(tokens, user, token, credentials)
      ? { allow: true, settings: entry.settings }
      : badToken(request);
  };
}

/** The digest of a user's password is known to one server only, so the one that issued a token redeems it. */
async function redeem(
  tokens: TokenStore,
  user: string,
  token: string,
  credentials: string | undefined,
): Promise<boolean> {
  return tokens.isForeign(token)
    ? await tokens.elsewhere!(user, token)
    : tokens.redeem(user, token, credentials);
}

/**
 * Redeems tokens of this server for other servers, by the same rules.
 *
 * @param users As for {@linkcode tokenMethod}.
 */
export function tokenRedeemer(
  tokens: TokenStore,
  users?: UserLookup,
): (user: string, token: string) => Promise<boolean> {
  return async function redeemHere(user, token): Promise<boolean> {
    if (users === undefined) return tokens.redeem(user, token, undefined);
    const entry = await findUser(users, user);
    if (typeof entry === "string") return false;
    const credentials = await credentialDigest(user, credentialOf(entry));
    return tokens.redeem(user, token, credentials);
  };
}

function badToken(
  { password }: AuthRequest,
  reason = "no such token: unknown, used, expired, or another user's",
): AuthDecision | undefined {
  return password === undefined ? denied(reason) : undefined;
}
