import { messageOf, Refusal } from "../../errors.ts";
import { postJson } from "../../net/http_post.ts";
import {
  type AuthDecision,
  type Authenticate,
  authFailure,
  type AuthRequest,
  denied,
} from "../authenticate.ts";
import { TaskLimit } from "../task_limit.ts";

/** Milliseconds that a webhook has for a decision: those of a module, for the same reason. */
export const WEBHOOK_TIMEOUT_MS = 5000;

/** Requests in progress at a time: what any small web server answers at once. */
export const WEBHOOKS_AT_ONCE = 64;

/** Requests that wait: with answers in 50 ms the last one waits less than a second. */
export const MAX_WAITING_WEBHOOKS = 1024;

/** How a webhook is asked. */
export interface WebhookOptions {
  /** Milliseconds for a decision. Default {@linkcode WEBHOOK_TIMEOUT_MS}. */
  readonly timeout?: number;
  /** Requests in progress at a time. Default {@linkcode WEBHOOKS_AT_ONCE}. */
  readonly atOnce?: number;
  /** Requests that wait. Default {@linkcode MAX_WAITING_WEBHOOKS}. */
  readonly maxWaiting?: number;
}

/**
 * Asks the operator's HTTP endpoint instead of the users folder: each broadcast, watch and token
 * request is one POST of the {@linkcode AuthRequest} as JSON. A status of 2xx allows; any other denies,
 * redirects included, except those by which a server says that it cannot answer now: 408, 429 and 5xx.
 *
 * @param url Where to ask, `http` or `https`.
 * @returns The endpoint's decision about a request. It rejects with a `Refusal` (`busy`) without an
 *     answer in time, and when too many requests wait already.
 */
export function webhookMethod(
  url: string,
  options: WebhookOptions = {},
): Authenticate {
  const timeoutMs = options.timeout ?? WEBHOOK_TIMEOUT_MS;
  const limit = new TaskLimit(
    options.atOnce ?? WEBHOOKS_AT_ONCE,
    options.maxWaiting ?? MAX_WAITING_WEBHOOKS,
  );
  return async function byWebhook(request): Promise<AuthDecision> {
    const decision = limit.run(() => ask(url, request, timeoutMs));
    if (decision) return await decision;
    const waiting = `${limit.maxWaiting} requests wait for the webhook`;
    throw new Refusal("busy", "too many sign-ins at once", waiting);
  };
}

/** Statuses below 500 by which a server says that it cannot answer now: RFC 9110 §15.5.9, RFC 6585 §4. */
const UNAVAILABLE = [408, 429];

async function ask(
  url: string,
  request: AuthRequest,
  timeoutMs: number,
): Promise<AuthDecision> {
  const status = await post(url, request, timeoutMs);
  if (status >= 200 && status < 300) return { allow: true };
  const reason = `auth webhook: HTTP status ${status}`;
  if (status < 500 && !UNAVAILABLE.includes(status)) return denied(reason);
  throw authFailure("busy", reason);
}

async function post(
  url: string,
  request: AuthRequest,
  timeoutMs: number,
): Promise<number> {
  try {
    return await postJson(url, request, { timeoutMs });
  } catch (error) {
    throw authFailure("busy", `auth webhook: ${messageOf(error)}`);
  }
}
