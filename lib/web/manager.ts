import { isAdmin } from "../auth/permissions/permissions.ts";
import { Refusal } from "../errors.ts";
import type { ChannelPath } from "../session/channel_path.ts";
import type { Client } from "../session/context.ts";
import type { WebContext } from "./context.ts";
import { signIn } from "./sign_in.ts";

/** A user who signed in to see and steer channels: all of them with `admin=true`, else the user's own. */
export interface Manager {
  /** Who. */
  readonly user: string;
  /** Whether the channels of all users are within reach. */
  readonly isAdmin: boolean;
}

/**
 * Signs a manager in by Basic auth.
 *
 * @throws {Refusal} `denied`, or `busy` and `server` when it cannot be decided now.
 */
export async function signInManager(
  context: WebContext,
  request: Request,
  client: Client,
): Promise<Manager> {
  const signedIn = await signIn(context, "manage", request, client);
  return { user: signedIn.user, isAdmin: isAdmin(signedIn.settings) };
}

/** Whether a manager may see and steer the channels of a user. */
export function manages({ user, isAdmin }: Manager, owner: string): boolean {
  return isAdmin || user === owner;
}

/**
 * Rejects a manager who may not manage a channel, alike whether it exists or not.
 *
 * @throws {Refusal} `forbidden` for another user's channel.
 */
export function requireManaged(manager: Manager, { user }: ChannelPath): void {
  if (manages(manager, user)) return;
  throw new Refusal("forbidden", "this is another user's channel");
}
