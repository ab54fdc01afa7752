import { messageOf, type Refusal } from "../../errors.ts";
import { authFailure } from "../authenticate.ts";
import { type UserEntry, UserFileError } from "./user_file.ts";
import type { UserLookup } from "./users_folder.ts";

/** System errors that pass by themselves, as when too many files are open: intro(2). */
const TRANSIENT_CODES = ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"];

/**
 * Finds a user, or the reason why the user cannot sign in. A broken file is one, and counts as
 * a failed sign-in like a user who does not exist: an attacker must not be able to tell them apart.
 *
 * @throws {Refusal} `busy` or `server` when the server could not look.
 */
export async function findUser(
  users: UserLookup,
  name: string,
): Promise<UserEntry | string> {
  try {
    return await users.lookup(name) ?? "there is no such user";
  } catch (error) {
    if (error instanceof UserFileError) return messageOf(error);
    throw lookupFailure(error);
  }
}

function lookupFailure(error: unknown): Refusal {
  const cause = error instanceof Error ? error.cause : undefined;
  const transient = [error, cause].some(isTransient);
  return authFailure(transient ? "busy" : "server", error);
}

function isTransient(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    TRANSIENT_CODES.includes(String(error.code));
}
