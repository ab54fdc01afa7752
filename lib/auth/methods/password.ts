import {
  type AuthDecision,
  type AuthMethod,
  reasonOf,
  refusal,
} from "../authenticate.ts";
import { PasswordCheck } from "../passwords/password_check.ts";
import { secretsEqual } from "../passwords/secrets.ts";
import type { UserEntry } from "../users/user_file.ts";
import type { UserLookup } from "../users/users_folder.ts";

// Compared with when there is no password, so that it takes as long as a wrong one. It is drawn anew for
// each process, and nobody who hits it is let in.
const DUMMY = crypto.randomUUID();

/**
 * The method that asks for passwords. Whoever wants to broadcast or a token must show the user's;
 * whoever wants to watch is let through, for a channel's own password is the channel's matter. No such
 * user, a broken file and a wrong password, be it hashed in the file or not, look alike from outside and
 * take equally long.
 *
 * @param users The users.
 * @param check Compares with hashes. Default: one of its own.
 * @returns The method; it decides every request, or rejects with a `Refusal` (`busy`) when too many
 *     hashes are waited for.
 */
export function passwordMethod(
  users: UserLookup,
  check: PasswordCheck = new PasswordCheck(),
): AuthMethod {
  return async function byPassword(
    { verb, user, password },
  ): Promise<AuthDecision> {
    if (verb === "watch") return { allow: true };
    const found = await lookedUp(users, user);
    const entry = typeof found === "string" ? undefined : found;
    const equal = password !== undefined &&
      await isPassword(check, password, entry);
    if (typeof found === "string") return refusal(found);
    if (found.password === undefined && found.passwordHash === undefined) {
      return refusal("the user's file sets no password in [DEFAULT]");
    }
    if (password === undefined) return refusal("no password was given");
    if (!equal) return refusal("the password is wrong");
    return { allow: true, rights: found.settings };
  };
}

/** Whatever the answer is no for, one hash has been computed then. */
async function isPassword(
  check: PasswordCheck,
  given: string,
  entry: UserEntry | undefined,
): Promise<boolean> {
  if (entry?.passwordHash !== undefined) {
    return await check.matchesUser(entry.name, given, entry.passwordHash);
  }
  const equal = secretsEqual(given, entry?.password ?? DUMMY);
  if (equal && entry?.password !== undefined) return true;
  await check.spend(given);
  return false;
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
