import { secretsEqual } from "../auth/secrets.ts";
import { Refusal } from "../errors.ts";
import type { Hub, JoinOptions, WaitOptions, Watcher } from "../hub/hub.ts";

/** What a watcher asks for. */
export interface JoinRequest extends WaitOptions, Omit<JoinOptions, "since"> {
  /** The channel password that the watcher gives. */
  readonly channelPassword: string;
}

/**
 * Finds or waits for a channel, checks its password and joins it.
 *
 * @throws {Refusal} `not-live`, `denied` or `limit`.
 */
export async function joinChannel(
  hub: Hub,
  request: JoinRequest,
): Promise<Watcher> {
  const { channel, since } = await hub.waitFor(request);
  if (
    channel.password !== "" &&
    !secretsEqual(channel.password, request.channelPassword)
  ) {
    throw new Refusal("denied", "access denied", "wrong channel password");
  }
  return hub.join(channel, { ...request, since });
}
