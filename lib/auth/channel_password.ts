import { type AuthDecision, denied } from "./authenticate.ts";
import { secretsEqual } from "./passwords/secrets.ts";
import type { LoginRateLimiter } from "./rate_limit/login_rate_limiter.ts";
import { uncheckedAttempt } from "./rate_limit/with_rate_limit.ts";

/** A watcher at a channel. */
export interface ChannelPasswordAttempt {
  /** The peer's address as `ip:port`, IPv6 in brackets. */
  readonly remote: string;
  /** Whose channel it is. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** What the watcher gave; an empty text is the same as nothing. */
  readonly given: string | undefined;
  /** The channel's password; empty for an open channel. */
  readonly expected: string;
  /** Tells whether what was given stands in for the password; by default nothing does. */
  readonly isLink?: (given: string) => boolean;
}

/**
 * Decides whether a watcher may watch a channel, by its password. An open channel never asks the rate
 * limiter, and neither does a watcher that gives no password: players ask without one first.
 *
 * The comparison takes microseconds and no hash, since the channel's password is new with each broadcast
 * and is kept nowhere. Each attempt still holds a slot of its network while it is compared: a wrong one
 * is counted before the next is looked at, so that a burst cannot get ahead of the count; a right one
 * gives its slot back in the same turn of the event loop, so that a thousand watchers behind one address
 * wait for nothing.
 *
 * @throws {Refusal} `busy` when too many attempts of the network wait.
 */
export async function checkChannelPassword(
  limiter: LoginRateLimiter,
  attempted: ChannelPasswordAttempt,
): Promise<AuthDecision> {
  const { remote, user, channel, given = "", expected, isLink } = attempted;
  if (expected === "") return { allow: true };
  if (given === "") return denied("no channel password was given");
  // No user's name has a slash: a channel is never mistaken for a user.
  const attempt = { remote, target: `${user}/${channel}` };
  const outcome = await limiter.guard(
    attempt,
    () => secretsEqual(given, expected) || isLink?.(given) === true,
  );
  if (outcome === "right") return { allow: true };
  if (outcome === "wrong") return denied("the channel password is wrong");
  return uncheckedAttempt(outcome, remote);
}
