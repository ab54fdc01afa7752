import { type AuthDecision, type AuthMethod, denied } from "../authenticate.ts";
import {
  type Credential,
  credentialDigest,
  PasswordCheck,
} from "../passwords/password_check.ts";
import { findUser } from "../users/find_user.ts";
import type { UserEntry } from "../users/user_file.ts";
import type { UserLookup } from "../users/users_folder.ts";

/**
 * The method that asks for passwords: a broadcaster and a peer that asks for a token must give the
 * user's; a watcher is allowed, for the channel's password is checked elsewhere. No such user, a broken
 * file and a wrong password look alike from outside and take equally long.
 *
 * @returns The method; it decides every request. It rejects with a `Refusal` when too many passwords
 *     wait to be compared, or when the server cannot look for the user.
 */
export function passwordMethod(
  users: UserLookup,
  check: PasswordCheck = new PasswordCheck(),
): AuthMethod {
  return async function byPassword(
    { verb, user, password },
  ): Promise<AuthDecision> {
    if (verb === "watch") return { allow: true };
    const found = await findUser(users, user);
    const credential = typeof found === "string"
      ? undefined
      : credentialOf(found);
    const equal = password !== undefined &&
      await check.verify(user, password, credential);
    if (typeof found === "string") return denied(found);
    if (credential === undefined) {
      return denied("the user's file sets no password in [DEFAULT]");
    }
    if (password === undefined) return denied("no password was given");
    if (!equal) return denied("the password is wrong");
    const credentials = await credentialDigest(user, credential);
    return { allow: true, settings: found.settings, credentials };
  };
}

/** What the user's file sets, to compare a password with. */
export function credentialOf(
  { password, passwordHash }: UserEntry,
): Credential {
  return passwordHash ?? password;
}
