import { Refusal } from "../../errors.ts";
import { networkOf } from "../../net/ip_address.ts";
import {
  type AuthDecision,
  type Authenticate,
  type AuthRequest,
  type Denied,
  denied,
} from "../authenticate.ts";
import { HashQueueFullError } from "../passwords/password_check.ts";
import type { AttemptOutcome, LoginRateLimiter } from "./login_rate_limiter.ts";

/** Whether a request signs a user in; to watch needs no user. */
export function isSignIn({ verb }: AuthRequest): boolean {
  return verb !== "watch";
}

/**
 * Whether a request shows a secret or signs a user in. A watcher that shows none is no attempt: watchers
 * behind one address must not be locked out by a broadcaster among them with a wrong password.
 */
export function showsSecret(request: AuthRequest): boolean {
  const { password, token, channelPassword = "" } = request;
  return isSignIn(request) || password !== undefined || token !== undefined ||
    channelPassword !== "";
}

/**
 * The decision about an attempt that was not checked.
 *
 * @throws {Refusal} `busy` when too many attempts of its network wait.
 */
export function uncheckedAttempt(
  outcome: AttemptOutcome,
  remote: string,
): Denied {
  const network = networkOf(remote);
  if (outcome !== "busy") {
    return denied(`too many failed sign-ins from ${network}`);
  }
  throw new Refusal(
    "busy",
    "too many sign-ins at once",
    `too many attempts from ${network} wait to be checked`,
  );
}

/**
 * Puts the rate limiter before a function that decides.
 *
 * @param isAttempt Tells which requests are attempts; the others pass by.
 */
export function withRateLimit(
  authenticate: Authenticate,
  limiter: LoginRateLimiter,
  isAttempt: (request: AuthRequest) => boolean = showsSecret,
): Authenticate {
  return async function limited(request): Promise<AuthDecision> {
    if (!isAttempt(request)) return await authenticate(request);
    const { verb, user, remote } = request;
    // Watching is often allowed whatever is shown, so it proves nothing.
    const attempt = { remote, target: user, provesNothing: verb === "watch" };
    const result: { decision?: AuthDecision; full?: HashQueueFullError } = {};
    const outcome = await limiter.guard(attempt, async () => {
      try {
        result.decision = await authenticate(request);
        return result.decision.allow;
      } catch (error) {
        // A full queue counts as a failure: a remembered password is found without the queue, so this
        // answer tells that the password is not that one.
        if (!(error instanceof HashQueueFullError)) throw error;
        result.full = error;
        return false;
      }
    });
    if (result.full) throw result.full;
    return result.decision ?? uncheckedAttempt(outcome, remote);
  };
}
