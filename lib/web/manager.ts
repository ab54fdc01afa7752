import { isAdmin } from "../auth/permissions/permissions.ts";
import { Refusal } from "../errors.ts";
import type { Channel } from "../hub/channel.ts";
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

/** The channels that a manager sees. */
export function managedChannels(
  { hub }: Pick<WebContext, "hub">,
  manager: Manager,
): Channel[] {
  return hub.channels().filter(({ user }) => manages(manager, user));
}

/**
 * Finds a channel of a manager's. Another user's channel is refused alike whether it exists or not.
 *
 * @throws {Refusal} `forbidden` for another user's channel, `not-live` when there is none.
 */
export function managedChannel(
  { hub }: Pick<WebContext, "hub">,
  manager: Manager,
  { user, channel: name }: ChannelPath,
): Channel {
  if (!manages(manager, user)) {
    throw new Refusal("forbidden", "this is another user's channel");
  }
  const channel = hub.find(user, name);
  if (!channel) throw new Refusal("not-live", "the channel is not live");
  return channel;
}
