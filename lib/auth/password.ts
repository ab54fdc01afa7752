import {
  type AuthDecision,
  type AuthMethod,
  reasonOf,
  refusal,
} from "./auth.ts";
import { secretsEqual } from "./secrets.ts";
import type { UserEntry } from "./user_file.ts";
import type { UserLookup } from "./users.ts";

// Compared with when there is no password, so that it takes as long as a wrong one. It is drawn anew for
// each process, and nobody who hits it is let in.
const DUMMY = crypto.randomUUID();

/**
 * The method that asks for passwords. Whoever wants to broadcast or a token must show the user's;
 * whoever wants to watch is let through, for a channel's own password is the channel's matter. No such
 * user, a broken file and a wrong password look alike from outside and take equally long.
 *
 * @param users The users.
 * @returns The method; it decides every request.
 */
export function passwordMethod(users: UserLookup): AuthMethod {
  return async function byPassword(
    { verb, user, password },
  ): Promise<AuthDecision> {
    if (verb === "watch") return { allow: true };
    const found = await lookedUp(users, user);
    const expected = typeof found === "string" ? undefined : found.password;
    // Compared in any case, and the result looked at last.
    const equal = secretsEqual(password ?? "", expected ?? DUMMY);
    if (typeof found === "string") return refusal(found);
    if (expected === undefined) {
      return refusal("the user's file sets no password in [DEFAULT]");
    }
    if (password === undefined) return refusal("no password was given");
    if (!equal) return refusal("the password is wrong");
    return { allow: true, rights: found.settings };
  };
}

// The user, or the reason why there is none.
async function lookedUp(
  users: UserLookup,
  name: string,
): Promise<UserEntry | string> {
  try {
    return await users.lookup(name) ?? "there is no such user";
  } catch (error) {
    return reasonOf(error);
  }
}
